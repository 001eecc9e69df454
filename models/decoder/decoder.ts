import type { LlamaShape } from "./shape.ts";

/** One running sequence: a decoder with its keys and values. */
export interface DecoderSession {
  /** Tokens taken in so far. */
  readonly length: number;
  /**
   * Takes `ids` in at positions `length`, `length + 1`, …
   * @returns logits of each of them, row-major [ids.length × vocabSize]
   */
  extend(ids: readonly number[]): Float32Array;
  /** Forgets every token from position `length` on. */
  truncate(length: number): void;
}

/** What the float decoder and the integer decoder have in common, so that one evaluation serves both. */
export interface Decoder {
  readonly shape: LlamaShape;
  start(): DecoderSession;
}
