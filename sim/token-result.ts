import type { Instruction } from "../src/compile/instruction.ts";
import type { Span } from "./accounting.ts";
import type { BytesBySource } from "./byte-counts.ts";
import type { Sampler } from "./effects/effects.ts";
import type { Written } from "./effects/vector.ts";

/** What one token cost, and what it gave. */
export interface TokenResult {
  readonly position: number;
  readonly cycles: number;
  /** The token that was picked; null for a token of the prompt, or without weights. */
  readonly next: number | null;
  readonly bytes: BytesBySource;
  /** Weights multiplied, those that only fill up a pattern or a block included. */
  readonly multiplications: number;
  readonly instructions: number;
  readonly units: readonly UnitResult[];
}

export interface UnitResult {
  readonly unit: string;
  readonly kind: "matrix" | "vector" | "memory" | "sequencer";
  readonly busy: number;
  readonly stalls: Readonly<Record<string, number>>;
}

/** When an instruction began and was done; the sequencer gave it to its unit at `dispatched`. */
export interface InstructionTime {
  readonly index: number;
  readonly instruction: Instruction;
  readonly operator: string;
  readonly layer: number;
  readonly dispatched: number;
  readonly start: number;
  readonly end: number;
}

/** What a caller may watch while a token runs. */
export interface Watch {
  /** Every vector written, with the operator that wrote it and the number of its instruction. */
  readonly written?: (operator: string, written: Written, index: number) => void;
  readonly timed?: (time: InstructionTime) => void;
  /** Spans of all units are added here. */
  readonly spans?: Span[];
}

export interface TokenInput {
  readonly token: number;
  readonly position: number;
  /** Tokens of a prompt that are taken in together, from `position` on; absent: 1. Timed without weights only. */
  readonly vectors?: number;
  /** Share of the scores of these tokens that is computed: block-sparse attention. Absent: 1. Launches alone can skip blocks. */
  readonly attended?: number;
  /** Picks the next token; null for a token of the prompt, whose logits nobody needs. */
  readonly sampler: Sampler | null;
  /** The vector unit's time differs between picking the largest and drawing. */
  readonly drawing?: boolean;
}
