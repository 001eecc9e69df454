import type { LlamaShape } from "../../models/decoder/shape.ts";
import { greedy, type Sampler } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import { compileShape } from "../compile/cores.ts";
import { INSTRUCTION_BYTES } from "../compile/instruction.ts";
import { coresOf, type Machine } from "../compile/machine.ts";
import type { ShapeFormats } from "../compile/shape-plan.ts";

/** A way to keep programs for every length, and what they take. */
export interface StorageRow {
  readonly name: string;
  readonly bytes: number;
  /** How it is counted, with the numbers. */
  readonly formula: string;
  /** quoted: a published total; derived: from published sizes; compiled, simulated: of programs of this project. */
  readonly kind: "quoted" | "derived" | "compiled" | "simulated";
}

const MB = 2 ** 20;
const GB = 2 ** 30;

export interface PublishedSizes {
  readonly decodeMB: number;
  readonly prefillMB: number;
  readonly cores: number;
  readonly lengths: number;
  /** Lengths that share a program. */
  readonly decodeBucket: number;
  readonly prefillBucket: number;
  readonly mergedGB: number;
}

/** Sizes of FlightLLM's programs and how it buckets lengths (arXiv 2401.03868, section on length-adaptive compilation; buckets as its artefact aligns tokens). */
export const FLIGHTLLM: PublishedSizes = {
  decodeMB: 2.9,
  prefillMB: 282.1,
  cores: 3,
  lengths: 2048,
  decodeBucket: 16,
  prefillBucket: 128,
  mergedGB: 3.25,
};

interface ProfileCounts {
  readonly words: number;
  readonly loads: number;
  readonly stores: number;
}

/**
 * 32-bit words of all instructions, and loads and stores that come as one for each of 8 channels, counted in the programs that
 * FlightLLM's profiler makes: decode at 512 tokens and prefill of 128.
 */
const PROFILE_COUNTS = {
  decode: { words: 677_505, loads: 89_072, stores: 0 },
  prefill: { words: 8_517_130, loads: 591_624, stores: 712_320 },
} as const;
const LOAD_WORDS = 7;
const STORE_WORDS = 3;

/** Share of a program's words that stays where the accesses of 8 channels become one. */
export function mergedShare({ words, loads, stores }: ProfileCounts): number {
  return 1 - (7 / 8) * ((LOAD_WORDS * loads + STORE_WORDS * stores) / words);
}

/** One program a core for every length. */
export function naiveBytes({ decodeMB, prefillMB, cores, lengths }: PublishedSizes): number {
  return (decodeMB + prefillMB) * MB * cores * lengths;
}

/** One program for a bucket of lengths, which the cores share by registers of base addresses. */
export function bucketedBytes(sizes: PublishedSizes): number {
  const { decodeMB, prefillMB, lengths, decodeBucket, prefillBucket } = sizes;
  return ((lengths / decodeBucket) * decodeMB + (lengths / prefillBucket) * prefillMB) * MB;
}

/**
 * What programs for every length take: as FlightLLM counts, and as this project's take that read the length in a register.
 * @param lengths lengths of prompts and contexts that there shall be programs for
 */
export function storageRows(
  shape: LlamaShape,
  machine: Machine,
  formats: ShapeFormats,
  lengths: number,
): readonly StorageRow[] {
  return [...publishedRows(), ...ownRows(shape, machine, formats, lengths)];
}

function publishedRows(): StorageRow[] {
  const [decode, prefill] = [mergedShare(PROFILE_COUNTS.decode), mergedShare(PROFILE_COUNTS.prefill)];
  const { decodeMB, prefillMB, cores, lengths, decodeBucket, prefillBucket, mergedGB } = FLIGHTLLM;
  return [
    {
      name: "FlightLLM, a program for every length",
      bytes: naiveBytes(FLIGHTLLM),
      formula: `(${prefillMB} + ${decodeMB}) MB x ${cores} cores x ${lengths} lengths`,
      kind: "derived",
    },
    {
      name: "FlightLLM, a program for a bucket",
      bytes: bucketedBytes(FLIGHTLLM),
      formula: `${lengths / decodeBucket} x ${decodeMB} MB + ${lengths / prefillBucket} x ${prefillMB} MB`,
      kind: "derived",
    },
    {
      name: "FlightLLM, accesses of 8 channels merged",
      bytes: mergedGB * GB,
      formula: "published total; how many accesses are merged is not said",
      kind: "quoted",
    },
    {
      name: "the same, if all of its profile's are",
      bytes: bucketedBytes({ ...FLIGHTLLM, decodeMB: decodeMB * decode, prefillMB: prefillMB * prefill }),
      formula: `${decode.toFixed(3)} of the words of decode stay, ${prefill.toFixed(3)} of those of prefill`,
      kind: "derived",
    },
  ];
}

function ownRows(shape: LlamaShape, machine: Machine, formats: ShapeFormats, lengths: number): StorageRow[] {
  const cores = coresOf(machine);
  const programs = compileShape(shape, machine, formats, { context: lengths });
  const executed = executedInstructions(new Simulator(programs[0], null), lengths);
  const unrolled = (instructions: number): number => instructions * INSTRUCTION_BYTES * cores;
  const list = programs.map(({ bytes }) => bytes.length);
  return [
    {
      name: `${machine.name}, unrolled for every length`,
      bytes: unrolled(executed.decode + executed.prefill),
      formula: `${executed.decode} + ${executed.prefill} executed instructions x ${INSTRUCTION_BYTES} bytes${cores === 1 ? "" : ` x ${cores} cores`}`,
      kind: "simulated",
    },
    {
      name: `${machine.name}, the length in a register`,
      bytes: list.reduce((sum, bytes) => sum + bytes, 0),
      formula: `${list.join(" + ")} bytes, a program a core, prefill and decode, lengths 1 to ${lengths}`,
      kind: "compiled",
    },
  ];
}

/** Instructions that one core executes in a step of decode and in the prefill of every length, summed up. */
function executedInstructions(simulator: Simulator, lengths: number): { decode: number; prefill: number } {
  const { matrix, schedule } = simulator.machine;
  const together = matrix.launch?.together.tokens ?? 1;
  // As many instructions at every position; those behind the layers only where logits are wanted.
  const instructions = (sampler: Sampler | null): number =>
    simulator.run({ token: 0, position: 0, sampler }).instructions;
  const whole = instructions(greedy);
  const partial = schedule?.prefillLogits === "all" ? whole : instructions(null);
  let prefill = 0;
  for (let length = 1; length <= lengths; length++)
    prefill += (Math.ceil(length / together) - 1) * partial + whole;
  return { decode: whole * lengths, prefill };
}
