import type { LinearName } from "../../models/decoder/weights.ts";
import type { Machine } from "../compile/machine.ts";
import type { ShapeFormats } from "../compile/shape-plan.ts";
import type { StreamFormat } from "../compile/stream-plan.ts";
import { type CompressionSpec, parsePattern, parseWeights } from "../compress/spec.ts";

/** The formats that a compression asks for. */
export function formatsOf({ weights, pattern, head, kv }: CompressionSpec): ShapeFormats {
  const { bits, groupSize } = weights;
  return { layers: { bits, groupSize, pattern }, head, kv, exceptions: {} };
}

/** The formats of a machine's published package. */
export function packagedFormats(stored: NonNullable<Machine["package"]>, kv: 4 | 8): ShapeFormats {
  const { codesOnly } = stored;
  const dense: StreamFormat = { ...parseWeights(stored.weights), pattern: { kind: "dense" }, codesOnly };
  const exceptions = Object.entries(stored.sparsity).map(
    ([name, pattern]) => [name as LinearName, { ...dense, pattern: parsePattern(pattern) }] as const,
  );
  return { layers: dense, head: dense, kv, exceptions: Object.fromEntries(exceptions) };
}

/** The package in which a machine has a shape: its own, where it was left to it how weights are stored. */
export const packageFor = ({ package: stored }: Machine, saysNoFormat: boolean): Machine["package"] =>
  saysNoFormat ? stored : undefined;

/** The formats of that package, or else those that the compression asks for. */
export const shapeFormats = (spec: CompressionSpec, stored: Machine["package"]): ShapeFormats =>
  stored === undefined ? formatsOf(spec) : packagedFormats(stored, spec.kv);
