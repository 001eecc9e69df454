import { describe, expect, it } from "vitest";
import { findUnused } from "../../../hdl/builder/index.ts";
import { microcode, STORED, WORD_COUNT, widthOf } from "../../../hdl/units/vector/microcode.ts";
import { LEAST_LATENCY, type VectorParameters } from "../../../hdl/units/vector/parameters.ts";
import { vectorUnit } from "../../../hdl/units/vector/vector-unit.ts";
import { bitLength, peakOf } from "../../../models/decoder/integer/arithmetic.ts";
import { dyadic, normConstants } from "../../../models/decoder/integer/norm.ts";
import { argmax, sample, xorshift32 } from "../../../models/decoder/integer/sample.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { Chip } from "../../../sim/chip.ts";
import { runVector } from "../../../sim/effects/vector.ts";
import { vectorCycles } from "../../../sim/units/vector-time.ts";
import { padded } from "../../../src/compile/buffers.ts";
import type { Instruction } from "../../../src/compile/instruction.ts";
import { VectorBench } from "./vector-bench.ts";

const DEEP = process.env.ACCEL_DEEP === "1";
const WORDS = 1024;
const CODE_BYTES = 2048;
const RUNS = Number(process.env.SEEDS ?? (DEEP ? 400 : 30));

const machineOf = ({ lanes, latencyCycles }: VectorParameters) => ({ vector: { lanes, latencyCycles } });

/** The widest unit, and one in the cells of an iCE40, among others. */
const UNITS: readonly Partial<VectorParameters>[] = [
  { lanes: 1, latencyCycles: LEAST_LATENCY, multiplier: "mac16" },
  { lanes: 1, latencyCycles: LEAST_LATENCY + 1 },
  { lanes: 4, latencyCycles: LEAST_LATENCY + 4 },
  { lanes: 2, latencyCycles: LEAST_LATENCY },
  { lanes: 16, latencyCycles: LEAST_LATENCY + 1 },
  { lanes: 8, latencyCycles: LEAST_LATENCY + 2 },
];

type Work = Partial<Instruction> & { readonly operation: Instruction["operation"] };

/** Up to ten places where two memories differ. */
function differences(found: Int32Array | Int8Array, wanted: Int32Array | Int8Array): string[] {
  const all: string[] = [];
  wanted.forEach((value, i) => {
    if (found[i] !== value && all.length < 10) all.push(`${i}: ${found[i]}, not ${value}`);
  });
  return all;
}

/** A unit and the simulator's chip, which see the same instructions. */
class Pair {
  readonly random: Random;
  readonly parameters: VectorParameters;
  readonly bench: VectorBench;
  readonly chip: Chip;
  position = 0;

  constructor(seed: number, change: Partial<VectorParameters> = {}) {
    this.random = new Random(seed);
    this.parameters = {
      lanes: 1,
      latencyCycles: LEAST_LATENCY,
      words: WORDS,
      codeBytes: CODE_BYTES,
      multiplier: "soft",
      drawing: true,
      ...change,
    };
    this.chip = new Chip({
      vector: { words: WORDS, codeBytes: CODE_BYTES, exponentBytes: CODE_BYTES },
    } as never);
    this.bench = new VectorBench(this.parameters, {
      words: new Int32Array(WORDS),
      codes: new Int8Array(CODE_BYTES),
      exponents: new Int8Array(CODE_BYTES),
      descriptors: Array.from({ length: 256 }, () => ({ exponent: 0, peak: 0 })),
      angles: new Int16Array(0),
      position: 0,
      temperature: null,
    });
  }

  /** Words below 2^bits in magnitude; a peak often lies at the edge. */
  words(from: number, count: number, bits: number): void {
    const { random } = this;
    const own = random.chance(0.1) ? 0 : random.below(bits + 1);
    const limit = 2 ** own - (random.chance(0.5) ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const value = random.chance(0.2)
        ? random.pick([limit, -limit, 0, limit - 1, -1, 1])
        : Math.round((random.next() / 2 ** 31 - 1) * limit);
      this.setWord(from + i, Math.max(-(2 ** bits), Math.min(2 ** bits - 1, value)));
    }
  }

  setWord(at: number, value: number): void {
    this.chip.words[at] = value;
    this.bench.around.words[at] = value;
  }

  setExponent(at: number, value: number): void {
    this.chip.exponents[at] = value;
    this.bench.around.exponents[at] = value;
  }

  describe(descriptor: number, exponent: number, from: number, count: number, peak?: number): void {
    const words = this.chip.words.subarray(from, from + count);
    const known = peak ?? peakOf(words);
    let sumOfSquares = 0;
    for (const word of words) sumOfSquares += word * word;
    Object.assign(this.chip.descriptors[descriptor]!, { exponent, peak: known, sumOfSquares });
    this.bench.around.descriptors[descriptor] = { exponent, peak: known };
  }

  exponent(): number {
    return this.random.pick([0, 3, -14, -40, 100, -300, 300, this.random.below(200) - 100]);
  }

  /** Runs it on both, and compares everything but `scratch` words. */
  run(work: Work, label: string, scratch = 0): void {
    const instruction = {
      unit: 2,
      wait: 0,
      release: 0,
      a: 0,
      b: 0,
      c: 0,
      d: 0,
      w: 0,
      x: 0,
      y: 0,
      z: 0,
      ...work,
    };
    this.bench.around.position = this.position;
    this.bench.around.angles = this.chip.angles;
    runVector(instruction, this.chip, { token: 0, position: this.position, layer: 0, vectors: 1 });
    const { cycles } = this.bench.run(work.operation, instruction);
    const text = `${label} ${JSON.stringify(work)} ${JSON.stringify(this.parameters)} position ${this.position}`;
    const { words, codes, descriptors } = this.bench.around;
    if (scratch > 0)
      words.set(this.chip.words.subarray(instruction.x, instruction.x + scratch), instruction.x);
    expect(differences(words, this.chip.words), text).toEqual([]);
    expect(differences(codes, this.chip.codes), text).toEqual([]);
    const target = this.chip.descriptors[instruction.d]!;
    const found = descriptors[instruction.d]!;
    expect(found.exponent, text).toBe(target.exponent);
    if (work.operation === "MISC.SOFTMAX") {
      expect(found.peak % 2 ** 16, text).toBe(target.inverseSum.mantissa);
      expect(1 - Math.floor(found.peak / 2 ** 16), text).toBe(target.inverseSum.exponent);
    } else if (!["MISC.NORM", "MISC.QUANTIZE"].includes(work.operation))
      expect(found.peak, text).toBe(target.peak);
    const elements = work.operation === "MISC.SOFTMAX" ? this.position + 1 : instruction.w;
    const segments = work.operation === "MISC.QUANTIZE" ? instruction.a : 1;
    expect(cycles, text).toBe(
      vectorCycles({ operation: work.operation, elements, segments }, machineOf(this.parameters)),
    );
  }
}

const CASES: Readonly<Record<string, (pair: Pair) => void>> = {
  "PEAK finds the largest magnitude": (pair) => {
    const w = 1 + pair.random.below(50);
    pair.words(7, w, 30);
    pair.describe(1, pair.exponent(), 7, w, 1 << 30);
    pair.run({ operation: "MISC.PEAK", w, x: 7, b: 1, d: 2 }, "peak");
  },
  "QUANTIZE shares an exponent among segments": (pair) => {
    const { random } = pair;
    const a = random.pick([1, 1, 2, 3, 5]);
    const w = 1 + random.below(40);
    const base = pair.exponent();
    const allZero = random.chance(0.1);
    for (let i = 0; i < a; i++) {
      pair.words(3 + i * w, w, 30);
      if (allZero) for (let j = 0; j < w; j++) pair.setWord(3 + i * w + j, 0);
      pair.describe(10 + i, random.chance(0.5) ? base : base + random.below(40) - 20, 3 + i * w, w);
    }
    pair.run(
      {
        operation: "MISC.QUANTIZE",
        w,
        a,
        c: random.pick([4, 8]),
        x: 3,
        z: 32,
        b: 10,
        d: random.pick([10, 99]),
      },
      "quantize",
    );
  },
  "ADD keeps room for the carry": (pair) => {
    const { random } = pair;
    const w = 1 + random.below(40);
    pair.words(0, w, random.pick([15, 15, 7]));
    pair.words(100, w, 30);
    const base = pair.exponent();
    pair.describe(1, base, 0, w);
    pair.describe(2, base + random.below(60) - 35, 100, w);
    pair.run(
      {
        operation: "MISC.ADD",
        w,
        x: 0,
        y: 100,
        z: random.pick([0, 300]),
        b: 1,
        c: 2,
        d: random.pick([1, 3]),
      },
      "add",
    );
  },
  "SCALE multiplies with the inverse sum": (pair) => {
    const { random } = pair;
    const w = 1 + random.below(40);
    pair.words(5, w, 30);
    pair.describe(1, pair.exponent(), 5, w);
    const length = 15 + random.below(17);
    const mantissa = random.pick([2 ** 15, 2 ** 14 + 1, 2 ** 14 + random.below(2 ** 14)]);
    pair.chip.descriptors[2]!.inverseSum = { mantissa, exponent: 1 - length };
    pair.bench.around.descriptors[2] = { exponent: -5, peak: length * 2 ** 16 + mantissa };
    pair.run({ operation: "MISC.SCALE", w, x: 5, z: 200, b: 1, c: 2, d: 3 }, "scale");
  },
  "ROTATE turns pairs": (pair) => {
    const { random } = pair;
    const w = 2 * (1 + random.below(20));
    pair.words(5, w, 30);
    pair.describe(1, pair.exponent(), 5, w, random.chance(0.5) ? 2 ** 29 + 5 : undefined);
    pair.chip.angles = Int16Array.from({ length: w }, (_, i) => {
      const angle = random.pick([0, Math.PI / 2, Math.PI, i * 0.3]);
      return Math.round(2 ** 14 * (i < w / 2 ? Math.cos(angle) : Math.sin(angle)));
    });
    pair.run({ operation: "MISC.ROTATE", w, x: 5, z: 200, b: 1, d: 3 }, "rotate");
  },
  "NORM divides by the root mean square": (pair) => {
    const { random } = pair;
    const w = 1 + random.below(70);
    pair.words(0, w, 15);
    if (random.chance(0.1)) for (let i = 0; i < w; i++) pair.setWord(i, -(2 ** 15));
    pair.describe(1, random.pick([pair.exponent(), -9, -15]), 0, w);
    const { inverseLength, epsilon } = normConstants(
      random.pick([w, 1, 4096]),
      random.pick([0, 1e-5, 1e-6, 1e-12, 0.5]),
    );
    const y = inverseLength.mantissa + epsilon.mantissa * 2 ** 16;
    pair.run(
      {
        operation: "MISC.NORM",
        w,
        x: 0,
        y,
        z: 16,
        a: Math.abs(inverseLength.exponent),
        c: Math.abs(epsilon.exponent),
        b: 1,
        d: 3,
      },
      "norm",
    );
  },
  "GATE multiplies the gate with its sigmoid": (pair) => {
    const { random } = pair;
    const w = 1 + random.below(40);
    pair.words(0, w, 30);
    const near = -bitLength(peakOf(pair.chip.words, 0, w)) + random.below(8);
    pair.describe(1, random.pick([pair.exponent(), near]), 0, w);
    pair.run(
      { operation: "MISC.GATE", w, x: 0, z: random.pick([0, 300]), b: 1, d: random.pick([1, 3]) },
      "gate",
    );
  },
  "MULTIPLY multiplies mantissas with words": (pair) => {
    const { random } = pair;
    const w = 1 + random.below(40);
    pair.words(0, w, 15);
    pair.words(100, w, 30);
    pair.describe(1, pair.exponent(), 0, w);
    pair.describe(2, pair.exponent(), 100, w);
    const z = random.pick([0, 100, 300]);
    pair.run(
      { operation: "MISC.MULTIPLY", w, x: 0, y: 100, z, b: 1, c: 2, d: random.pick([1, 3]) },
      "multiply",
    );
  },
  "SOFTMAX weighs tokens": (pair) => {
    const { random } = pair;
    pair.position = random.pick([0, random.below(20), random.below(120)]);
    const tokens = pair.position + 1;
    pair.words(0, tokens, random.pick([10, 18, 24]));
    const [key, value] = [random.below(200) - 100, random.below(200) - 100];
    for (let t = 0; t < tokens; t++) {
      pair.setExponent(512 + 2 * t, Math.max(-128, Math.min(127, key + random.below(7) - 3)));
      pair.setExponent(
        513 + 2 * t,
        Math.max(-128, Math.min(127, value + random.below(random.pick([3, 30])))),
      );
    }
    pair.describe(1, random.pick([-16 - key - random.below(24), pair.exponent()]), 0, 1, 5);
    pair.run({ operation: "MISC.SOFTMAX", x: 0, y: 512, z: 64, b: 1, d: 3 }, "softmax", padded(tokens));
  },
};

describe("the vector unit's circuit", () => {
  it("has nothing that is there for nothing, and refuses what it cannot be", () => {
    const sizes = { words: WORDS, codeBytes: CODE_BYTES, multiplier: "mac16", drawing: true } as const;
    const parameters = { ...sizes, lanes: 2, latencyCycles: LEAST_LATENCY };
    expect(findUnused(vectorUnit(parameters))).toEqual([]);
    expect(() => vectorUnit({ ...parameters, lanes: 3 })).toThrow("power of two");
    expect(() => vectorUnit({ ...parameters, latencyCycles: LEAST_LATENCY - 1 })).toThrow("pipeline takes");
  });

  it("has microcode for two block RAMs", () => {
    expect(widthOf(STORED)).toBe(32);
    expect(microcode().length).toBeLessThanOrEqual(WORD_COUNT);
  });

  for (const [name, run] of Object.entries(CASES))
    it(`${name}, in the decoder's bits and the simulator's cycles`, { timeout: 600_000 }, () => {
      for (const [seed, unit] of UNITS.entries()) {
        const pair = new Pair(seed, unit);
        for (let i = 0; i < RUNS; i++) run(pair);
      }
    });

  it("picks the largest, or draws", { timeout: 600_000 }, () => {
    for (const [seed, unit] of UNITS.entries()) {
      const pair = new Pair(seed, unit);
      const { random, bench } = pair;
      let state = 1 + random.below(2 ** 31);
      bench.seed(state);
      for (let i = 0; i < RUNS; i++) {
        const w = 1 + random.below(100);
        pair.words(9, w, random.pick([3, 30]));
        pair.describe(4, random.pick([pair.exponent(), -20]), 9, w);
        const words = pair.chip.words.slice(9, 9 + w);
        const greedy = bench.run("MISC.SAMPLE", { w, x: 9, b: 4 });
        expect(greedy.token).toBe(argmax(words));
        const work = { operation: "MISC.SAMPLE", elements: w } as const;
        expect(greedy.cycles).toBe(vectorCycles(work, machineOf(pair.parameters)));
        const temperature = dyadic(Math.LOG2E / random.pick([0.01, 0.5, 1, 3]));
        bench.around.temperature = temperature;
        const drawn = bench.run("MISC.SAMPLE", { w, x: 9, b: 4 });
        state = xorshift32(state);
        const { exponent, peak } = pair.chip.descriptors[4]!;
        expect(drawn.token, `unit ${seed}, run ${i}`).toBe(
          sample({ words, exponent, peak }, temperature, state),
        );
        expect(drawn.cycles).toBe(vectorCycles({ ...work, drawing: true }, machineOf(pair.parameters)));
        bench.around.temperature = null;
        bench.around.words.set(pair.chip.words);
      }
    }
  });
});
