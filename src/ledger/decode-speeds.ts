import { predictedSteps } from "../roofline/calibration/framework-step.ts";
import type { LedgerRow } from "./row.ts";

/** Published times of whole steps: decode, with one figure fitted for each framework, and prompts. */
export function decodeSpeedRows(): readonly LedgerRow[] {
  return predictedSteps().map(
    ({ measured, measuredSeconds, predictedSeconds, uncertaintySeconds, kind }): LedgerRow => {
      const { framework, phase, model, device, weights, batch, context, prompt } = measured;
      const program = framework === "own" ? "" : ` in ${framework}`;
      const size = phase === "decode" ? `batch ${batch}, context ${context}` : `prompt of ${prompt}`;
      return {
        section: phase === "decode" ? "decode-speeds" : "prefill-speeds",
        what: `${model} ${weights} on ${device}${program}, ${size}`,
        unit: "ms",
        predicted: 1e3 * predictedSeconds,
        uncertainty: 1e3 * uncertaintySeconds,
        measured: 1e3 * measuredSeconds,
        kind,
        measuredBy: measured.measuredBy,
        source: measured.source,
        groups: { framework: framework === "own" ? "none" : framework },
      };
    },
  );
}
