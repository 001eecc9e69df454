import { predictedSteps } from "../roofline/calibration/framework-step.ts";
import { publishedSpeedRows } from "./published-speeds.ts";
import type { LedgerRow } from "./row.ts";

/**
 * Published times of whole steps: decode steps and prompts in frameworks, each with one figure fitted for it, then decode
 * speeds on other devices.
 */
export const decodeSpeedRows = (): readonly LedgerRow[] => [...frameworkRows(), ...publishedSpeedRows()];

const frameworkRows = (): readonly LedgerRow[] =>
  predictedSteps().map(
    ({ measured, measuredSeconds, predictedSeconds, uncertaintySeconds, kind }): LedgerRow => {
      const { framework, phase, model, device, weights, batch, context, prompt } = measured;
      const sequences = batch === 1 ? "" : `batch ${batch}, `;
      const size = phase === "decode" ? `${sequences}context ${context}` : `prompt of ${prompt}`;
      return {
        section: phase === "decode" ? "decode-speeds" : "prefill-speeds",
        what: `${model} ${weights} on ${device} in ${framework}, ${size}`,
        unit: "ms",
        predicted: 1e3 * predictedSeconds,
        uncertainty: 1e3 * uncertaintySeconds,
        measured: 1e3 * measuredSeconds,
        kind,
        measuredBy: measured.measuredBy,
        source: measured.source,
        groups: { framework },
      };
    },
  );
