import { describe, expect, it } from "vitest";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { Channel } from "../../../sim/units/channel.ts";
import { MatrixUnit } from "../../../sim/units/matrix.ts";
import type { Machine, Memory } from "../../../src/compile/machine.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { FORMATS, randomMatrix } from "../../support/random-model.ts";
import { cacheJob, type Job, MatrixBench, weightsJob } from "./matrix-bench.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

/** A machine that a circuit can be built for: its pipeline has six stages. Counted blocks side by side are not built. */
function buildable(random: Random, counted: boolean): { machine: Machine; memory: Memory } {
  const drawn = randomMachine(random);
  const { lanes, tileBlocks } = drawn.matrix;
  const machine = {
    ...drawn,
    matrix: {
      ...drawn.matrix,
      lanes: Math.min(64, lanes),
      tileBlocks: counted ? 1 : tileBlocks,
      latencyCycles: 6 + random.below(5),
    },
  };
  return { machine, memory: { ...random.pick(machine.memories), refresh: null, bufferWords: 1 << 14 } };
}

/** Runs jobs one after the other in the simulator and in the circuit, each some cycles after the circuit is free. */
function compare(
  seed: number,
  machine: Machine,
  memory: Memory,
  jobs: readonly Job[],
  bench: MatrixBench,
): void {
  const random = new Random(seed);
  const words = jobs.map(({ stream }) => stream.length / memory.wordBytes);
  const all = words.reduce((sum, count) => sum + count, 0);
  const channel = new Channel(memory);
  channel.reset();
  channel.stream({ words: all, setupCycles: 0, begin: () => 0, ended: null });
  const first = memory.commandCycles + memory.latencyCycles;
  bench.begin(
    Buffer.concat(jobs.map(({ stream }) => stream)),
    Array.from({ length: all }, (_, i) => first + (i + 1) * memory.cyclesPerWord),
  );
  const unit = new MatrixUnit(machine);
  let start = 1;
  for (const [i, job] of jobs.entries()) {
    const label = `seed ${seed}, job ${i}: ${JSON.stringify({ format: job.format, command: job.command, matrix: machine.matrix, outputs: machine.vector.lanes, memory })}`;
    const time = unit.run(job.pass, channel, start);
    const run = bench.run(job, start);
    expect(run.words, label).toEqual(job.words);
    expect(run.done, label).toBe(time.done);
    start = time.done + 1 + random.below(30);
  }
  expect(unit.account.busy).toBeGreaterThan(0);
}

describe("the matrix unit's circuit", () => {
  it("gives the integer decoder's words in the simulator's cycles, for every format and machine", () => {
    for (let seed = 0; seed < (DEEP ? 1000 : 40); seed++) {
      const random = new Random(seed);
      const format = FORMATS[seed % FORMATS.length]!;
      const { machine, memory } = buildable(random, format.pattern.kind === "n:16");
      const matrix = randomMatrix(random, 1 + random.below(60), 1 + random.below(80), format);
      const job = weightsJob(random, matrix, machine, memory);
      compare(seed, machine, memory, [job], new MatrixBench(machine, memory, [job]));
    }
  });

  it("runs matrices of several formats, keys and values one after the other", () => {
    for (let seed = 0; seed < (DEEP ? 100 : 6); seed++) {
      const random = new Random(seed);
      const { machine, memory } = buildable(random, true);
      const jobs = [
        ...FORMATS.map((format) =>
          weightsJob(
            random,
            randomMatrix(random, 1 + random.below(40), 1 + random.below(60), format),
            machine,
            memory,
          ),
        ),
        ...(["keys", "values", "keys", "values"] as const).map((kind) =>
          cacheJob(random, kind, machine, memory),
        ),
      ];
      compare(
        seed,
        machine,
        memory,
        random.sample(jobs, jobs.length),
        new MatrixBench(machine, memory, jobs),
      );
    }
  });

  it("does the same with two products in an SB_MAC16", () => {
    for (let seed = 0; seed < 4; seed++) {
      const random = new Random(seed);
      const { machine, memory } = buildable(random, false);
      const small = { ...machine, matrix: { ...machine.matrix, lanes: [1, 2, 8, 16][seed]! } };
      const jobs = [
        weightsJob(random, randomMatrix(random, 33, 40, FORMATS[1]!), small, memory),
        cacheJob(random, "values", small, memory),
      ];
      compare(seed, small, memory, jobs, new MatrixBench(small, memory, jobs, "mac16"));
    }
  });
});
