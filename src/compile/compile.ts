import { normConstants } from "../../models/decoder/integer/norm.ts";
import { type DecodeOperators, decodeOperators, type Operator } from "../../models/decoder/operators.ts";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import { InputError } from "../../models/errors.ts";
import { emitAttention, emitRemember } from "./attention.ts";
import { type Buffers, numberDescriptors, type Overlap, placeBuffers } from "./buffers.ts";
import { Emitter, type Placement } from "./emit.ts";
import { INSTRUCTION_BYTES, type Instruction } from "./instruction.ts";
import { layOut, type ModelPlan } from "./layout.ts";
import { channelHolding, type Machine } from "./machine.ts";
import { assemble, type Program } from "./program.ts";
import { insertTokens, type Step } from "./tokens.ts";

export interface CompileOptions {
  /** Tokens that the program is to have room for; otherwise as many as the model knows and the machine holds. */
  readonly context?: number;
}

/**
 * Compiles decode for a machine: one program that serves every position and, as a loop, every layer.
 * @throws InputError where the model does not fit the machine, with the numbers
 */
export function compile(plan: ModelPlan, machine: Machine, options: CompileOptions = {}): Program {
  checkSums(plan, machine);
  const context = chooseContext(plan, machine, options.context);
  const placement = place(plan, machine, context);
  const operators = decodeOperators(plan.shape);
  const shared = placement.weightsChannel === placement.keyValueChannel;
  const { instructions, steps } = shared
    ? emitInterleaved(plan, placement, operators)
    : emitStreamed(plan, placement, operators);
  const bytes = instructions.length * INSTRUCTION_BYTES;
  if (bytes > machine.sequencer.programBytes) {
    throw new InputError(
      `Machine ${machine.name} holds a program of ${machine.sequencer.programBytes} bytes, but this model's takes ${bytes}.`,
    );
  }
  return assemble({
    plan,
    machine,
    context,
    instructions,
    operators: steps.map((step) => step.operator),
    accesses: steps,
    layout: placement.layout,
    buffers: placement.buffers,
  });
}

/** Refuses matrices whose sums would not fit the machine's accumulators. */
function checkSums({ layers, head }: ModelPlan, { name: machine, matrix }: Machine): void {
  const needed = Math.max(
    head.sumBits,
    ...layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer[name].sumBits)),
  );
  if (needed > matrix.accumulatorBits) {
    throw new InputError(
      `The sums of this model's matrices can need ${needed} bits, but the accumulators of ${machine} have ${matrix.accumulatorBits}.`,
    );
  }
}

/** Ways to run attention, the one with the most overlap first. */
const OVERLAPS: readonly Overlap[] = [
  { stages: 2, exponentBuffers: 2 },
  { stages: 2, exponentBuffers: 1 },
  { stages: 1, exponentBuffers: 2 },
  { stages: 1, exponentBuffers: 1 },
];

function place(plan: ModelPlan, machine: Machine, context: number): Placement {
  const buffers = buffersFor(plan, machine, context);
  return {
    shape: plan.shape,
    layout: layOut(plan, machine, context),
    buffers,
    descriptors: numberDescriptors(plan.shape, buffers.headsTogether, buffers.stages),
    context,
    kvBits: plan.kvBits,
    weightsChannel: channelHolding(machine, "weights"),
    tablesChannel: channelHolding(machine, "tables"),
    keyValueChannel: channelHolding(machine, "keysAndValues"),
  };
}

/** Buffers with as much overlap as there is room for. */
function buffersFor({ shape }: ModelPlan, machine: Machine, context: number): Buffers {
  let buffers: Buffers | null = null;
  for (const overlap of OVERLAPS) {
    buffers = placeBuffers(shape, machine, context, overlap);
    if (onChip(buffers, machine) === null) break;
  }
  if (buffers === null) throw new RangeError("there is a way to run attention");
  return buffers;
}

function onChip(buffers: Placement["buffers"], machine: Machine): string | null {
  if (buffers.usedWords > machine.vector.words) {
    return `vector memory has ${machine.vector.words} words and ${buffers.usedWords} are needed`;
  }
  if (buffers.usedCodeBytes > machine.vector.codeBytes) {
    return `code memory has ${machine.vector.codeBytes} bytes and ${buffers.usedCodeBytes} are needed`;
  }
  if (buffers.usedExponentBytes > machine.vector.exponentBytes) {
    return `the memory for exponents has ${machine.vector.exponentBytes} bytes and ${buffers.usedExponentBytes} are needed`;
  }
  return null;
}

/** Why a placement does not fit, or null where it does. */
function misfit({ layout, buffers, descriptors }: Placement, machine: Machine): string | null {
  for (const [index, memory] of machine.memories.entries()) {
    const used = layout.used[index]!;
    if (used > memory.bytes) {
      const parts = layout.regions.filter((region) => region.memory === index);
      const by = (contents: string): number =>
        parts.reduce((sum, region) => sum + (region.contents === contents ? region.bytes : 0), 0);
      const list = memory.holds.map((contents) => `${by(contents)} for ${contents}`).join(", ");
      return `${memory.name} has ${memory.bytes} bytes and ${used} are needed (${list})`;
    }
  }
  if (descriptors.count > 256) return `256 vectors can be described and ${descriptors.count} are needed`;
  return onChip(buffers, machine);
}

/** Longest context that is summed exactly: values are added up in 31 bits (`docs/numerics.md`). */
const LONGEST_CONTEXT = 65536;

/** The wanted context, or the longest that fits in steps of 16 tokens. */
function chooseContext(plan: ModelPlan, machine: Machine, wanted: number | undefined): number {
  const most = Math.min(plan.shape.maxPositions, LONGEST_CONTEXT);
  const fits = (context: number): string | null => misfit(place(plan, machine, context), machine);
  if (wanted !== undefined) {
    if (wanted > most)
      throw new InputError(`A context of ${wanted} tokens is more than the ${most} that the model allows.`);
    const why = fits(wanted);
    if (why !== null)
      throw new InputError(`A context of ${wanted} tokens does not fit machine ${machine.name}: ${why}.`);
    return wanted;
  }
  if (fits(most) === null) return most;
  const smallest = Math.min(16, most);
  const why = fits(smallest);
  if (why !== null) {
    throw new InputError(
      `The model does not fit machine ${machine.name}, not even for ${smallest} tokens: ${why}.`,
    );
  }
  // Everything grows with the context, so the longest that fits is found by halving.
  let [low, high] = [1, Math.ceil(most / 16)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(Math.min(most, 16 * middle)) === null) low = middle;
    else high = middle;
  }
  return Math.max(smallest, 16 * low);
}

interface Emitted {
  readonly instructions: readonly Instruction[];
  /** The step that each instruction was. */
  readonly steps: readonly Step[];
}

/** Emits the steps of `build` with their tokens: a stretch between two barriers. */
function stretch(placement: Placement, build: (emit: Emitter) => void): Emitted {
  const emit = new Emitter(placement);
  build(emit);
  return { instructions: insertTokens(emit.steps), steps: emit.steps };
}

function join(parts: readonly Emitted[]): Emitted {
  return {
    instructions: parts.flatMap((part) => part.instructions),
    steps: parts.flatMap((part) => part.steps),
  };
}

/**
 * Weights have a channel of their own: one load streams all layers, far ahead of use, and the layers are a loop.
 */
function emitStreamed(plan: ModelPlan, placement: Placement, operators: DecodeOperators): Emitted {
  const { streams } = placement.layout;
  const head = streams.at(-1)!;
  const first = streams[0]!;
  return join([
    stretch(placement, (emit) => {
      emitBefore(emit);
      emit.begin("weights");
      emit.loadWeights(first.address, head.address - first.address, 0);
      emit.loop(plan.shape.layers);
    }),
    stretch(placement, (emit) => {
      emitLayer(emit, placement, operators.layer, null);
      emit.system("SYS.NEXT");
    }),
    stretch(placement, (emit) => emitAfter(emit, placement, operators.after)),
  ]);
}

/**
 * Weights share a channel with keys and values: each load comes just before its use, in the order of use. Layers are
 * a loop where all their streams have the same lengths, and stand one behind the other where they have not.
 */
function emitInterleaved(plan: ModelPlan, placement: Placement, operators: DecodeOperators): Emitted {
  const { layers } = plan.shape;
  const perLayer = operators.layer.filter((operator) => operator.kind === "linear").length;
  const streamsOf = (layer: number) =>
    placement.layout.streams.slice(layer * perLayer, (layer + 1) * perLayer);
  const alike = plan.layers.every((_, layer) =>
    streamsOf(layer).every((stream, i) => stream.bytes === streamsOf(0)[i]!.bytes),
  );
  const layerBytes = streamsOf(0).reduce((sum, stream) => sum + stream.bytes, 0);
  const copies = alike ? [0] : plan.layers.map((_, layer) => layer);
  return join([
    stretch(placement, (emit) => {
      emitBefore(emit);
      emit.loop(alike ? layers : 1);
    }),
    ...copies.map((layer) =>
      stretch(placement, (emit) => {
        emitLayer(emit, placement, operators.layer, {
          streams: streamsOf(layer),
          stride: alike ? layerBytes : 0,
        });
        emit.system("SYS.NEXT");
        if (!alike && layer < layers - 1) emit.loop(1, layer + 1);
      }),
    ),
    stretch(placement, (emit) => emitAfter(emit, placement, operators.after)),
  ]);
}

function emitBefore(emit: Emitter): void {
  emit.begin("embed");
  emit.loadEmbedding();
  emit.begin("angles");
  emit.loadAngles();
}

/** Loads of a layer's streams, where they share a channel with keys and values. */
interface LayerLoads {
  readonly streams: Placement["layout"]["streams"];
  /** What a layer adds to their addresses, where layers are a loop. */
  readonly stride: number;
}

function emitLayer(
  emit: Emitter,
  placement: Placement,
  operators: readonly Operator[],
  loads: LayerLoads | null,
): void {
  const { buffers, descriptors: d, shape } = placement;
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
        emit.norm(packedNormConstants(placement));
        break;
      case "linear": {
        if (operator.matrix === "head") throw new RangeError("the head is no matrix of a layer");
        load();
        const [from, into, source, target] = places[operator.matrix];
        emit.multiplyWeights(operator.rows, operator.cols, from, into, source, target);
        if (operator.matrix === "gate") {
          // Half of silu(gate) · up is done while the matrix unit computes up.
          emit.begin(at("gate silu"));
          emit.gate(operator.rows, into, into, target, target);
        }
        break;
      }
      case "remember":
        emitRemember(emit, placement, at);
        break;
      case "attend":
        if (operator === attends[0]) emitAttention(emit, placement, attends, at);
        break;
      case "quantize":
        emit.quantize(
          shape.headDim,
          operator.segments,
          8,
          buffers.words.q,
          buffers.codes.attended,
          d.outputs,
          d.attended,
        );
        break;
      case "silu":
        emit.combine(
          "MISC.MULTIPLY",
          operator.size,
          buffers.words.gate,
          buffers.words.up,
          buffers.words.gate,
          d.gate,
          d.up,
          d.gate,
        );
        emit.begin(at("hidden"));
        emit.quantize(operator.size, 1, 8, buffers.words.gate, buffers.codes.hidden, d.gate, d.hidden);
        break;
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

function emitAfter(emit: Emitter, placement: Placement, operators: readonly Operator[]): void {
  const { buffers, descriptors: d, layout } = placement;
  emit.begin("prompt token");
  emit.system("SYS.END_UNLESS_SAMPLING");
  for (const operator of operators) {
    emit.begin(operator.name);
    if (operator.kind === "norm") emit.norm(packedNormConstants(placement));
    if (operator.kind === "linear") {
      const head = layout.streams.at(-1)!;
      emit.loadWeights(head.address, head.bytes, 0);
      emit.multiplyWeights(
        operator.rows,
        operator.cols,
        buffers.codes.norm,
        buffers.words.logits,
        d.norm,
        d.logits,
      );
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
