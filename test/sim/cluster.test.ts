import { describe, expect, it } from "vitest";
import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { InputError } from "../../models/errors.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { Cluster } from "../../sim/cluster.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import { TokenCounts } from "../../sim/token-counts.ts";
import { compileCores, compileShape } from "../../src/compile/cores.ts";
import { planModel } from "../../src/compile/image.ts";
import { coresOf } from "../../src/compile/machine.ts";
import { planShape } from "../../src/compile/shape-plan.ts";
import { shareOf } from "../../src/compile/share.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { generate } from "../../src/experiment/generate.ts";
import { circuitFor } from "../../src/verify/circuit.ts";
import { randomLaunchMachine } from "../support/launch-machine.ts";
import { randomModel, randomShape } from "../support/random-model.ts";

const DEEP = process.env.ACCEL_DEEP === "1";
const seeds = (quick: number, deep: number): number[] =>
  Array.from({ length: DEEP ? deep : quick }, (_, seed) => seed);

/** The most cores that all get something to do. */
function mostCores({ kvHeads, hiddenSize, intermediateSize, vocabSize }: LlamaShape): number {
  return Math.min(kvHeads, Math.ceil(Math.min(hiddenSize, intermediateSize, vocabSize) / 16));
}

/** A random model on a random machine of at most as many cores as it has key and value heads. */
function randomCase(seed: number) {
  const random = new Random(1000 + seed);
  const model = randomModel(random);
  const machine = randomLaunchMachine(random, 1 + random.below(mostCores(model.shape)));
  const [program, ...others] = compileCores(model.shape, machine, (share) =>
    planModel(model, machine, share),
  );
  return { random, model, machine, program, others };
}

const FORMAT = { bits: 4, groupSize: 32, pattern: { kind: "dense" } } as const;
const FORMATS = { layers: FORMAT, head: FORMAT, kv: 8, exceptions: {} } as const;

/** A random shape, deep enough for layers to repeat themselves. */
function deepCase(seed: number) {
  const random = new Random(2000 + seed);
  const shape = { ...randomShape(random), layers: 3 + random.below(30) };
  const machine = randomLaunchMachine(random, 1 + random.below(mostCores(shape)));
  const [program] = compileShape(shape, machine, FORMATS);
  return { random, shape, machine, program, simulator: new Simulator(program, null) };
}

describe("machines that are started launch by launch, with one core or several", () => {
  it("write every word that the integer decoder writes, whatever the schedule", () => {
    for (const seed of seeds(24, 300)) {
      const { random, model, program, others } = randomCase(seed);
      const { vocabSize } = model.shape;
      const prompt = Array.from({ length: 6 }, () => random.below(vocabSize));
      const decoder = new IntegerDecoder(model);
      const options = {
        prompt,
        tokens: 4,
        endTokens: [],
        sampling: random.chance(0.5) ? null : { temperature: 1, seed },
      };
      const { wordsCompared, wordsEqual, firstDifference } = generate(program, decoder, options, others);
      expect(firstDifference, `seed ${seed}`).toBeNull();
      expect(wordsCompared).toBeGreaterThan(1000);
      expect(wordsEqual).toBe(wordsCompared);
    }
  });

  it("take as long as the core with the largest share, which never waits for another", () => {
    for (const seed of seeds(30, 300)) {
      const { shape, simulator, machine } = deepCase(seed);
      const programs = compileCores(shape, machine, (share) => planShape(shape, FORMAT, FORMAT, 8, share));
      const cluster = new Cluster(programs, null);
      for (const position of [0, 17, 33]) {
        const input = { token: position, position, sampler: greedy };
        expect(
          cluster.run(input).cycles,
          `seed ${seed} ${coresOf(machine)} ${JSON.stringify(shape)} ${JSON.stringify(machine.schedule)}`,
        ).toBe(simulator.run(input).cycles);
      }
    }
  });

  it("repeat layers: skipping them gives the cycles, bytes and stalls of the plain walk", () => {
    let skipped = 0;
    for (const seed of seeds(30, 400)) {
      const { random, simulator } = deepCase(seed);
      for (const position of [0, random.below(100)]) {
        const vectors = random.pick([1, 1, 5]);
        const input = { token: 0, position, sampler: greedy, vectors };
        let walked = 0;
        const plain = simulator.run(input, { timed: () => walked++ });
        let visited = 0;
        const quick = simulator.run(input);
        visited = simulator.walked;
        expect(quick, `seed ${seed}`).toEqual(plain);
        if (visited < walked) skipped++;
      }
    }
    expect(skipped).toBeGreaterThan(20);
  });

  it("move and multiply what is counted without their time", () => {
    for (const seed of seeds(30, 300)) {
      const { random, simulator, program } = deepCase(seed);
      const counts = new TokenCounts(program);
      for (const sampler of [greedy, null]) {
        const input = { token: 0, position: random.below(100), vectors: random.pick([1, 3]), sampler };
        const { bytes, multiplications } = simulator.run(input);
        expect(counts.count(input), `seed ${seed}`).toEqual({ bytes, multiplications });
      }
    }
  });

  it("are never faster than their multipliers and memories", () => {
    for (const seed of seeds(30, 300)) {
      const { random, simulator } = deepCase(seed);
      const result = simulator.run({ token: 0, position: random.below(100), sampler: greedy });
      const { matrix, memories } = simulator.machine;
      expect(result.cycles * matrix.lanes).toBeGreaterThanOrEqual(result.multiplications);
      const { bytesPerCycle, readEfficiency } = memories[0]!.burst!;
      const { weights, metadata } = result.bytes;
      expect(result.cycles * bytesPerCycle * readEfficiency.value).toBeGreaterThanOrEqual(weights + metadata);
      for (const { busy } of result.units) expect(busy).toBeLessThanOrEqual(result.cycles);
    }
  });

  it("take a prompt in faster together than one by one", () => {
    const machine = machineFrom("vhk158-flightllm");
    const [program] = compileShape(timedShape("tinyllama-1.1b"), machine, FORMATS, { context: 128 });
    const simulator = new Simulator(program, null);
    const one = simulator.run({ token: 0, position: 0, sampler: greedy });
    const together = simulator.run({ token: 0, position: 0, vectors: 128, sampler: greedy });
    expect(together.multiplications).toBeGreaterThan(127 * one.multiplications);
    expect(together.bytes.weights).toBe(one.bytes.weights);
    expect(together.cycles).toBeLessThan(0.4 * 128 * one.cycles);
    expect(together.cycles * machine.matrix.launch!.together.lanes).toBeGreaterThan(together.multiplications);
  });
});

describe("shares", () => {
  it("deal everything out once, the largest part to the first core", () => {
    const shape = timedShape("llama-2-7b");
    const shares = [0, 1, 2].map((core) => shareOf(shape, core, 3));
    expect(shares.map(({ heads }) => heads.to - heads.from)).toEqual([11, 11, 10]);
    expect(shares.map(({ heads }) => heads.from)).toEqual([0, 11, 22]);
  });

  it("refuse fewer key and value heads than cores", () => {
    const machine = machineFrom("u280-flightllm");
    expect(() => compileShape(timedShape("qwen2.5-0.5b"), machine, FORMATS)).toThrow(
      /has 3 cores, but the model has 2 key and value heads/,
    );
  });
});

describe("FlightLLM's machines", () => {
  it("have no circuit, and say so", () => {
    const model = randomModel(new Random(1));
    expect(() => circuitFor(model, machineFrom("u280-flightllm"))).toThrow(InputError);
  });

  it("start 512 rows at once: a core's 2,752 rows take as long as 3,072", () => {
    const machine = machineFrom("vhk158-flightllm");
    expect(coresOf(machine)).toBe(4);
    const [program] = compileShape(timedShape("llama-2-7b"), machine, FORMATS, { context: 16 });
    const times: { operator: string; start: number; end: number }[] = [];
    const watch = {
      timed: (time: { operator: string; start: number; end: number }) => void times.push(time),
    };
    const { units } = new Simulator(program, null).run({ token: 0, position: 0, sampler: greedy }, watch);
    const perLayer = (4 * 1024 * 4096 + 2 * 3072 * 4096 + 1024 * 11008) / 1024;
    const attention = 8 * ((512 * 128) / 1024 + (512 * 16) / 1024);
    const head = (8192 * 4096) / 1024;
    expect(units[0]!.busy).toBe(32 * (perLayer + attention) + head);
  });
});
