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
  /** Vectors that go through memory between operators. */
  readonly vectors: number;
}

export const BYTE_SOURCES = [
  "weights",
  "metadata",
  "keysAndValues",
  "tables",
  "program",
  "vectors",
] as const satisfies readonly (keyof BytesBySource)[];

export class ByteCounts implements BytesBySource {
  weights = 0;
  metadata = 0;
  keysAndValues = 0;
  tables = 0;
  program = 0;
  vectors = 0;

  static of(bytes: BytesBySource): readonly number[] {
    return BYTE_SOURCES.map((source) => bytes[source]);
  }

  /** All counts, in the order of `BYTE_SOURCES`. */
  get counts(): readonly number[] {
    return ByteCounts.of(this);
  }

  countMore(more: readonly number[]): void {
    for (const [place, source] of BYTE_SOURCES.entries()) this[source] += more[place]!;
  }
}
