import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import type { NamedFormat } from "../../formats/library.ts";

/** Kept weights of a packet. */
export const PACKET = 8;

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
  /** Beats whose weights are dealt out in turn, so that a lane sees few columns: lane k gets weights k·turns, k·turns + 1 ... */
  readonly turns: number;
}

export interface Multipliers {
  readonly lanes: number;
  readonly rowsPerBeat: number;
  readonly tileBlocks: number;
}

/** The ways to multiply that formats need, and the activations that a beat needs for that. */
export interface Beats {
  readonly modes: readonly BeatMode[];
  /** Columns of a window: a beat's weights all belong to one. A power of two up to 16. */
  readonly window: number;
}

type PlainMode = Omit<BeatMode, "turns">;

export function beatsOf(formats: readonly NamedFormat[], multipliers: Multipliers): Beats {
  const modes = new Map<string, PlainMode>();
  for (const { pattern } of formats) {
    const { counted } = pattern;
    for (const kept of counted ? [0, ...pattern.kept] : pattern.kept)
      modes.set(`${kept} ${counted}`, beatMode(kept, counted, multipliers));
  }
  const all = [...modes.values()];
  const window = Math.max(...all.map((mode) => windowOf(mode, formats, 1)));
  return { modes: all.map((mode) => ({ ...mode, turns: turnsOf(mode, formats, window) })), window };
}

function beatMode(
  kept: number,
  counted: boolean,
  { lanes, rowsPerBeat, tileBlocks }: Multipliers,
): PlainMode {
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

const formatsOf = ({ kept, counted }: PlainMode, formats: readonly NamedFormat[]): readonly NamedFormat[] =>
  formats.filter(({ pattern }) => pattern.counted === counted && pattern.kept.includes(kept));

/** Columns of the windows that `turns` neighbouring beats of a row need. */
function windowOf(mode: PlainMode, formats: readonly NamedFormat[], turns: number): number {
  const { kept, weights } = mode;
  const together = Math.min(kept, weights * turns);
  let window = 1;
  for (const { pattern } of formatsOf(mode, formats))
    for (let first = 0; first < kept; first += together)
      for (let place = first; place < first + together; place++) {
        const low = pattern.columnsOf(first).first;
        const { first: begin, count } = pattern.columnsOf(place);
        while (Math.floor(low / window) !== Math.floor((begin + count - 1) / window)) window *= 2;
      }
  return window;
}

/** As many turns as the window has room for, within a packet. */
function turnsOf(mode: PlainMode, formats: readonly NamedFormat[], window: number): number {
  const { kept, weights } = mode;
  let turns = 1;
  while (
    kept > 0 &&
    2 * turns * weights <= Math.min(kept, PACKET) &&
    windowOf(mode, formats, 2 * turns) <= window
  )
    turns *= 2;
  return turns;
}

/** Place in its group of the weight that a lane gets in a beat. */
export function slotOf({ weights, turns }: BeatMode, beat: number, lane: number): number {
  return (beat - (beat % turns)) * weights + lane * turns + (beat % turns);
}

/**
 * What each lane can be asked to pick: columns of the window, in the order in which they are numbered. They are blocks of
 * neighbours, the largest first.
 */
export function laneColumns(
  { modes, window }: Beats,
  formats: readonly NamedFormat[],
  lanes: number,
): readonly (readonly number[])[] {
  return Array.from({ length: lanes }, (_, lane) => {
    const blocks = modes
      .filter((mode) => lane < mode.weights)
      .flatMap((mode) =>
        formatsOf(mode, formats).flatMap(({ pattern }) =>
          Array.from({ length: mode.beatsPerRow }, (_, beat) => {
            const { first, count } = pattern.columnsOf(slotOf(mode, beat, lane) % mode.kept);
            return Array.from({ length: count }, (_, i) => (first + i) % window);
          }),
        ),
      );
    const columns = blocks.sort((a, b) => b.length - a.length || a[0]! - b[0]!).flat();
    return columns.length === 0 ? [0] : [...new Set(columns)];
  });
}

/** Number of the mode in which a format's blocks that keep `kept` weights a row are multiplied. */
export function modeNumber(modes: readonly BeatMode[], { pattern }: NamedFormat, kept: number): number {
  return modes.findIndex((mode) => mode.kept === kept && mode.counted === pattern.counted);
}
