/** Bytes moved over memories' ports, by what they are. */
export interface BytesBySource {
  /** Codes of weights. */
  readonly weights: number;
  /** Scales, indices, counts, headers, and what fills up blocks and words. */
  readonly metadata: number;
  readonly keysAndValues: number;
  /** Embedding row and angles of the position. */
  readonly tables: number;
  readonly program: number;
}

export class ByteCounts implements BytesBySource {
  weights = 0;
  metadata = 0;
  keysAndValues = 0;
  tables = 0;
  program = 0;
}
