import type { Footprint } from "../workload/footprint.ts";
import type { RooflineDevice } from "./roofline-device.ts";

/** What stays on the chip from step to step, and what streams. */
export interface Residency {
  /** Activations pass between operations without leaving the chip. */
  readonly activations: boolean;
  /** Shares of what is read in a step that need not be. */
  readonly weights: number;
  readonly keysAndValues: number;
  /** Bytes of the chip that are taken. */
  readonly bytes: number;
}

/** Of a cache: what an operation writes and the next reads shares it with what streams by. */
const CACHE_FOR_ACTIVATIONS = 0.5;

/**
 * Fills the chip with what saves most for its bytes: activations, which are written and read; keys and values, which
 * are read and grow; weights, which are read. A cache keeps no weights: each step reads through all of them, and what
 * was used longest ago is what comes next.
 */
export function residencyOf(device: RooflineDevice, footprint: Footprint): Residency {
  const { kind, bytes } = device.onChip;
  const activations = footprint.activations <= (kind === "cache" ? CACHE_FOR_ACTIVATIONS : 1) * bytes;
  if (kind === "cache") {
    return { activations, weights: 0, keysAndValues: 0, bytes: activations ? footprint.activations : 0 };
  }
  const afterActivations = bytes - (activations ? footprint.activations : 0);
  const keysAndValues = Math.min(afterActivations, footprint.keysAndValues);
  const weights = Math.min(afterActivations - keysAndValues, footprint.weights);
  const share = (held: number, all: number): number => (all === 0 ? 0 : held / all);
  return {
    activations,
    keysAndValues: share(keysAndValues, footprint.keysAndValues),
    weights: share(weights, footprint.weights),
    bytes: bytes - afterActivations + keysAndValues + weights,
  };
}
