import { decodeOperators, type Operator } from "../../models/decoder/operators.ts";
import type { LinearName } from "../../models/decoder/weights.ts";
import { shareIn } from "../compile/layout.ts";
import { alignmentOf, memoryHolding } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { ownOperators } from "../compile/share.ts";
import type { StreamPlan } from "../compile/stream-plan.ts";

/** Bytes that an operator moves over memories' ports, by source. */
export interface SourceBytes {
  readonly weights: number;
  /** Scales, indices, counts, headers and what fills up blocks and words. */
  readonly metadata: number;
  readonly keysAndValues: number;
  /** Embedding row and angles. */
  readonly tables: number;
}

/** What an operator costs for one token, whatever computes it. */
export interface OperatorCost {
  readonly name: string;
  readonly kind: Operator["kind"];
  readonly layer: number | null;
  /** Operations on numbers that are there; a multiply-accumulate is two. */
  readonly operations: number;
  /** Of these, those of the matrix unit: two for each kept weight or cached code. */
  readonly matrixOperations: number;
  /** Operations that the same operator has without pruning. */
  readonly denseOperations: number;
  readonly bytes: SourceBytes;
}

const NO_BYTES: SourceBytes = { weights: 0, metadata: 0, keysAndValues: 0, tables: 0 };

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/**
 * Operations of the vector unit for each element, counted on the integer formulas of `docs/numerics.md`: an exponential is a
 * table and products. Of devices in general, workload/vector.ts counts those of floats.
 */
const VECTOR_OPERATIONS = {
  norm: 2,
  quantize: 2,
  silu: 8,
  add: 4,
  rotate: 3,
  softmax: 10,
  scale: 2,
  sample: 1,
} as const;

/** Costs of all operators of a token at `position`, from the operator list that the compiler works through. */
export function decodeCosts(program: Program, position: number): OperatorCost[] {
  const { plan } = program;
  const { before, layer, after } = ownOperators(decodeOperators(plan.shape), shareIn(plan));
  const cost = (operator: Operator, index: number | null): OperatorCost =>
    operatorCost(program, operator, index, position);
  return [
    ...before.map((operator) => cost(operator, null)),
    ...plan.layers.flatMap((_, index) => layer.map((operator) => cost(operator, index))),
    ...after.map((operator) => cost(operator, null)),
  ];
}

/** The same, but layers that are alike are summed up: as good for a bound, and many times quicker for a deep model. */
export function summedCosts(program: Program, position: number): OperatorCost[] {
  const { layers } = program.plan;
  if (!layers.every((layer) => layer === layers[0])) return decodeCosts(program, position);
  const one = decodeCosts({ ...program, plan: { ...program.plan, layers: layers.slice(0, 1) } }, position);
  return one.map((cost) => (cost.layer === null ? cost : times(cost, layers.length)));
}

function times(cost: OperatorCost, count: number): OperatorCost {
  const { weights, metadata, keysAndValues, tables } = cost.bytes;
  return {
    ...cost,
    operations: count * cost.operations,
    matrixOperations: count * cost.matrixOperations,
    denseOperations: count * cost.denseOperations,
    bytes: {
      weights: count * weights,
      metadata: count * metadata,
      keysAndValues: count * keysAndValues,
      tables: count * tables,
    },
  };
}

function operatorCost(
  program: Program,
  operator: Operator,
  layer: number | null,
  position: number,
): OperatorCost {
  const base = { name: operator.name, kind: operator.kind, layer };
  const onVectors = (operations: number, bytes: SourceBytes = NO_BYTES): OperatorCost => ({
    ...base,
    operations,
    matrixOperations: 0,
    denseOperations: operations,
    bytes,
  });
  switch (operator.kind) {
    case "embed": {
      const { wordBytes } = memoryHolding(program.machine, "tables");
      const tables =
        roundUp(operator.size + 1, wordBytes) + roundUp(2 * program.plan.shape.headDim, wordBytes);
      return onVectors(0, { ...NO_BYTES, tables });
    }
    case "norm":
    case "silu":
    case "add":
    case "sample":
      return onVectors(VECTOR_OPERATIONS[operator.kind] * operator.size);
    case "quantize":
      return onVectors(VECTOR_OPERATIONS.quantize * operator.size);
    case "remember":
      return onVectors(
        operator.kvHeads * operator.headDim * (VECTOR_OPERATIONS.rotate + 2 * VECTOR_OPERATIONS.quantize),
        {
          ...NO_BYTES,
          keysAndValues: operator.kvHeads * ((2 * operator.headDim * program.plan.kvBits) / 8 + 2),
        },
      );
    case "attend": {
      const tokens = position + 1;
      const products = 2 * 2 * operator.heads.length * operator.headDim * tokens;
      const perHead =
        operator.headDim * (VECTOR_OPERATIONS.rotate + VECTOR_OPERATIONS.quantize + VECTOR_OPERATIONS.scale);
      const operations = products + operator.heads.length * (perHead + VECTOR_OPERATIONS.softmax * tokens);
      const bytes = { ...NO_BYTES, keysAndValues: attendedBytes(program, operator.heads.length, position) };
      return { ...base, operations, matrixOperations: products, denseOperations: operations, bytes };
    }
    case "linear": {
      const plan =
        operator.matrix === "head"
          ? program.plan.head
          : program.plan.layers[layer!]![operator.matrix as LinearName]!;
      const matrixOperations = 2 * keptWeights(plan);
      const streamed = roundUp(plan.bytes.total, alignmentOf(memoryHolding(program.machine, "weights")));
      const bytes = { ...NO_BYTES, weights: plan.bytes.codes, metadata: streamed - plan.bytes.codes };
      return {
        ...base,
        operations: matrixOperations,
        matrixOperations,
        denseOperations: 2 * plan.rows * plan.cols,
        bytes,
      };
    }
  }
}

/** Weights of a matrix that are stored, without those that fill up its last blocks. */
function keptWeights({ rows, cols, kept }: StreamPlan): number {
  if (typeof kept === "number") return (rows * cols * kept) / 16;
  return (rows * cols * kept.reduce((sum, count) => sum + count, 0)) / (16 * kept.length);
}

/** Bytes of keys, values and exponents that the heads sharing one key and value head read. */
function attendedBytes({ layout, buffers, machine }: Program, heads: number, position: number): number {
  const { keyTileBlocks, keyTileBytes, blockBytes, heads: stretches } = layout.keyValues;
  const { wordBytes } = memoryHolding(machine, "keysAndValues");
  const words = (bytes: number): number => roundUp(bytes, wordBytes);
  const passes = heads / buffers.headsTogether;
  const keys = words(keyTileBytes * (Math.floor(position / (16 * keyTileBlocks)) + 1));
  const blocks = Math.floor(position / 16) + 1;
  const values = stretches[0]!.valueTiles.reduce(
    (sum, tile) => sum + words(blocks * tile.blocks * blockBytes),
    0,
  );
  return passes * (keys + values) + words(2 * (position + 1));
}
