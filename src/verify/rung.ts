import type { Difference } from "./difference.ts";

/** A step of the ladder of proof: two forms of the decoder held against each other. */
export interface Rung {
  readonly rung: number;
  /** Which two, such as "circuit, compiled simulation = simulator". */
  readonly what: string;
  /** Numbers that were compared: words, codes, outputs. */
  readonly compared: number;
  /** Cycles in which they were. */
  readonly cycles: number;
  /** Null where it was not climbed. */
  readonly equal: boolean | null;
  /** Why it was not climbed, where it failed, or how close it is. */
  readonly why: string | null;
  /** Share of the cycles in which units worked and memories' ports moved words, by the circuit's own counters. */
  readonly shares?: Readonly<Record<string, number>>;
  /** The first difference of a circuit. */
  readonly difference?: Difference;
  /** Waveforms around it. */
  readonly vcd?: string;
}

export const notClimbed = (rung: number, what: string, why: string): Rung => ({
  rung,
  what,
  compared: 0,
  cycles: 0,
  equal: null,
  why,
});
