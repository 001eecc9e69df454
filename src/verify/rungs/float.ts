import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LoadedModel } from "../../experiment/prepare.ts";
import { notClimbed, type Rung } from "../rung.ts";

const WHAT = "float decoder = another implementation";
/** Of the largest logit. */
const TOLERANCE = 1e-4;

const goldenSchema = z.object({
  cases: z.array(z.object({ text: z.string(), ids: z.array(z.int()), logitsAtLast: z.array(z.number()) })),
});

/** Logits of the float decoder against those that another implementation computed (PyTorch in float64), where a model has some. */
export function floatRung(model: LoadedModel): Rung {
  const file = join(model.checkpoint.folder, "golden-logits.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return notClimbed(0, WHAT, "the model has no golden-logits.json");
  }
  const { cases } = goldenSchema.parse(JSON.parse(text));
  let compared = 0;
  let furthest = 0;
  for (const { ids, logitsAtLast } of cases) {
    const last = model.float.start().extend(ids).subarray(-logitsAtLast.length);
    const largest = Math.max(...logitsAtLast.map(Math.abs));
    for (const [i, logit] of logitsAtLast.entries()) {
      compared++;
      furthest = Math.max(furthest, Math.abs((last[i] ?? Number.NaN) - logit) / largest);
    }
  }
  return {
    rung: 0,
    what: WHAT,
    compared,
    cycles: 0,
    equal: furthest < TOLERANCE,
    why: `furthest apart ${furthest.toExponential(1)} of the largest logit; ${TOLERANCE.toExponential(0)} is allowed`,
  };
}
