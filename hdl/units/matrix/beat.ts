import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import type { NamedFormat } from "../../formats/library.ts";

/** What multiplies in a cycle for rows that keep `kept` weights. */
export interface BeatMode {
  /** 0: a skipped block, whose rows are scaled without new products. */
  readonly kept: number;
  /** Of a format whose blocks count for themselves, one after the other. */
  readonly counted: boolean;
  /** Weights that are multiplied in a cycle. */
  readonly weights: number;
  /** Rows that a cycle works on: those that end in it, or the one that goes on. */
  readonly rows: number;
  /** Cycles of a row. */
  readonly beatsPerRow: number;
}

interface Multipliers {
  readonly lanes: number;
  readonly rowsPerBeat: number;
  readonly tileBlocks: number;
}

/** All ways to multiply that these formats need. */
export function beatModes(formats: readonly NamedFormat[], multipliers: Multipliers): readonly BeatMode[] {
  const modes = new Map<string, BeatMode>();
  for (const { pattern } of formats) {
    const { counted } = pattern;
    for (const kept of counted ? [0, ...pattern.kept] : pattern.kept)
      modes.set(`${kept} ${counted}`, beatMode(kept, counted, multipliers));
  }
  return [...modes.values()];
}

function beatMode(kept: number, counted: boolean, { lanes, rowsPerBeat, tileBlocks }: Multipliers): BeatMode {
  const rowsAtHand = counted ? BLOCK : BLOCK * tileBlocks;
  const weights = Math.min(lanes, rowsPerBeat * kept, rowsAtHand * kept);
  if (kept === 0) return { kept, counted, weights, rows: Math.min(rowsPerBeat, rowsAtHand), beatsPerRow: 1 };
  return {
    kept,
    counted,
    weights,
    rows: Math.max(1, weights / kept),
    beatsPerRow: Math.max(1, kept / weights),
  };
}

/** Number of the mode in which a format's blocks that keep `kept` weights a row are multiplied. */
export function modeNumber(modes: readonly BeatMode[], { pattern }: NamedFormat, kept: number): number {
  return modes.findIndex((mode) => mode.kept === kept && mode.counted === pattern.counted);
}
