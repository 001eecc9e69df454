import type { LlamaShape } from "../../models/decoder/shape.ts";
import { type Buffers, type Descriptors, padded } from "./buffers.ts";
import { FIRST_CHANNEL, type Instruction, MATRIX, SEQUENCER, VECTOR } from "./instruction.ts";
import type { HeadLayout, MemoryLayout } from "./layout.ts";
import type { Schedule } from "./machine.ts";
import { type Range, type Share, sizeOf } from "./share.ts";
import type { Access, Step } from "./tokens.ts";

/** Bit of `d` that says int4 keys and values. */
export const INT4 = 0x80;
/** Addresses and sizes of memory are counted in units of 16 bytes. */
export const UNIT = 16;

type Fields = Partial<Omit<Instruction, "operation" | "unit" | "wait" | "release">>;

const NOTHING = { a: 0, b: 0, c: 0, d: 0, w: 0, x: 0, y: 0, z: 0 } as const;

const words = (from: number, count: number): Access => ({ space: "words", from, to: from + count });
const codes = (from: number, count: number): Access => ({ space: "codes", from, to: from + padded(count) });
const exponents = (from: number, tokens: number): Access => ({
  space: "exponents",
  from,
  to: from + 2 * tokens,
});
const descriptors = (from: number, count = 1): Access => ({ space: "descriptors", from, to: from + count });
const ANGLES: Access = { space: "angles", from: 0, to: 1 };

/** Where the emitter finds everything. */
export interface Placement {
  readonly shape: LlamaShape;
  readonly layout: MemoryLayout;
  readonly buffers: Buffers;
  readonly descriptors: Descriptors;
  readonly context: number;
  readonly kvBits: 4 | 8;
  readonly weightsChannel: number;
  readonly tablesChannel: number;
  readonly keyValueChannel: number;
  readonly vectorsChannel: number;
  readonly share: Share;
  readonly schedule: Schedule;
}

/**
 * Writes steps, one method an instruction; each says what it reads and writes, from which the tokens follow.
 * Fields of every instruction: `docs/isa.md`.
 */
export class Emitter {
  readonly steps: Step[] = [];
  private readonly placement: Placement;
  private operator = "";

  constructor(placement: Placement) {
    this.placement = placement;
  }

  /** Names the operator that the following steps belong to. */
  begin(operator: string): void {
    this.operator = operator;
  }

  private step(
    operation: Instruction["operation"],
    unit: number,
    fields: Fields,
    reads: readonly Access[],
    writes: readonly Access[],
  ): void {
    this.steps.push({
      instruction: { operation, unit, ...NOTHING, ...fields },
      reads,
      writes,
      operator: this.operator,
    });
  }

  system(operation: "SYS.END" | "SYS.END_UNLESS_SAMPLING" | "SYS.NEXT" | "SYS.SYNC"): void {
    this.step(operation, SEQUENCER, {}, [], []);
  }

  /** Where operators stand apart: all units of all cores are done before the next one. */
  apart(): void {
    if (this.placement.schedule.operators === "apart") this.system("SYS.SYNC");
  }

  /** Begins a loop of `count` layers; the layer register starts at `first`. */
  loop(count: number, first = 0): void {
    this.step("SYS.LOOP", SEQUENCER, { w: count, x: first }, [], []);
  }

  loadWeights(address: number, bytes: number, layerStride: number): void {
    const fields = { w: address / UNIT, x: bytes / UNIT, y: layerStride / UNIT };
    this.step("LD.WEIGHTS", FIRST_CHANNEL + this.placement.weightsChannel, fields, [], []);
  }

  loadEmbedding(): void {
    const { layout, shape, buffers, descriptors: d, tablesChannel } = this.placement;
    const { address, rowBytes } = layout.embedding;
    this.step(
      "LD.EMBEDDING",
      FIRST_CHANNEL + tablesChannel,
      {
        w: address / UNIT,
        x: shape.hiddenSize + 1,
        y: rowBytes / UNIT,
        z: buffers.words.residual,
        d: d.residual,
      },
      [],
      [words(buffers.words.residual, shape.hiddenSize), descriptors(d.residual)],
    );
  }

  /** A row of the table of learned positions, to where a projection's output will be. */
  loadPosition(): void {
    const { layout, shape, buffers, descriptors: d, tablesChannel } = this.placement;
    const { address, rowBytes } = layout.angles;
    const into = buffers.words.output;
    this.step(
      "LD.ANGLES",
      FIRST_CHANNEL + tablesChannel,
      { w: address / UNIT, x: shape.hiddenSize + 1, y: rowBytes / UNIT, z: into, d: d.output },
      [],
      [words(into, shape.hiddenSize), descriptors(d.output)],
    );
  }

  loadAngles(): void {
    const { layout, shape, tablesChannel } = this.placement;
    const { address, rowBytes } = layout.angles;
    const fields = { w: address / UNIT, x: 2 * shape.headDim, y: rowBytes / UNIT };
    this.step("LD.ANGLES", FIRST_CHANNEL + tablesChannel, fields, [], [ANGLES]);
  }

  /** Start of a head's stretch in units, for layer 0, and what to add a layer. */
  private keyValueFields(offset: number): { w: number; y: number } {
    const { address, layerBytes } = this.placement.layout.keyValues;
    return { w: (address + offset) / UNIT, y: layerBytes / UNIT };
  }

  loadKeys(head: HeadLayout): void {
    const { keyTileBytes, keyTileBlocks } = this.placement.layout.keyValues;
    const fields = { ...this.keyValueFields(head.keys), x: keyTileBytes / UNIT, z: 16 * keyTileBlocks };
    this.step("LD.KEYS", FIRST_CHANNEL + this.placement.keyValueChannel, fields, [], []);
  }

  loadValues(head: HeadLayout): void {
    const { blockBytes } = this.placement.layout.keyValues;
    for (const { offset, blocks } of head.valueTiles) {
      const fields = { ...this.keyValueFields(offset), x: (blocks * blockBytes) / UNIT, z: 16 };
      this.step("LD.VALUES", FIRST_CHANNEL + this.placement.keyValueChannel, fields, [], []);
    }
  }

  loadExponents(head: HeadLayout, into: number): void {
    const fields = { ...this.keyValueFields(head.exponents), x: 2, z: into };
    this.step(
      "LD.EXPONENTS",
      FIRST_CHANNEL + this.placement.keyValueChannel,
      fields,
      [],
      [exponents(into, this.placement.context)],
    );
  }

  /** A vector's codes to memory, from where the next operators take them. */
  storeVector(from: number, count: number): void {
    this.moveVector("ST.VECTOR", { x: count, z: from }, [codes(from, count)], []);
  }

  loadVector(into: number, count: number): void {
    this.moveVector("LD.VECTOR", { x: count, z: into }, [], [codes(into, count)]);
  }

  /** Attention weights of all heads of the core, for the tokens so far: to memory and back. */
  storeAttentionWeights(): void {
    this.moveVector("ST.VECTOR", this.attentionWeights(), [this.attentionWeightCodes()], []);
  }

  loadAttentionWeights(): void {
    this.moveVector("LD.VECTOR", this.attentionWeights(), [], [this.attentionWeightCodes()]);
  }

  private attentionWeights(): Fields {
    const { share, buffers } = this.placement;
    return { y: sizeOf(share.heads), z: buffers.codes.weights[0]! };
  }

  private attentionWeightCodes(): Access {
    const { share, buffers, context } = this.placement;
    return codes(buffers.codes.weights[0]!, sizeOf(share.heads) * padded(context));
  }

  private moveVector(
    operation: "LD.VECTOR" | "ST.VECTOR",
    fields: Fields,
    reads: readonly Access[],
    writes: readonly Access[],
  ): void {
    const { schedule, layout, vectorsChannel } = this.placement;
    if (schedule.vectors === "chip" || layout.vectors === null) return;
    const at = { ...fields, w: layout.vectors / UNIT };
    this.step(operation, FIRST_CHANNEL + vectorsChannel, at, reads, writes);
  }

  /** Where a token's keys and values are joined by a copy: all that there are of the core's heads are read once more. */
  loadCache(): void {
    const { schedule, shape, share, kvBits, keyValueChannel } = this.placement;
    if (schedule.append === "in place") return;
    const bytes = (2 * sizeOf(share.kvHeads) * shape.headDim * kvBits) / 8;
    this.step("LD.CACHE", FIRST_CHANNEL + keyValueChannel, { ...this.keyValueFields(0), x: bytes }, [], []);
  }

  /**
   * Every core takes the others' parts of a vector of `count` words; with 0 words, their peaks alone.
   * @param own the core's part
   * @param descriptor of the whole vector
   */
  exchangeWords(count: number, from: number, own: Range, descriptor: number): void {
    const touched = [...(count === 0 ? [] : [words(from, count)]), descriptors(descriptor)];
    this.exchange({ w: count, x: from, y: own.from, z: sizeOf(own), b: descriptor }, touched);
  }

  /** The same of codes, `d` = 1: all cores have given them the same descriptor. */
  exchangeCodes(count: number, from: number, own: Range): void {
    this.exchange({ w: count, x: from, y: own.from, z: sizeOf(own), d: 1 }, [codes(from, count)]);
  }

  /** The same of descriptors, of which each core has some: from `first` on. */
  exchangeDescriptors(count: number, first: number, own: Range): void {
    this.exchange({ b: first, c: own.from, a: sizeOf(own) }, [descriptors(first, count)]);
  }

  private exchange(fields: Fields, touched: readonly Access[]): void {
    if (this.placement.share.cores > 1) this.step("MISC.EXCHANGE", VECTOR, fields, touched, touched);
  }

  storeKey(head: HeadLayout, from: number): void {
    const { shape, kvBits, layout, keyValueChannel } = this.placement;
    const fields = {
      ...this.keyValueFields(head.keys),
      x: shape.headDim,
      z: from,
      a: kvBits,
      b: layout.keyValues.keyTileBlocks,
    };
    this.step("ST.KEY", FIRST_CHANNEL + keyValueChannel, fields, [codes(from, shape.headDim)], []);
  }

  storeValue(head: HeadLayout, from: number): void {
    const { shape, kvBits, keyValueChannel } = this.placement;
    let done = 0;
    for (const { offset, blocks } of head.valueTiles) {
      const count = Math.min(16 * blocks, shape.headDim - done);
      const fields = { ...this.keyValueFields(offset), x: count, z: from + done, a: kvBits, b: blocks };
      this.step("ST.VALUE", FIRST_CHANNEL + keyValueChannel, fields, [codes(from + done, count)], []);
      done += count;
    }
  }

  storeExponents(head: HeadLayout, keyDescriptor: number, valueDescriptor: number): void {
    const fields = { ...this.keyValueFields(head.exponents), b: keyDescriptor, c: valueDescriptor };
    const reads = [descriptors(keyDescriptor), descriptors(valueDescriptor)];
    this.step("ST.EXPONENTS", FIRST_CHANNEL + this.placement.keyValueChannel, fields, reads, []);
  }

  multiplyWeights(
    rows: number,
    cols: number,
    from: number,
    into: number,
    source: number,
    target: number,
  ): void {
    const fields = {
      w: rows,
      x: cols,
      y: from,
      z: into,
      a: 1,
      b: source,
      c: target,
      d: FIRST_CHANNEL + this.placement.weightsChannel,
    };
    const reads = [codes(from, cols), descriptors(source)];
    this.step("MV.WEIGHTS", MATRIX, fields, reads, [words(into, rows), descriptors(target)]);
  }

  /** Scores of `heads` queries with the keys; the query's descriptor serves them too. */
  multiplyKeys(heads: number, from: number, into: number): void {
    const { shape, context, layout } = this.placement;
    const fields = {
      w: padded(context),
      x: shape.headDim,
      y: from,
      z: into,
      a: heads,
      c: layout.keyValues.keyTileBlocks,
      d: this.keyValueOperand(),
    };
    const reads = [codes(from, heads * padded(shape.headDim))];
    this.step(heads === 1 ? "MV.KEYS" : "MM.KEYS", MATRIX, fields, reads, [
      words(into, heads * padded(context)),
    ]);
  }

  multiplyValues(heads: number, from: number, into: number, source: number, target: number): void {
    const { shape, context } = this.placement;
    const fields = {
      w: shape.headDim,
      x: padded(context),
      y: from,
      z: into,
      a: heads,
      b: source,
      c: target,
      d: this.keyValueOperand(),
    };
    const reads = [codes(from, heads * padded(context)), descriptors(source, heads)];
    const writes = [words(into, heads * shape.headDim), descriptors(target, heads)];
    this.step(heads === 1 ? "MV.VALUES" : "MM.VALUES", MATRIX, fields, reads, writes);
  }

  private keyValueOperand(): number {
    return (FIRST_CHANNEL + this.placement.keyValueChannel) | (this.placement.kvBits === 4 ? INT4 : 0);
  }

  /** @param constants packed by the compiler: mantissas of 1/n and ε in `y`, their exponents in `a` and `c` */
  norm(constants: Pick<Instruction, "y" | "a" | "c">): void {
    const { shape, buffers, descriptors: d } = this.placement;
    const fields = {
      ...constants,
      w: shape.hiddenSize,
      x: buffers.words.residual,
      z: buffers.codes.norm,
      b: d.residual,
      d: d.norm,
    };
    const reads = [words(buffers.words.residual, shape.hiddenSize), descriptors(d.residual)];
    const operation = shape.variant?.norm === "layer" ? "MISC.LAYERNORM" : "MISC.NORM";
    this.step(operation, VECTOR, fields, reads, [
      codes(buffers.codes.norm, shape.hiddenSize),
      descriptors(d.norm),
    ]);
  }

  rotate(from: number, into: number, source: number, target: number): void {
    const { headDim } = this.placement.shape;
    const reads = [words(from, headDim), descriptors(source), ANGLES];
    this.step("MISC.ROTATE", VECTOR, { w: headDim, x: from, z: into, b: source, d: target }, reads, [
      words(into, headDim),
      descriptors(target),
    ]);
  }

  /** Finds the peak of a part of a vector. */
  peak(size: number, from: number, source: number, target: number): void {
    const reads = [words(from, size), descriptors(source)];
    this.step("MISC.PEAK", VECTOR, { w: size, x: from, b: source, d: target }, reads, [descriptors(target)]);
  }

  /** @param sharing descriptors of all vectors that share the exponent, where there are more than these segments */
  quantize(
    size: number,
    segments: number,
    bits: number,
    from: number,
    into: number,
    source: number,
    target: number,
    sharing: Range = { from: 0, to: 0 },
  ): void {
    const reads = [
      words(from, size * segments),
      descriptors(source, segments),
      descriptors(sharing.from, sizeOf(sharing)),
    ];
    const writes = [codes(into, size * segments), descriptors(target)];
    this.step(
      "MISC.QUANTIZE",
      VECTOR,
      {
        w: size,
        a: segments,
        c: bits,
        x: from,
        y: sharing.from + (sizeOf(sharing) << 8),
        z: into,
        b: source,
        d: target,
      },
      reads,
      writes,
    );
  }

  softmax(from: number, scales: number, into: number, query: number, target: number): void {
    const { context } = this.placement;
    const reads = [words(from, padded(context)), exponents(scales, context), descriptors(query)];
    const writes = [codes(into, context), descriptors(target)];
    this.step("MISC.SOFTMAX", VECTOR, { x: from, y: scales, z: into, b: query, d: target }, reads, writes);
  }

  scale(from: number, into: number, source: number, weights: number, target: number): void {
    const { headDim } = this.placement.shape;
    const reads = [words(from, headDim), descriptors(source), descriptors(weights)];
    const writes = [words(into, headDim), descriptors(target)];
    this.step(
      "MISC.SCALE",
      VECTOR,
      { w: headDim, x: from, z: into, b: source, c: weights, d: target },
      reads,
      writes,
    );
  }

  /** silu of the gate, as mantissas. */
  gate(size: number, from: number, into: number, source: number, target: number): void {
    const reads = [words(from, size), descriptors(source)];
    this.step("MISC.GATE", VECTOR, { w: size, x: from, z: into, b: source, d: target }, reads, [
      words(into, size),
      descriptors(target),
    ]);
  }

  /** MULTIPLY or ADD: two vectors make one. */
  combine(
    operation: "MISC.MULTIPLY" | "MISC.ADD",
    size: number,
    first: number,
    second: number,
    into: number,
    b: number,
    c: number,
    d: number,
  ): void {
    const reads = [words(first, size), words(second, size), descriptors(b), descriptors(c)];
    const writes = [words(into, size), descriptors(d)];
    this.step(operation, VECTOR, { w: size, x: first, y: second, z: into, b, c, d }, reads, writes);
  }

  sample(size: number, from: number, source: number): void {
    this.step(
      "MISC.SAMPLE",
      VECTOR,
      { w: size, x: from, b: source },
      [words(from, size), descriptors(source)],
      [],
    );
  }
}
