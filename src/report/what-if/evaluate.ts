import { InputError } from "../../../models/errors.ts";
import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { compare } from "../../roofline/comparison.ts";
import type { GenerationPrediction } from "../../roofline/predict/generation-prediction.ts";
import { type RooflineDevice, withBandwidth } from "../../roofline/predict/roofline-device.ts";
import type { Formats } from "../../roofline/workload/step.ts";
import type { RooflineReportData } from "../roofline-data.ts";
import type { Entry, WhatIf } from "./state.ts";

/** What an entry comes to. */
export type Outcome =
  | {
      readonly kind: "predicted";
      /** With the bandwidth that is assumed. */
      readonly device: RooflineDevice;
      readonly formats: Formats;
      readonly generation: GenerationPrediction;
    }
  /** A device that cannot take part, such as one without a link where several are asked for. */
  | { readonly kind: "impossible"; readonly device: RooflineDevice; readonly why: string };

export interface Evaluated {
  readonly entry: Entry;
  readonly outcome: Outcome;
}

/** Evaluates all entries of a state; those of the first and of the last time are not computed again. */
export function evaluator(data: RooflineReportData): (state: WhatIf) => Evaluated[] {
  let first: ReadonlyMap<string, Outcome> | undefined;
  let last: ReadonlyMap<string, Outcome> = new Map();
  return (state) => {
    const shape = shapeNamed(data, state.shape);
    const next = new Map<string, Outcome>();
    const evaluated = state.entries.map((entry): Evaluated => {
      const { device, weights, sparsity } = entry;
      const key = JSON.stringify([state.shape, state.settings, state.bandwidth, device, weights, sparsity]);
      const outcome =
        first?.get(key) ?? last.get(key) ?? next.get(key) ?? evaluate(data, shape, state, entry);
      next.set(key, outcome);
      return { entry, outcome };
    });
    first ??= next;
    last = next;
    return evaluated;
  };
}

function evaluate(
  data: RooflineReportData,
  shape: TransformerShape,
  { settings, bandwidth }: WhatIf,
  { device: name, weights, sparsity }: Entry,
): Outcome {
  const device = withBandwidth(deviceNamed(data, name), bandwidth);
  try {
    const [predicted] = compare(shape, [{ device, weights, sparsity }], settings);
    return { kind: "predicted", device, formats: predicted!.formats, generation: predicted!.prediction };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof InputError)) throw error;
    return { kind: "impossible", device, why: `${error.message.replace(/\.$/, "")}.` };
  }
}

export function deviceNamed({ devices }: RooflineReportData, name: string): RooflineDevice {
  const device = devices.find((candidate) => candidate.name === name);
  if (device === undefined) throw new RangeError(`the report has no device "${name}"`);
  return device;
}

export function shapeNamed({ shape, shapes }: RooflineReportData, name: string): TransformerShape {
  const found = [shape, ...shapes].find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`the report has no model "${name}"`);
  return found.shape;
}
