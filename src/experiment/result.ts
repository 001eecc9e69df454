/** Version of the object that `accel sim --json` prints; it changes when a field changes its meaning or goes. */
export const SIMULATION_SCHEMA = "accel/sim@1";

/** What is said of a package that counts no more than codes. */
export const CODES_ONLY = "codes alone: scales and indices not counted";

/** What `accel sim --json` prints; `docs/json.md` says it for people. */
export interface SimulationResult {
  readonly schema: typeof SIMULATION_SCHEMA;
  readonly model: string;
  readonly machine: string;
  readonly device: string;
  /** In the words of the command line. */
  readonly compression: {
    readonly weights: string;
    readonly sparsity: string;
    readonly head: string;
    readonly keysAndValues: number;
    readonly method: string;
    /** Whether scales and indices are left out of all counts, as the machine's published package leaves them out. */
    readonly codesOnly: boolean;
  };
  readonly prompt: string;
  /** The continuation that the simulated machine wrote. */
  readonly text: string;
  /** Tokens generated, or timed. */
  readonly tokens: number;
  readonly tokenIds: readonly number[];
  readonly promptTokens: number;
  /** Tokens that the machine has room for. */
  readonly context: number;
  /** Mean over the generated tokens. */
  readonly cyclesPerToken: number;
  readonly tokensPerSecond: number;
  readonly clockMHz: number;
  /** From the first token of the prompt to the first generated one; null where the prompt was not simulated. */
  readonly timeToFirstTokenSeconds: number | null;
  /** Means over the generated tokens, of all cores. */
  readonly bytesPerToken: {
    readonly weights: number;
    /** Scales, indices, counts, headers, and what fills up blocks and words. */
    readonly metadata: number;
    readonly keysAndValues: number;
    /** Embedding row and angles. */
    readonly tables: number;
    readonly program: number;
    /** Vectors between operators, where they go through memory. */
    readonly vectors: number;
    readonly total: number;
  };
  /** Bits stored for a weight of the dense model, with everything that its format needs; head included. */
  readonly bitsPerWeight: number;
  readonly bound: { readonly kind: "compute" | "memory" | "vector"; readonly resource: string };
  /** Busy share of the cycles, by unit and memory, of several cores that of the one with the largest share; `multipliers` is the share of all products that could have been. */
  readonly utilisation: Readonly<Record<string, number>>;
  /** Cycles in which each unit and memory did not work, by cause; means over the generated tokens. */
  readonly stalls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Time that the roofline allows over time taken. */
  readonly rooflineShare: number;
  /** Null without text to measure on. */
  readonly quality: Quality | null;
  readonly wordsCompared: number;
  readonly wordsEqual: number;
  readonly firstDifference: {
    readonly position: number;
    readonly operator: string;
    readonly index: number;
    readonly expected: number;
    readonly got: number | null;
  } | null;
  /** Where the figures come from. */
  readonly provenance: Readonly<
    Record<string, "simulated" | "measured" | "estimated" | "data sheet" | "quoted">
  >;
}

/** Quality of exactly the weights that were simulated, beside that of the model as it came. */
export interface Quality {
  readonly perplexity: number;
  /** Share of the questions answered right. */
  readonly answers: number | null;
  readonly densePerplexity: number;
  readonly denseAnswers: number | null;
  /** What it was measured on. */
  readonly note: string;
}
