import { normConstants } from "../../models/decoder/integer/norm.ts";
import type { Operator } from "../../models/decoder/operators.ts";
import { emitAttention, emitRemember } from "./attention.ts";
import type { Emitter, Placement } from "./emit.ts";
import type { Instruction } from "./instruction.ts";
import { rowsOf, sizeOf } from "./share.ts";

export function emitBefore(emit: Emitter, { shape, buffers, descriptors: d }: Placement): void {
  emit.begin("embed");
  emit.loadEmbedding();
  if (shape.variant?.positions === "learned") {
    emit.begin("position");
    emit.loadPosition();
    const { residual, output } = buffers.words;
    emit.combine("MISC.ADD", shape.hiddenSize, residual, output, residual, d.residual, d.output, d.residual);
    return;
  }
  emit.begin("angles");
  emit.loadAngles();
}

/** Loads of a layer's streams, where they share a channel with keys and values. */
export interface LayerLoads {
  readonly streams: Placement["layout"]["streams"];
  /** What a layer adds to their addresses, where layers are a loop. */
  readonly stride: number;
}

export function emitLayer(
  emit: Emitter,
  placement: Placement,
  operators: readonly Operator[],
  loads: LayerLoads | null,
): void {
  const { buffers, descriptors: d, shape, share } = placement;
  const at = (name: string): string => `layer ${name}`;
  let stream = 0;
  const load = (): void => {
    if (loads === null) return;
    const { address, bytes } = loads.streams[stream++]!;
    emit.loadWeights(address, bytes, loads.stride);
  };
  const places = {
    k: [buffers.codes.norm, buffers.words.k, d.norm, d.k],
    v: [buffers.codes.norm, buffers.words.v, d.norm, d.v],
    q: [buffers.codes.norm, buffers.words.q, d.norm, d.q],
    o: [buffers.codes.attended, buffers.words.output, d.attended, d.output],
    gate: [buffers.codes.norm, buffers.words.gate, d.norm, d.gate],
    up: [buffers.codes.norm, buffers.words.up, d.norm, d.up],
    down: [buffers.codes.hidden, buffers.words.output, d.hidden, d.output],
  } as const;
  const attends = operators.filter((operator) => operator.kind === "attend");
  for (const operator of operators) {
    emit.begin(at(operator.name));
    switch (operator.kind) {
      case "norm":
        emit.apart();
        emit.norm(packedNormConstants(placement));
        emit.storeVector(buffers.codes.norm, operator.size);
        break;
      case "linear": {
        const { matrix, rows, cols } = operator;
        if (matrix === "head") throw new RangeError("the head is no matrix of a layer");
        const own = rowsOf(share, matrix, rows, shape.headDim);
        const [from, into, source, target] = places[matrix];
        emit.apart();
        load();
        emit.loadVector(from, cols);
        emit.multiplyWeights(sizeOf(own), cols, from, into + own.from, source, target);
        // Of values each head finds its own peak; what is behind o and down is added up whole.
        if (matrix !== "v")
          emit.exchangeWords(matrix === "o" || matrix === "down" ? rows : 0, into, own, target);
        if (matrix === "gate") {
          // Half of silu(gate) · up is done while the matrix unit computes up.
          emit.begin(at("gate silu"));
          emit.gate(sizeOf(own), into + own.from, into + own.from, target, target);
        }
        break;
      }
      case "remember":
        emitRemember(emit, placement, at);
        emit.apart();
        emit.loadCache();
        break;
      case "attend":
        if (operator !== attends[0]) break;
        emit.apart();
        emitAttention(emit, placement, attends, at);
        break;
      case "quantize":
        if (operator.name === "relu") {
          emitHidden(emit, placement, buffers.words.up, d.up, RELU);
          break;
        }
        emitAttended(emit, placement, operator.size);
        emit.storeVector(buffers.codes.attended, operator.size);
        break;
      case "silu": {
        const own = rowsOf(share, "up", operator.size, shape.headDim);
        const gate = buffers.words.gate + own.from;
        const up = buffers.words.up + own.from;
        emit.combine("MISC.MULTIPLY", sizeOf(own), gate, up, gate, d.gate, d.up, d.gate);
        emit.begin(at("hidden"));
        emitHidden(emit, placement, buffers.words.gate, d.gate);
        break;
      }
      case "add":
        emit.combine(
          "MISC.ADD",
          operator.size,
          buffers.words.residual,
          buffers.words.output,
          buffers.words.residual,
          d.residual,
          d.output,
          d.residual,
        );
        break;
      case "embed":
      case "sample":
        throw new RangeError(`${operator.kind} is no part of a layer`);
    }
  }
}

/** Bit of QUANTIZE's `c`: negative words become zero. */
const RELU = 0x80;

/** Rounds what the second matrix of the feed-forward block multiplies, each core its rows, with one exponent for all. */
function emitHidden(
  emit: Emitter,
  { buffers, descriptors: d, share, shape }: Placement,
  words: number,
  descriptor: number,
  flags = 0,
): void {
  const size = shape.intermediateSize;
  const own = rowsOf(share, "up", size, shape.headDim);
  const codes = buffers.codes.hidden;
  emit.exchangeWords(0, words + own.from, own, descriptor);
  emit.quantize(sizeOf(own), 1, 8 | flags, words + own.from, codes + own.from, descriptor, d.hidden);
  emit.exchangeCodes(size, codes, own);
  emit.storeVector(codes, size);
}

/** Rounds the attention's output, each core its own heads, with one exponent for all. */
function emitAttended(
  emit: Emitter,
  { buffers, descriptors: d, share, shape }: Placement,
  size: number,
): void {
  const { headDim, heads } = shape;
  const { from, to } = share.heads;
  const several = share.cores > 1;
  emit.exchangeDescriptors(heads, d.outputs, share.heads);
  emit.quantize(
    headDim,
    to - from,
    8,
    buffers.words.q + from * headDim,
    buffers.codes.attended + from * headDim,
    d.outputs + from,
    d.attended,
    several ? { from: d.outputs, to: d.outputs + heads } : undefined,
  );
  emit.exchangeCodes(size, buffers.codes.attended, { from: from * headDim, to: to * headDim });
}

export function emitAfter(emit: Emitter, placement: Placement, operators: readonly Operator[]): void {
  const { buffers, descriptors: d, layout, share, shape } = placement;
  emit.begin("prompt token");
  emit.system("SYS.END_UNLESS_SAMPLING");
  for (const operator of operators) {
    emit.begin(operator.name);
    if (operator.kind === "norm") {
      emit.apart();
      emit.norm(packedNormConstants(placement));
      emit.storeVector(buffers.codes.norm, operator.size);
    }
    if (operator.kind === "linear") {
      const head = layout.streams.at(-1)!;
      const own = rowsOf(share, "head", operator.rows, shape.headDim);
      const { logits } = buffers.words;
      emit.apart();
      emit.loadWeights(head.address, head.bytes, 0);
      emit.loadVector(buffers.codes.norm, operator.cols);
      emit.multiplyWeights(
        sizeOf(own),
        operator.cols,
        buffers.codes.norm,
        logits + own.from,
        d.norm,
        d.logits,
      );
      emit.exchangeWords(operator.rows, logits, own, d.logits);
    }
    if (operator.kind === "sample") emit.sample(operator.size, buffers.words.logits, d.logits);
  }
  emit.begin("end");
  emit.system("SYS.END");
}

/** Mantissas of 1/n and ε side by side; their exponents, which are never positive, without the sign. */
function packedNormConstants({ shape }: Placement): Pick<Instruction, "y" | "a" | "c"> {
  const { inverseLength, epsilon } = normConstants(shape.hiddenSize, shape.rmsNormEps);
  return {
    y: inverseLength.mantissa + epsilon.mantissa * 2 ** 16,
    a: Math.abs(inverseLength.exponent),
    c: Math.abs(epsilon.exponent),
  };
}
