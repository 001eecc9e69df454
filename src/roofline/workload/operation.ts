/** Bytes that an operation moves, by what they are. */
export interface Traffic {
  readonly weights: number;
  readonly scales: number;
  /** Indices of kept weights, and counts before blocks. */
  readonly indices: number;
  readonly activationsRead: number;
  readonly activationsWritten: number;
  readonly keysAndValuesRead: number;
  readonly keysAndValuesWritten: number;
  /** Instructions, where the machine reads them from memory. */
  readonly program: number;
}

export const TRAFFIC_SOURCES = [
  "weights",
  "scales",
  "indices",
  "activationsRead",
  "activationsWritten",
  "keysAndValuesRead",
  "keysAndValuesWritten",
  "program",
] as const satisfies readonly (keyof Traffic)[];

export const NO_TRAFFIC: Traffic = {
  weights: 0,
  scales: 0,
  indices: 0,
  activationsRead: 0,
  activationsWritten: 0,
  keysAndValuesRead: 0,
  keysAndValuesWritten: 0,
  program: 0,
};

/** Sizes of the kernel that a processor's program starts for an operation; what is known besides bytes and operations. */
export type KernelSizes =
  /** A matrix product; several operations on the same inputs are one product, `fusedOutputs` wide. */
  | {
      readonly kind: "gemm";
      readonly tokens: number;
      readonly inputs: number;
      readonly outputs: number;
      readonly fusedOutputs: number;
    }
  /** `operands` vectors a token go in, one comes out. */
  | {
      readonly kind: "norm" | "activation" | "add";
      readonly tokens: number;
      readonly elements: number;
      readonly operands: number;
    }
  | { readonly kind: "rotary"; readonly tokens: number; readonly queries: number; readonly keys: number }
  /** Rows looked up in a table. */
  | { readonly kind: "gather"; readonly tokens: number; readonly elements: number };

/** One operator of a step as one of `parallel` devices runs it: what it computes and what it moves. */
export interface Operation {
  readonly name: string;
  readonly part: "embedding" | "attention" | "feed-forward" | "head";
  /** What computes it: the matrix unit, the matrix unit on cached keys and values, lanes, nothing, or the link. */
  readonly kind: "linear" | "attention" | "vector" | "table" | "collective";
  /** Times that it runs in a step: once a layer, or once. */
  readonly repeat: number;
  /** Activation vectors that share a pass over a matrix, or over keys and values. */
  readonly together: number;
  /** Of the wider operand of the matrix unit's products; 0 where it has nothing to do. */
  readonly operandBits: number;
  /** Of the matrix unit, two for each multiply-accumulate, on weights that are kept. */
  readonly matrixOperations: number;
  /** Of every four neighbours at least two are zero: what sparse matrix units know. */
  readonly twoOfFour: boolean;
  /** The same without pruning. */
  readonly denseMatrixOperations: number;
  /** On lanes: norms, softmax, activations, rotary embedding, additions. */
  readonly vectorOperations: number;
  /** To unpack stored weights, on a processor that has no decoder beside its memory. */
  readonly decodeOperations: number;
  readonly traffic: Traffic;
  /**
   * Bytes that stand together in memory and are read or written at once: they decide how much of the peak is had. A matrix is
   * spread over all channels; a block of keys or values stands in one.
   */
  readonly accessBytes: { readonly weights: number; readonly keysAndValues: number };
  /** Bytes that a collective brings to, or takes from, each device over its link. */
  readonly linkBytes: number;
  /** Messages that follow each other on the link. */
  readonly linkSteps: number;
  /** null: of no kind that was measured. */
  readonly kernel: KernelSizes | null;
}

/** Kernels that an operation starts: products on the same inputs share one. */
export const kernelsOf = ({ kernel }: Pick<Operation, "kernel">): number =>
  kernel?.kind === "gemm" ? kernel.outputs / kernel.fusedOutputs : 1;

/** An operation that does nothing yet, to be filled in. */
export const operation = (
  base: Pick<Operation, "name" | "part" | "kind" | "repeat">,
  what: Partial<Omit<Operation, "name" | "part" | "kind" | "repeat" | "traffic">> & {
    readonly traffic?: Partial<Traffic>;
  } = {},
): Operation => ({
  together: 1,
  operandBits: 0,
  twoOfFour: false,
  matrixOperations: 0,
  denseMatrixOperations: what.matrixOperations ?? 0,
  vectorOperations: 0,
  decodeOperations: 0,
  accessBytes: { weights: 0, keysAndValues: 0 },
  linkBytes: 0,
  linkSteps: 0,
  kernel: null,
  ...base,
  ...what,
  traffic: { ...NO_TRAFFIC, ...what.traffic },
});

export const totalBytes = (traffic: Traffic): number =>
  TRAFFIC_SOURCES.reduce((sum, source) => sum + traffic[source], 0);

export function addTraffic(a: Traffic, b: Traffic, times = 1): Traffic {
  return {
    weights: a.weights + times * b.weights,
    scales: a.scales + times * b.scales,
    indices: a.indices + times * b.indices,
    activationsRead: a.activationsRead + times * b.activationsRead,
    activationsWritten: a.activationsWritten + times * b.activationsWritten,
    keysAndValuesRead: a.keysAndValuesRead + times * b.keysAndValuesRead,
    keysAndValuesWritten: a.keysAndValuesWritten + times * b.keysAndValuesWritten,
    program: a.program + times * b.program,
  };
}
