import { parameterCount } from "../../../models/shapes/transformer.ts";
import { fact } from "../page/cards.js";
import { byId, element } from "../page/dom.js";
import { decimal, percent, si, whole, withUnit } from "../page/format.js";
import { type Outcome, shapeNamed } from "../what-if/evaluate.ts";
import { limitPhrase, relativeUncertainty } from "../what-if/figures.ts";
import { figureText, sigmaText, timeText } from "./numbers.ts";
import type { Draw, Shown, ShownEntry } from "./shown.ts";

/** Title, what is asked, and the answer in a sentence or two. */
export function showHeader(): Draw {
  return (shown) => {
    const { data, state } = shown;
    const { settings } = state;
    byId("title").textContent = data.title;
    byId("facts").replaceChildren(
      fact(
        "Model",
        `${state.shape}, ${si(parameterCount(shapeNamed(data, state.shape)).total, "").trim()} parameters`,
      ),
      fact("Sequences at once", whole(settings.batch)),
      fact("Prompt", withUnit(whole(settings.context), "tokens")),
      fact("Answer", withUnit(whole(settings.newTokens), "tokens")),
      fact("Keys and values", withUnit(String(settings.keysAndValuesBits), "bits")),
      fact(
        "Activations",
        settings.activationBits === null
          ? "as each device computes"
          : withUnit(String(settings.activationBits), "bits"),
      ),
      fact("Attention", settings.flashAttention ? "flash attention" : "scores through memory"),
      fact("Devices that share", whole(settings.tensorParallel)),
      fact("Bandwidth of memories", `×${state.bandwidth}`),
    );
    byId("verdict").textContent = verdict(shown);
    byId("assumed").classList.toggle("unsaid", !shown.isChanged);
    const uncertainties = shown.entries.flatMap(({ outcome }) =>
      outcome.kind === "predicted" ? [relativeUncertainty(outcome.generation.decode)] : [],
    );
    byId("estimated").replaceChildren(
      element("b", {}, "Estimated"),
      " by an analytic model. ± is one standard deviation",
      uncertainties.length === 0
        ? "."
        : `, ${rangeText(uncertainties)} of a time here; where it comes from stands with the `,
      ...(uncertainties.length === 0 ? [] : [element("a", { href: "#devices" }, "devices"), "."]),
    );
  };
}

function rangeText(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? percent(least) : `${percent(least)} to ${percent(most)}`;
}

type Predicted = Extract<Outcome, { kind: "predicted" }>;

function verdict({ entries }: Shown): string {
  const usable = entries.flatMap((entry) =>
    entry.outcome.kind === "predicted" && entry.outcome.generation.missingBytes === 0
      ? [{ entry, outcome: entry.outcome }]
      : [],
  );
  const bySpeed = [...usable].sort(
    (a, b) => b.outcome.generation.decodeTokensPerSecond - a.outcome.generation.decodeTokensPerSecond,
  );
  const [best, second] = bySpeed;
  if (entries.length === 0) return "Nothing is compared: add a device.";
  if (best === undefined) return "The model fits none of the devices.";
  const ratio =
    second === undefined
      ? ""
      : `, ${decimal(best.outcome.generation.decodeTokensPerSecond / second.outcome.generation.decodeTokensPerSecond)} times as fast as ${second.entry.label}`;
  return `${sentence(best)}${ratio}.${unfitting(entries)}`;
}

function sentence({ entry, outcome }: { entry: ShownEntry; outcome: Predicted }): string {
  const { generation } = outcome;
  const speed = generation.decodeTokensPerSecond;
  return (
    `${entry.label} decodes ${figureText(speed, "token/s")} (${sigmaText(speed, relativeUncertainty(generation.decode) * speed)}), ` +
    `the first token after ${timeText(generation.timeToFirstTokenSeconds)}, bound by ${limitPhrase(generation.decode.limit)}`
  );
}

function unfitting(entries: readonly ShownEntry[]): string {
  const not = entries.filter(
    ({ outcome }) => outcome.kind === "predicted" && outcome.generation.missingBytes > 0,
  );
  return not.length === 0 ? "" : ` The model does not fit ${not.map(({ label }) => label).join(", ")}.`;
}
