import type { TransformerShape } from "../../models/shapes/transformer.ts";
import type { RooflineDevice } from "../roofline/predict/roofline-device.ts";
import type { Scenario } from "../roofline/scenario.ts";
import type { WeightWords } from "../roofline/workload/format-words.ts";

/**
 * What the roofline's report is made of, as plain JSON-able data: not its results, but what they follow from. The page
 * computes them with the modules of `src/roofline`, so that it can compute others. Names and texts may come from an
 * untrusted checkpoint or description: the page shows them as text alone.
 */
export interface RooflineReportData {
  readonly schema: "accel/roofline-report@1";
  readonly title: string;
  readonly shape: NamedShape;
  /** Others to choose from in the page. */
  readonly shapes: readonly NamedShape[];
  /** Those asked for first, then others to choose from; each name once, with the bandwidth that they have. */
  readonly devices: readonly RooflineDevice[];
  /** Its `weights` and `sparsity` are those of an entry that is added in the page. */
  readonly scenario: Scenario;
  /** Every memory is assumed to be so many times as fast as it is. */
  readonly bandwidth: number;
  /** What is compared. */
  readonly entries: readonly ReportEntry[];
  /** Where figures come from and what they leave out, a sentence or two each. */
  readonly notes: readonly string[];
}

export interface NamedShape {
  readonly name: string;
  readonly shape: TransformerShape;
}

/** A device with a format of weights. */
export interface ReportEntry extends WeightWords {
  /** A device's name. */
  readonly device: string;
}

/** @throws RangeError where a name stands for two devices or shapes, or for none */
export function checkRooflineData({ shape, shapes, devices, entries }: RooflineReportData): void {
  for (const names of [devices.map(({ name }) => name), [shape, ...shapes].map(({ name }) => name)]) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      throw new RangeError(`a report names each device and model once, but "${twice}" twice`);
  }
  const missing = entries.find(({ device }) => !devices.some(({ name }) => name === device));
  if (missing !== undefined)
    throw new RangeError(`a report's entry names the device "${missing.device}", which it lacks`);
}
