/**
 * What the HTML report shows, as plain JSON-able data: whoever has run a simulation fills it in, the report only draws.
 * Every number is finite. Names and texts may come from an untrusted checkpoint: the page shows them as text alone.
 */
export interface ReportData {
  readonly title: ReportTitle;
  readonly headline: Headline;
  /** Where the figures of each group come from; printed beside them. */
  readonly provenance: Readonly<Record<FigureGroup, Provenance>>;
  readonly roofline: Roofline;
  /** The timeline, the operators and the stalls are of one and the same token. */
  readonly timeline: Timeline;
  /** In the order in which they run, one entry a layer. */
  readonly operators: readonly OperatorFigures[];
  /** Where each unit's cycles went. */
  readonly stalls: readonly UnitCycles[];
  readonly ladder: readonly Rung[];
}

/** How a figure was obtained: counted by the simulator, run for real, computed by a model, or taken from a source. */
export type Provenance = "simulated" | "measured" | "estimated" | "quoted";

/** Figures that share one origin. */
export type FigureGroup =
  | "speed"
  | "clock"
  | "bytes"
  | "utilisation"
  | "quality"
  | "roofline"
  | "operators"
  | "timeline";

export interface ReportTitle {
  readonly model: string;
  /** Its name; with the model's it is the heading. */
  readonly machine: string;
  /** What the machine is, in a few words. */
  readonly machineSummary?: string;
  /** Cores side by side: bytes and operations are of all, units and cycles of the first. Absent: one. */
  readonly cores?: number;
  readonly device: string;
  /** Such as "2:4 + w4g32, kv8". */
  readonly compression: string;
  readonly prompt: string;
  /** The continuation of the prompt that the simulated machine wrote. */
  readonly text: string;
}

export interface Headline {
  /** Tokens simulated. */
  readonly tokens: number;
  /** Mean over them. */
  readonly cyclesPerToken: number;
  readonly tokensPerSecond: number;
  readonly clockMHz: number;
  readonly bytesPerToken: BytesBySource & { readonly total: number };
  /** Stored bits of a weight of the dense matrix, scales and indices included. */
  readonly bitsPerWeight: number;
  /** What the machine waits for: `kind` as "memory", "compute" or "vector"; `resource` names the unit or memory. */
  readonly bound: { readonly kind: string; readonly resource: string };
  /** Busy share of the token's cycles, 0 to 1, by unit and memory. */
  readonly utilisation: Readonly<Record<string, number>>;
  /** Speed reached, as a share (0 to 1) of what the roofline allows. */
  readonly rooflineShare: number;
  /** Null where only timing was simulated. */
  readonly quality: Quality | null;
  /** Words held against the integer decoder, and how many of them agreed. */
  readonly wordsCompared: number;
  readonly wordsEqual: number;
}

/** Bytes that cross a memory's pins. */
export interface BytesBySource {
  readonly weights: number;
  /** Scales and sparse indices. */
  readonly metadata: number;
  readonly keysAndValues: number;
  /** Vectors between operators; absent where they never leave the chip. */
  readonly activations?: number;
  readonly program: number;
}

export interface Quality {
  readonly perplexity: number;
  /** Share of the questions answered right, 0 to 1; null where none were asked. */
  readonly answers: number | null;
  /** The same of the uncompressed model. */
  readonly densePerplexity: number;
  readonly denseAnswers: number | null;
  /** On what it was measured, such as "2,048 held-out tokens, 200 questions". */
  readonly note: string;
}

/** The ceilings of the machine; the first of each list bounds the whole decoder, and the two meet at the ridge point. */
export interface Roofline {
  readonly computeCeilings: readonly [ComputeCeiling, ...ComputeCeiling[]];
  readonly memoryCeilings: readonly [MemoryCeiling, ...MemoryCeiling[]];
}

export interface ComputeCeiling {
  readonly name: string;
  readonly opsPerSecond: number;
}

export interface MemoryCeiling {
  readonly name: string;
  readonly bytesPerSecond: number;
}

export interface OperatorFigures {
  /** The same in every layer ("q", "softmax"): the table folds the layers of a name into one row. */
  readonly name: string;
  /** The family that the roofline colours by: "linear", "attention", "norm", … */
  readonly kind: string;
  /** Null outside the layers. */
  readonly layer: number | null;
  /** Times that it runs for one token. */
  readonly count: number;
  /** Operations for one token; a multiply-accumulate is two. */
  readonly operations: number;
  /** Data that it moves for one token; the fetch of its instructions is not among them. */
  readonly bytes: Omit<BytesBySource, "program">;
  readonly bound: string;
  /**
   * Its share of the token's cycles: those of all operators sum to `timeline.cycles` or less. Bytes that were fetched
   * ahead, while another operator ran, can make it faster than `attainableOpsPerSecond`.
   */
  readonly cycles: number;
  /** What the lowest ceiling over it allows. */
  readonly attainableOpsPerSecond: number;
}

/** What every unit did during one token. The page stays quick with 40,000 spans in all, about 12 bytes each. */
export interface Timeline {
  /** The token's position in the sequence. */
  readonly position: number;
  readonly cycles: number;
  readonly tracks: readonly TimelineTrack[];
}

export interface TimelineTrack {
  readonly unit: string;
  /** Ordered and apart: each starts at or after the end of the one before. Cycles between spans are idle. */
  readonly spans: readonly TimelineSpan[];
}

/** `busy` works, `stall` is held up by a resource, `wait` has nothing to do until another unit is done. */
export type SpanKind = "busy" | "stall" | "wait";

export interface TimelineSpan {
  /** First cycle, and the cycle after the last: integers. */
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly kind: SpanKind;
  /** For a stall or a wait, in the same words as in `stalls`. */
  readonly cause?: string;
}

export interface UnitCycles {
  readonly unit: string;
  readonly busy: number;
  /** Cycles by cause, stalls and waits alike. Those left of the token are idle. */
  readonly stalls: Readonly<Record<string, number>>;
}

/** A rung of the ladder of proof. */
export interface Rung {
  readonly rung: number;
  /** What is held against what. */
  readonly what: string;
  /** Null: not climbed. */
  readonly equal: boolean | null;
  readonly why: string;
}
