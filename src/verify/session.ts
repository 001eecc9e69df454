import { dyadic } from "../../models/decoder/integer/norm.ts";
import type { BoardToken } from "./board.ts";

/** Tokens that machines are run with, one after the other. */
export interface Session {
  /** Ids that go in: the prompt's, then those that were picked. */
  readonly ids: readonly number[];
  /** Logits are wanted from this position on. */
  readonly samplesFrom: number;
  readonly sampling: { readonly temperature: number; readonly seed: number } | null;
}

/** What a board is told of each token. */
export function boardTokens({ ids, samplesFrom, sampling }: Session): BoardToken[] {
  const temperature = sampling === null ? null : dyadic(Math.LOG2E / sampling.temperature);
  return ids.map((token, position) => ({ token, position, sampling: position >= samplesFrom, temperature }));
}
