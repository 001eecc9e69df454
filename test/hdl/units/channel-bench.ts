import { simulate } from "../../../hdl/simulate/index.ts";
import type { channel } from "../../../hdl/units/channel/channel.ts";
import type { ChannelSizes } from "../../../hdl/units/channel/parameters.ts";
import type { Chip, Registers } from "../../../sim/chip.ts";
import {
  encodeInstruction,
  INSTRUCTION_BYTES,
  type Instruction,
  OPERATIONS,
} from "../../../src/compile/instruction.ts";

/** An instruction and the cycles that pass before it is started, once the channel is free: it takes some to come. */
export interface Step {
  readonly instruction: Instruction;
  readonly registers: Registers;
  readonly gap: number;
}

export interface Arrival {
  readonly operation: string;
  readonly place: number;
  readonly bytes: Uint8Array;
}

export interface ChannelRun {
  /** First cycles in which words were popped, and the words. */
  readonly pops: readonly number[];
  readonly words: readonly Uint8Array[];
  /** For each store or load that does not go through the buffer, the cycle from which it is over. */
  readonly done: readonly number[];
  readonly arrivals: readonly Arrival[];
  readonly moved: number;
}

export const bytesOf = (word: bigint, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => Number((word >> BigInt(8 * i)) & 0xffn));
export const wordOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

/** The loads that go into the code memory, the vector memory and the angles. */
const INTO_OF = ["LD.EXPONENTS", "LD.EMBEDDING", "LD.ANGLES"];

const low = (value: number, bits: number): bigint => BigInt.asUintN(bits, BigInt(value));

/**
 * Runs a channel before a memory that behaves as its description says.
 * @param bytes contents of the memory, which stores change
 * @param earliest for each word of the streams, the first cycle in which it may be popped
 */
export function runChannel(
  circuit: ReturnType<typeof channel>,
  sizes: ChannelSizes,
  bytes: Uint8Array,
  chip: Chip,
  steps: readonly Step[],
  earliest: readonly number[],
): ChannelRun {
  const sim = simulate(circuit);
  const { wordBytes, answerCycles, writeBits, storedCodes } = sizes;
  const responses = new Map<number, { readonly tag: number; readonly word: bigint }>();
  const run = {
    pops: [] as number[],
    words: [] as Uint8Array[],
    done: [] as number[],
    arrivals: [] as Arrival[],
    moved: 0,
  };
  let [next, since] = [0, 0];
  let [group, descriptor] = [0, 0];
  let given = true;
  sim.reset();
  const awaited = steps.filter(({ instruction }) => !isStream(instruction)).length;
  for (let cycle = -1; cycle < 1e6; cycle++) {
    const step = steps[next];
    const free = sim.get("free") === 1;
    const finished = free && step === undefined && run.pops.length === earliest.length;
    if (finished) {
      if (run.done.length !== awaited)
        throw new Error(`${run.done.length} of ${awaited} instructions are done`);
      return run;
    }
    const starts = cycle >= 0 && free && step !== undefined && since >= step.gap;
    since = free && cycle >= 0 ? since + 1 : 0;
    // In the cycles before it comes piece by piece.
    const piece = step === undefined ? -1 : since - 1 - (step.gap - sizes.pieces);
    const comes = cycle >= 0 && free && step !== undefined && piece >= 0 && piece < sizes.pieces;
    sim.set("coming_valid", comes ? 1 : 0);
    if (comes) {
      const at = piece * sizes.pieceBytes;
      sim.set("coming_piece", piece);
      sim.set("coming_data", wordOf(encoded(step.instruction).subarray(at, at + sizes.pieceBytes)));
    }
    sim.set("begin", cycle === -1 ? 1 : 0);
    sim.set("start", starts ? 1 : 0);
    if (starts) {
      const { instruction: i, registers } = step;
      for (const name of ["a", "b", "c", "x", "z"] as const) {
        const port = circuit.inputs.find((input) => input.name === `command_${name}`);
        sim.set(`command_${name}`, low(i[name], port?.type.width ?? 0));
      }
      sim.set("command_operation", OPERATIONS[i.operation] & 63);
      sim.set("registers_token", registers.token);
      sim.set("registers_position", registers.position);
      sim.set("registers_layer", registers.layer);
      next++;
      since = 0;
    }
    for (let i = 0; i < storedCodes; i++)
      sim.set(`stored_codes_${i}`, chip.codes[storedCodes * group + i] ?? 0);
    // An exponent is given in one of two cycles at least.
    given = !given || (cycle * 7919) % 31 < 16;
    sim.set("stored_given", given ? 1 : 0);
    sim.set("stored_exponent", given ? (chip.descriptors[descriptor]?.exponent ?? 0) : cycle % 128);
    const response = responses.get(cycle);
    sim.set("response_valid", response === undefined ? 0 : 1);
    sim.set("response_tag", response?.tag ?? 0);
    sim.set("response_word", response?.word ?? 0n);
    const pops =
      sim.get("word_valid") === 1 && cycle >= (earliest[run.pops.length] ?? Number.POSITIVE_INFINITY);
    sim.set("pop", pops ? 1 : 0);
    if (pops) {
      run.pops.push(cycle);
      run.words.push(bytesOf(sim.getBig("word"), wordBytes));
    }
    if (sim.get("done") === 1) run.done.push(cycle + 1);
    if (sim.get("arrival_valid") === 1)
      run.arrivals.push({
        operation: INTO_OF[sim.get("arrival_into")] ?? "nowhere",
        place: sim.get("arrival_place"),
        bytes: bytesOf(sim.getBig("arrival_word"), wordBytes),
      });
    group = sim.get("code_group");
    descriptor = sim.get("descriptor");
    if (sim.get("request_valid") === 1) {
      const at = sim.get("request_address") * wordBytes;
      const old = wordOf(bytes.subarray(at, at + wordBytes));
      if (sim.get("request_write") === 1) {
        const mask = maskOf(sim.getBig("request_mask"), writeBits ?? 8 * wordBytes, wordBytes);
        bytes.set(bytesOf((old & ~mask) | (sim.getBig("request_data") & mask), wordBytes), at);
      } else {
        run.moved++;
        responses.set(cycle + answerCycles, { tag: sim.get("request_tag"), word: old });
      }
    }
    sim.step();
  }
  throw new Error(`the channel does not end: ${run.pops.length} of ${earliest.length} words are popped`);
}

function encoded(instruction: Instruction): Uint8Array {
  const bytes = new Uint8Array(INSTRUCTION_BYTES);
  encodeInstruction(instruction, bytes, 0);
  return bytes;
}

export const isStream = ({ operation }: Instruction): boolean =>
  operation === "LD.WEIGHTS" || operation === "LD.KEYS" || operation === "LD.VALUES";

function maskOf(mask: bigint, laneBits: number, wordBytes: number): bigint {
  let bits = 0n;
  for (let lane = 0; lane < (8 * wordBytes) / laneBits; lane++)
    if ((mask >> BigInt(lane)) & 1n) bits |= ((1n << BigInt(laneBits)) - 1n) << BigInt(lane * laneBits);
  return bits;
}
