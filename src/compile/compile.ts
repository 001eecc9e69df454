import { decodeOperators } from "../../models/decoder/operators.ts";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import { InputError } from "../../models/errors.ts";
import { type Buffers, headsSharing, numberDescriptors, type Overlap, placeBuffers } from "./buffers.ts";
import type { Placement } from "./emit.ts";
import { emitDecode } from "./emit-decode.ts";
import { INSTRUCTION_BYTES } from "./instruction.ts";
import { layOut, type ModelPlan, shareIn } from "./layout.ts";
import { channelHolding, coresOf, type Machine, scheduleOf, vectorsChannel } from "./machine.ts";
import { assemble, type Program } from "./program.ts";
import { ownOperators, sizeOf } from "./share.ts";

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
  const operators = ownOperators(decodeOperators(plan.shape), placement.share);
  const { instructions, steps } = emitDecode(plan, placement, operators);
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
    ...layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer[name]?.sumBits ?? 0)),
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
    vectorsChannel: vectorsChannel(machine),
    share: shareIn(plan),
    schedule: scheduleOf(machine),
  };
}

/** Buffers with as much overlap as there is room for. */
function buffersFor(plan: ModelPlan, machine: Machine, context: number): Buffers {
  const { shape } = plan;
  const groups = sizeOf(shareIn(plan).heads) / headsSharing(shape, machine);
  // What weighs the values is there of all heads before the first value is loaded.
  const overlaps =
    scheduleOf(machine).operators === "apart" ? [{ stages: groups, exponentBuffers: 2 }] : OVERLAPS;
  let buffers: Buffers | null = null;
  for (const overlap of overlaps) {
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
      const whose = coresOf(machine) > 1 ? `${memory.name} of a core` : memory.name;
      return `${whose} has ${memory.bytes} bytes and ${used} are needed (${list})`;
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
