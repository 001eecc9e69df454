import { describe, expect, it } from "vitest";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import {
  dotBitsFor,
  LEAST_LATENCY,
  type MultiplierKind,
  matrixSizes,
} from "../../../hdl/units/matrix/parameters.ts";
import { usesMac16 } from "../../../hdl/units/matrix/scaler.ts";
import { IntegerMatrix } from "../../../models/decoder/integer/linear.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { Channel } from "../../../sim/units/channel.ts";
import { MatrixUnit } from "../../../sim/units/matrix.ts";
import type { Machine, Memory } from "../../../src/compile/machine.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { FORMATS, randomMatrix } from "../../support/random-model.ts";
import { cacheJob, type Job, MatrixBench, weightsJob } from "./matrix-bench.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

/** A machine that a circuit can be built for, and the memories that its matrix unit reads. */
function buildable(random: Random): { machine: Machine; memories: readonly Memory[] } {
  const drawn = randomMachine(random);
  const { lanes } = drawn.matrix;
  const machine = {
    ...drawn,
    matrix: {
      ...drawn.matrix,
      lanes: Math.min(64, lanes),
      latencyCycles: LEAST_LATENCY + random.below(5),
    },
  };
  const plain = machine.memories.map((memory) => ({ ...memory, refresh: null, bufferWords: 1 << 14 }));
  return { machine, memories: random.sample(plain, Math.min(2, 1 + random.below(plain.length))) };
}

/** Runs jobs one after the other in the simulator and in the circuit, each some cycles after the unit is free. */
function compare(
  seed: number,
  machine: Machine,
  memories: readonly Memory[],
  jobs: readonly Job[],
  multiplier: MultiplierKind = "soft",
): void {
  const random = new Random(seed);
  const channels = memories.map((memory) => {
    const bytes = Buffer.concat(jobs.filter((job) => job.memory === memory).map(({ stream }) => stream));
    const count = bytes.length / memory.wordBytes;
    const first = memory.commandCycles + memory.latencyCycles;
    const arrivals = Array.from({ length: count }, (_, i) => first + (i + 1) * memory.cyclesPerWord);
    const channel = new Channel(memory);
    channel.reset();
    channel.stream({ words: count, setupCycles: 0, begin: () => 0, ended: null });
    return { memory, channel, bytes, arrivals };
  });
  const unit = new MatrixUnit(machine);
  let free = 0;
  const expected = jobs.map((job) => {
    const start = free + 1 + (random.chance(0.5) ? 0 : random.below(30));
    const source = memories.indexOf(job.memory);
    const time = unit.run(job.pass, channels[source]!.channel, start);
    free = time.issued;
    return { job, source, start, time };
  });
  const bench = new MatrixBench(machine, memories, jobs, multiplier);
  const runs = bench.run(expected, channels);
  for (const [i, { job, time }] of expected.entries()) {
    const { bits, pattern } = job.format;
    const label = `seed ${seed}, job ${i}: ${JSON.stringify({ bits, pattern, rows: job.pass.rows, cols: job.pass.cols, vectors: job.words.length, command: job.command, matrix: machine.matrix, outputs: machine.vector.lanes, wordBytes: job.memory.wordBytes })}`;
    expect(runs[i]!.words, label).toEqual(job.words);
    expect({ issued: runs[i]!.issued, done: runs[i]!.done }, label).toEqual(time);
  }
  expect(unit.account.busy).toBeGreaterThan(0);
}

describe("the matrix unit's circuit", () => {
  it("gives the integer decoder's words in the simulator's cycles, for every format and machine", () => {
    for (let seed = 0; seed < (DEEP ? 1000 : 24); seed++) {
      const random = new Random(seed);
      const format = FORMATS[seed % FORMATS.length]!;
      const { machine, memories } = buildable(random);
      const matrix = randomMatrix(random, 1 + random.below(60), 1 + random.below(80), format);
      const [memory] = memories;
      compare(seed, machine, [memory!], [weightsJob(random, matrix, machine, memory!)]);
    }
  });

  it("runs matrices of several formats, keys and values one after the other", () => {
    for (let seed = 0; seed < (DEEP ? 100 : 3); seed++) {
      const random = new Random(seed);
      const { machine, memories } = buildable(random);
      const jobs = [
        ...FORMATS.map((format) =>
          weightsJob(
            random,
            randomMatrix(random, 1 + random.below(40), 1 + random.below(60), format),
            machine,
            random.pick(memories),
          ),
        ),
        ...(["keys", "values", "keys", "values"] as const).map((kind) =>
          cacheJob(random, kind, machine, random.pick(memories)),
        ),
      ];
      compare(seed, machine, memories, random.sample(jobs, jobs.length));
    }
  });

  it("adds to the same rows in every cycle", () => {
    const random = new Random(1);
    const drawn = buildable(random);
    const machine: Machine = {
      ...drawn.machine,
      matrix: { ...drawn.machine.matrix, lanes: 64, rowsPerBeat: 16, tileBlocks: 1 },
    };
    // A word brings some groups of packets, each of which ends all rows.
    const memory: Memory = { ...drawn.memories[0]!, wordBytes: 256, cyclesPerWord: 1 };
    const format = { bits: 4, groupSize: 16, pattern: { kind: "n:m", n: 1, m: 8 } } as const;
    const job = weightsJob(random, randomMatrix(random, 16, 160, format), machine, memory);
    compare(1, machine, [memory], [job]);
  });

  it("drops what fills up a stretch of one source while another one is read", () => {
    for (let seed = 0; seed < 3; seed++) {
      const random = new Random(seed);
      const drawn = buildable(random);
      const machine: Machine = {
        ...drawn.machine,
        matrix: { ...drawn.machine.matrix, lanes: 1, rowsPerBeat: 1, tileBlocks: 1, maxTokens: 1 },
      };
      const [memory] = drawn.memories;
      const bytes: Memory = {
        ...memory!,
        wordBytes: 1,
        cyclesPerWord: 1,
        latencyCycles: 2,
        commandCycles: 0,
      };
      const wide: Memory = { ...bytes, wordBytes: 64 };
      const job = (rows: number, cols: number, from: Memory): Job =>
        weightsJob(random, randomMatrix(random, rows, cols, FORMATS[7]!), machine, from);
      compare(seed, machine, [bytes, wide], [job(16, 64, bytes), job(16, 16, wide), job(16, 16, bytes)]);
    }
  });

  it("does the same with SB_MAC16 that multiply and scale, at the ends of their ranges", () => {
    for (const [seed, lanes] of [1, 2, 4, 8].entries()) {
      const random = new Random(seed);
      const drawn = buildable(random);
      const { memories } = drawn;
      const machine: Machine = {
        ...drawn.machine,
        matrix: { ...drawn.machine.matrix, lanes, rowsPerBeat: 1, accumulatorBits: 32 },
        vector: { ...drawn.machine.vector, lanes: 1 },
      };
      expect(usesMac16(scalerSizes(machine))).toBe(true);
      const extreme = randomMatrix(random, 20, 32, FORMATS[0]!);
      extreme.codes.fill(-128);
      extreme.scales.fill(255);
      const jobs = [
        weightsJob(random, randomMatrix(random, 33, 40, FORMATS[1]!), machine, memories[0]!),
        weightsJob(random, extreme, machine, memories[0]!),
        cacheJob(random, "values", machine, memories.at(-1)!),
      ];
      // One sum needs all bits of the accumulator and is shifted.
      expect(new IntegerMatrix(extreme).places).toBe(1);
      compare(seed, machine, memories, jobs, "mac16");
    }
  });
});

const scalerSizes = ({ matrix }: Machine) =>
  matrixSizes({
    ...matrix,
    outputLanes: 1,
    sources: [{ wordBytes: 1, alignment: 16 }],
    dotBits: dotBitsFor(32, 8),
    rowBits: 10,
    columnBits: 8,
    formats: [formatCircuit(8, { kind: "dense" })],
    multiplier: "mac16",
  });
