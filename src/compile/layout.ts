import { decodeOperators } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName } from "../../models/decoder/weights.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { alignmentOf, type Contents, channelHolding, type Machine, vectorsChannel } from "./machine.ts";
import { type Share, sizeOf, wholeShare } from "./share.ts";
import type { StreamPlan } from "./stream-plan.ts";

export type LayerPlan = Readonly<Record<Exclude<LinearName, "gate">, StreamPlan>> & {
  readonly gate?: StreamPlan;
};

/** What is to be compiled: a shape and the streams of its matrices; the weights themselves are not needed. */
export interface ModelPlan {
  readonly shape: LlamaShape;
  /** A layer without a gate has no stream for it. */
  readonly layers: readonly LayerPlan[];
  readonly head: StreamPlan;
  readonly kvBits: 4 | 8;
  /** The core's part, where several share the model: the streams are those of its rows. */
  readonly share?: Share;
}

export const shareIn = (plan: ModelPlan): Share => plan.share ?? wholeShare(plan.shape);

/** A named stretch of a memory. */
export interface Region {
  readonly name: string;
  readonly contents: Contents | "vectors";
  /** Index of the memory. */
  readonly memory: number;
  readonly address: number;
  readonly bytes: number;
}

/** Where the keys and values of one head of one layer lie, from the start of the layer's stretch. */
export interface HeadLayout {
  readonly keys: number;
  /** One stretch for each tile of row blocks of the values, which are stored transposed. */
  readonly valueTiles: readonly { readonly offset: number; readonly blocks: number }[];
  readonly exponents: number;
}

/** Keys and values: every layer's stretch is laid out alike. */
export interface KeyValueLayout {
  readonly address: number;
  readonly layerBytes: number;
  readonly heads: readonly HeadLayout[];
  /** Row blocks of keys (16 tokens each) that are read side by side. */
  readonly keyTileBlocks: number;
  readonly keyTileBytes: number;
  /** Bytes of a block of 16 × 16 codes. */
  readonly blockBytes: number;
}

export interface MemoryLayout {
  readonly regions: readonly Region[];
  /** Addresses of every matrix stream, in the order in which decode reads them; the head is the last. */
  readonly streams: readonly {
    readonly name: string;
    readonly layer: number | null;
    readonly address: number;
    readonly bytes: number;
    readonly plan: StreamPlan;
  }[];
  readonly embedding: { readonly address: number; readonly rowBytes: number };
  readonly angles: { readonly address: number; readonly rowBytes: number };
  readonly keyValues: KeyValueLayout;
  /** Where vectors go between operators; null where they stay on the chip. */
  readonly vectors: number | null;
  /** Bytes used of each memory. */
  readonly used: readonly number[];
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** Row blocks that a matrix with `rows` rows is computed in side by side. */
export function tileBlocksFor(rows: number, machine: Machine): number {
  return Math.min(machine.matrix.tileBlocks, Math.ceil(rows / BLOCK));
}

/**
 * Row blocks of keys that are read side by side, always all of them: a power of two, so that addresses are bits. A launch takes
 * what there is, block by block.
 */
export function keyTileBlocksFor(context: number, machine: Machine): number {
  if (machine.matrix.launch !== undefined) return 1;
  return 2 ** Math.floor(Math.log2(tileBlocksFor(context, machine)));
}

/** Lays out weights, tables and the keys and values of `context` tokens in the machine's memories. */
export function layOut(plan: ModelPlan, machine: Machine, context: number): MemoryLayout {
  const used = machine.memories.map(() => 0);
  const regions: Region[] = [];
  const place = (name: string, contents: Region["contents"], bytes: number): number => {
    const memory = contents === "vectors" ? vectorsChannel(machine) : channelHolding(machine, contents);
    const address = used[memory]!;
    const padded = roundUp(bytes, alignmentOf(machine.memories[memory]!));
    regions.push({ name, contents, memory, address, bytes: padded });
    used[memory] = address + padded;
    return address;
  };

  const order = decodeOperators(plan.shape).layer.flatMap((operator) =>
    operator.kind === "linear" && operator.matrix !== "head" ? [operator.matrix] : [],
  );
  const matrices = [
    ...plan.layers.flatMap((layer, index) =>
      order.map((name) => ({ name: name as string, layer: index as number | null, plan: layer[name]! })),
    ),
    { name: "head", layer: null, plan: plan.head },
  ];
  const streams = matrices.map(({ name, layer, plan: stream }) => {
    const address = place(layer === null ? name : `layer ${layer} ${name}`, "weights", stream.bytes.total);
    return { name, layer, address, bytes: regions.at(-1)!.bytes, plan: stream };
  });

  const { shape } = plan;
  const tableAlignment = alignmentOf(machine.memories[channelHolding(machine, "tables")]!);
  // A row of the embedding ends with its exponent.
  const embeddingRowBytes = roundUp(shape.hiddenSize + 1, tableAlignment);
  const learned = shape.variant?.positions === "learned";
  const angleRowBytes = roundUp(learned ? shape.hiddenSize + 1 : 2 * shape.headDim, tableAlignment);
  const embedding = place("embedding", "tables", embeddingRowBytes * shape.vocabSize);
  const angles = place(learned ? "positions" : "angles", "tables", angleRowBytes * context);
  const kvHeads = sizeOf(shareIn(plan).kvHeads);
  const keyValues = layOutKeysAndValues({ ...shape, kvHeads }, plan.kvBits, machine, context);
  const address = place("keys and values", "keysAndValues", keyValues.layerBytes * shape.layers);
  const widest = Math.max(shape.intermediateSize, shape.heads * Math.max(shape.headDim, context));
  const vectors = vectorsChannel(machine) < 0 ? null : place("vectors", "vectors", roundUp(widest, BLOCK));
  return {
    regions,
    streams,
    embedding: { address: embedding, rowBytes: embeddingRowBytes },
    angles: { address: angles, rowBytes: angleRowBytes },
    keyValues: { ...keyValues, address },
    vectors,
    used,
  };
}

function layOutKeysAndValues(
  shape: LlamaShape,
  kvBits: 4 | 8,
  machine: Machine,
  context: number,
): Omit<KeyValueLayout, "address"> {
  const alignment = alignmentOf(machine.memories[channelHolding(machine, "keysAndValues")]!);
  const blockBytes = (BLOCK * BLOCK * kvBits) / 8;
  const dimBlocks = Math.ceil(shape.headDim / BLOCK);
  const contextBlocks = Math.ceil(context / BLOCK);
  const keyTileBlocks = keyTileBlocksFor(context, machine);
  const keyTileBytes = roundUp(keyTileBlocks * dimBlocks * blockBytes, alignment);
  const valueTileBlocks = tileBlocksFor(shape.headDim, machine);
  let at = 0;
  const take = (bytes: number): number => {
    const offset = at;
    at += roundUp(bytes, alignment);
    return offset;
  };
  const heads = Array.from({ length: shape.kvHeads }, () => {
    const keys = take(Math.ceil(contextBlocks / keyTileBlocks) * keyTileBytes);
    const valueTiles = [];
    for (let block = 0; block < dimBlocks; block += valueTileBlocks) {
      const blocks = Math.min(valueTileBlocks, dimBlocks - block);
      valueTiles.push({ offset: take(contextBlocks * blocks * blockBytes), blocks });
    }
    return { keys, valueTiles, exponents: take(2 * context) };
  });
  return { layerBytes: at, heads, keyTileBlocks, keyTileBytes, blockBytes };
}
