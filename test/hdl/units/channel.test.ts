import { describe, expect, it } from "vitest";
import { channel } from "../../../hdl/units/channel/channel.ts";
import { channelSizes, WIDEST } from "../../../hdl/units/channel/parameters.ts";
import { piecesFor } from "../../../hdl/units/sequencer/parameters.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { Chip, type Registers } from "../../../sim/chip.ts";
import { storeExponents, storeKey, storeValue, stretches } from "../../../sim/effects/keys-and-values.ts";
import { MemoryImage } from "../../../sim/effects/memory-image.ts";
import { Channel } from "../../../sim/units/channel.ts";
import { loadTime, setupCycles, storeAccesses } from "../../../sim/units/store-time.ts";
import { padded } from "../../../src/compile/buffers.ts";
import type { Instruction, Operation } from "../../../src/compile/instruction.ts";
import type { Machine, Memory } from "../../../src/compile/machine.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { type Arrival, type ChannelRun, isStream, runChannel, type Step } from "./channel-bench.ts";

const SEEDS = Number(process.env.SEEDS ?? 40);
const MEMORY_BYTES = 1 << 14;

const STREAMS: Readonly<Record<string, readonly Operation[]>> = {
  weights: ["LD.WEIGHTS"],
  tables: ["LD.EMBEDDING", "LD.ANGLES"],
  keysAndValues: ["LD.KEYS", "LD.VALUES", "LD.EXPONENTS", "ST.KEY", "ST.VALUE", "ST.EXPONENTS"],
};

function randomStep(random: Random, { holds, wordBytes }: Memory, machine: Machine): Step {
  const operation = random.pick(holds.flatMap((contents) => STREAMS[contents] ?? []));
  const registers = {
    token: random.below(40),
    position: random.below(60),
    layer: random.below(6),
    vectors: 1,
  };
  const unit = 3;
  const aligned = Math.max(1, wordBytes / 16);
  const fields = { unit, wait: 0, release: 0, a: 0, b: 0, c: 0, d: 0 };
  const start = { w: aligned * random.below(16), y: aligned * random.below(4) };
  const instruction = (): Omit<Instruction, keyof typeof fields | "operation"> & Partial<Instruction> => {
    switch (operation) {
      case "LD.WEIGHTS":
        return { ...start, x: aligned * (1 + random.below(20)), z: 0 };
      case "LD.KEYS":
      case "LD.VALUES":
        return { ...start, x: 4 * aligned * (1 + random.below(3)), z: 16 * 2 ** random.below(3) };
      case "LD.EXPONENTS":
        return { ...start, x: 2, z: 16 * random.below(20) };
      case "LD.EMBEDDING":
        return { ...start, x: 1 + random.below(70), z: random.below(200) };
      case "LD.ANGLES":
        return { ...start, x: 2 * (1 + random.below(30)), z: 0 };
      case "ST.KEY": {
        const tiles = 2 ** random.below(Math.log2(machine.matrix.tileBlocks) + 1);
        return {
          ...start,
          x: 1 + random.below(50),
          z: 16 * random.below(20),
          a: random.pick([4, 8]),
          b: tiles,
        };
      }
      case "ST.VALUE":
        return {
          ...start,
          x: 1 + random.below(40),
          z: 16 * random.below(20),
          a: random.pick([4, 8]),
          b: 1 + random.below(Math.min(4, machine.matrix.tileBlocks)),
        };
      default:
        return { ...start, x: 0, z: 0, b: random.below(256), c: random.below(256) };
    }
  };
  return {
    instruction: { operation, ...fields, ...instruction() },
    registers,
    gap: piecesFor(machine).pieces + random.below(6),
  };
}

const addressOf = ({ operation, w, y }: Instruction, { token, position, layer }: Registers): number =>
  16 * (w + y * (operation === "LD.EMBEDDING" ? token : operation === "LD.ANGLES" ? position : layer));

/** What the simulator says of the same steps. */
function expected(
  machine: Machine,
  memory: Memory,
  image: MemoryImage,
  chip: Chip,
  steps: readonly Step[],
  random: Random,
): ChannelRun & { readonly earliest: readonly number[] } {
  const unit = new Channel(memory);
  unit.reset();
  const run = {
    pops: [] as number[],
    words: [] as Uint8Array[],
    done: [] as number[],
    arrivals: [] as Arrival[],
    moved: 0,
    earliest: [] as number[],
  };
  let at = 0;
  for (const { instruction, registers, gap } of steps) {
    const { operation, x } = instruction;
    const address = addressOf(instruction, registers);
    const setup = setupCycles(instruction, registers);
    const wordsIn = (bytes: number): Uint8Array[] =>
      Array.from({ length: Math.ceil(bytes / memory.wordBytes) }, (_, i) =>
        image.bytes.slice(address + i * memory.wordBytes, address + (i + 1) * memory.wordBytes),
      );
    if (isStream(instruction)) {
      const words = wordsIn(16 * x * (operation === "LD.WEIGHTS" ? 1 : stretches(instruction, registers)));
      unit.stream({ words: words.length, setupCycles: setup, begin: (free) => free + gap + 1, ended: null });
      const slow = random.chance(0.3);
      for (const word of words) {
        at += random.chance(slow ? 0.5 : 0.05) ? random.below(12) : 0;
        run.earliest.push(at);
        at = unit.readWords(1, at);
        run.pops.push(at);
        run.words.push(word);
      }
      run.moved += words.length;
      continue;
    }
    const start = unit.drain() + gap + 1;
    if (operation.startsWith("ST.")) {
      const store =
        operation === "ST.KEY" ? storeKey : operation === "ST.VALUE" ? storeValue : storeExponents;
      // Blocks of 16 codes are stored whole.
      const x16 = operation === "ST.KEY" ? padded(x) : x;
      store({ ...instruction, x: x16 }, chip, registers, image);
      const { accesses, cyclesEach, pieceBytes } = storeAccesses(instruction, memory);
      const { end } = unit.access({
        start,
        setupCycles: setup,
        transfers: accesses,
        cyclesEach,
        tailCycles: 1,
        write: true,
        pieceBytes,
      });
      run.done.push(end);
      run.moved += cyclesEach > memory.cyclesPerWord ? accesses : 0;
      continue;
    }
    const words = wordsIn(operation === "LD.EXPONENTS" ? 2 * (registers.position + 1) : x);
    const { end } = unit.access({
      start,
      setupCycles: setup,
      transfers: words.length,
      ...loadTime(instruction, memory, machine),
      write: false,
      pieceBytes: memory.wordBytes,
    });
    run.done.push(end);
    run.moved += words.length;
    for (const [i, bytes] of words.entries())
      run.arrivals.push({ operation, place: instruction.z + i * memory.wordBytes, bytes });
  }
  return run;
}

describe("the channel's circuit", () => {
  it("moves the simulator's words in the simulator's cycles, for any memory", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new Random(seed);
      const drawn = randomMachine(random);
      const index = random.below(drawn.memories.length);
      // Every third channel that only reads has its buffer in SPRAM.
      const bufferMemory =
        seed % 3 === 0 && !drawn.memories[index]?.holds.includes("keysAndValues") ? "spram" : "block";
      const memories = drawn.memories.map((memory) => {
        const slow = bufferMemory === "block" ? {} : { wordBytes: 1, cyclesPerWord: 2 + random.below(2) };
        const { cyclesPerWord } = { ...memory, ...slow };
        return {
          ...memory,
          ...slow,
          bytes: MEMORY_BYTES,
          bufferWords: random.pick([1, 3, 8, 40]),
          latencyCycles: Math.max(memory.latencyCycles, (bufferMemory === "block" ? 3 : 4) - cyclesPerWord),
        };
      });
      const machine = { ...drawn, memories };
      const memory = memories[index]!;
      const chip = new Chip(machine);
      for (let i = 0; i < 1024; i++) chip.codes[i] = random.below(256) - 128;
      for (const descriptor of chip.descriptors) descriptor.exponent = random.below(256) - 128;
      const bytes = Uint8Array.from({ length: MEMORY_BYTES }, () => random.below(256));
      const steps = Array.from({ length: 1 + random.below(12) }, () => randomStep(random, memory, machine));
      const image = new MemoryImage(bytes.slice());
      const { earliest, ...model } = expected(machine, memory, image, chip, steps, random);
      const sizes = channelSizes(
        machine,
        index,
        { ...WIDEST, positionBits: 8, layerBits: 4, tokenBits: 8 },
        bufferMemory,
      );
      const label = `seed ${seed}: ${JSON.stringify({ memory, steps })}`;
      const run = runChannel(channel(sizes), sizes, bytes, chip, steps, earliest);
      expect(run, label).toEqual(model);
      const differs = bytes.findIndex((byte, at) => byte !== image.bytes[at]);
      expect(differs, label).toBe(-1);
    }
  }, 600_000);
});
