import type { CompressedModel } from "../../../models/formats/compressed-model.ts";
import type { LoadedModel } from "../../experiment/prepare.ts";
import { QualityMeter } from "../../experiment/quality.ts";
import { notClimbed, type Rung } from "../rung.ts";

const WHAT = "integer decoder beside float decoder";
const SIZE = { stories: 12, questions: 16, seed: 0 };

/** What compression and integers cost: no comparison of words, so nothing can be equal; both figures are told. */
export function integerRung(model: LoadedModel, compressed: CompressedModel): Rung {
  const quality = new QualityMeter(model, SIZE).measure(compressed);
  if (quality === null) return notClimbed(1, WHAT, "the model has no text of its own to measure on");
  const { perplexity, densePerplexity, answers, denseAnswers, note } = quality;
  const percent = (share: number | null): string =>
    share === null ? "none" : `${(100 * share).toFixed(1)} %`;
  return notClimbed(
    1,
    WHAT,
    `measured, not compared: perplexity ${perplexity.toFixed(4)} (float ${densePerplexity.toFixed(4)}), answers ${percent(answers)} (float ${percent(denseAnswers)}) on ${note}`,
  );
}
