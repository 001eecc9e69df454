import { describe, expect, it } from "vitest";
import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import type { IntegerModel } from "../../models/decoder/integer/model.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import type { Span } from "../../sim/accounting.ts";
import { Effects, greedy } from "../../sim/effects/effects.ts";
import { MemoryImage } from "../../sim/effects/memory-image.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { InstructionTime } from "../../sim/token-result.ts";
import { compile } from "../../src/compile/compile.ts";
import { buildImages, planModel } from "../../src/compile/image.ts";
import type { Machine } from "../../src/compile/machine.ts";
import type { Program } from "../../src/compile/program.ts";
import { planShape } from "../../src/compile/shape-plan.ts";
import { decodeCosts } from "../../src/roofline/operator-cost.ts";
import { boundOf } from "../../src/roofline/roofline.ts";
import { randomMachine } from "../support/random-machine.ts";
import { FORMATS, randomModel, randomShape } from "../support/random-model.ts";

interface Case {
  readonly seed: number;
  readonly model: IntegerModel;
  readonly machine: Machine;
  readonly program: Program;
  readonly tokens: readonly number[];
}

function randomCase(seed: number): Case {
  const random = new Random(seed);
  const model = randomModel(random);
  const machine = randomMachine(random);
  const program = compile(planModel(model, machine), machine);
  const tokens = Array.from({ length: 20 }, () => random.below(model.shape.vocabSize));
  return { seed, model, machine, program, tokens };
}

const images = ({ model, program }: Case): MemoryImage[] =>
  buildImages(model, program).map((bytes) => new MemoryImage(bytes));
const cases = (count: number, from = 0): Case[] =>
  Array.from({ length: count }, (_, i) => randomCase(from + i));
const DEEP = process.env.ACCEL_DEEP === "1";

describe("simulator, on random models and machines", () => {
  it("writes every word that the integer decoder writes", () => {
    for (const one of cases(DEEP ? 400 : 40)) {
      const simulator = new Simulator(one.program, images(one));
      const reference: { operator: string; data: number[]; exponent: number }[] = [];
      const session = new IntegerDecoder(one.model).start((operator, data, exponent) =>
        reference.push({ operator, data: Array.from(data), exponent }),
      );
      for (const [position, token] of one.tokens.entries()) {
        const written = new Map<string, { data: number[]; exponent: number | null }>();
        const { next } = simulator.run(
          { token, position, sampler: greedy },
          {
            written: (operator, { data, exponent }) =>
              written.set(operator, { data: Array.from(data), exponent }),
          },
        );
        reference.length = 0;
        const [logits] = session.extendWords([token]);
        for (const { operator, data, exponent } of reference) {
          const found = written.get(operator);
          expect(found?.data, `seed ${one.seed}, position ${position}, ${operator}`).toEqual(data);
          if (found?.exponent !== null) expect(found?.exponent, operator).toBe(exponent);
        }
        expect(next).toBe(greedy(logits!));
      }
    }
  });

  it("takes the same cycles with and without weights", () => {
    for (const one of cases(20, 1000)) {
      const full = new Simulator(one.program, images(one));
      const timing = new Simulator(one.program, null);
      for (const [position, token] of one.tokens.entries()) {
        const sampler = position % 3 === 0 ? greedy : null;
        const a = full.run({ token, position, sampler });
        const b = timing.run({ token, position, sampler });
        expect({ ...a, next: null }).toEqual({ ...b, next: null });
      }
    }
  });

  it("lets no two instructions overlap that touch the same place on the chip", () => {
    for (const one of cases(20, 2000)) {
      const simulator = new Simulator(one.program, null);
      const times: InstructionTime[] = [];
      simulator.run({ token: 0, position: 17, sampler: greedy }, { timed: (time) => times.push(time) });
      const byIndex = times.filter(({ instruction }) => !instruction.operation.startsWith("LD.WEIGHTS"));
      for (const [i, later] of byIndex.entries()) {
        for (const earlier of byIndex.slice(0, i)) {
          if (earlier.layer !== later.layer || earlier.instruction.unit === later.instruction.unit) continue;
          if (conflicts(one.program, earlier.index, later.index)) {
            expect(
              later.start,
              `seed ${one.seed}: ${later.operator} after ${earlier.operator}`,
            ).toBeGreaterThanOrEqual(earlier.end);
          }
        }
      }
    }
  });

  it("moves the bytes that the roofline counts, and is never faster than the roofline", () => {
    for (const one of cases(30, 3000)) {
      const simulator = new Simulator(one.program, null);
      for (const position of [0, 15, 16, 33]) {
        const { bytes, cycles } = simulator.run({ token: 0, position, sampler: greedy });
        const costs = decodeCosts(one.program, position);
        const sum = (key: "weights" | "metadata" | "keysAndValues" | "tables"): number =>
          costs.reduce((total, cost) => total + cost.bytes[key], 0);
        for (const key of ["weights", "metadata", "keysAndValues", "tables"] as const)
          expect(bytes[key]).toBe(sum(key));
        expect(cycles).toBeGreaterThanOrEqual(
          boundOf(one.machine, costs).seconds * one.machine.clockMHz * 1e6,
        );
      }
    }
  });

  it("never uses multipliers or ends of rows that a machine does not have, in any format", () => {
    for (let seed = 0; seed < 24; seed++) {
      const random = new Random(6000 + seed);
      const drawn = randomMachine(random);
      const matrix = {
        ...drawn.matrix,
        tileBlocks: 16,
        lanes: random.pick([1, 4, 64]),
        rowsPerBeat: random.pick([1, 8, 64]),
      };
      const machine = { ...drawn, matrix };
      const shape = randomShape(random);
      const cycles = FORMATS.map((format) => {
        const plan = planShape(shape, format, format, 8);
        const program = compile(plan, machine);
        const result = new Simulator(program, null).run({ token: 0, position: 5, sampler: greedy });
        expect(result.multiplications).toBeLessThanOrEqual(result.cycles * matrix.lanes);
        const bound = boundOf(machine, decodeCosts(program, 5));
        expect(result.cycles).toBeGreaterThanOrEqual(bound.seconds * machine.clockMHz * 1e6);
        return result.cycles;
      });
      expect(cycles.length).toBe(FORMATS.length);
    }
  });

  it("accounts for every cycle of the matrix unit, the vector unit and the sequencer once", () => {
    for (const one of cases(20, 4000)) {
      const { units, cycles } = new Simulator(one.program, null).run({
        token: 0,
        position: 9,
        sampler: greedy,
      });
      for (const { unit, busy, stalls } of units) {
        const total = busy + Object.values(stalls).reduce((a, b) => a + b, 0);
        expect(total, `${one.seed} ${unit}`).toBeLessThanOrEqual(cycles);
        for (const stalled of Object.values(stalls)) expect(stalled).toBeGreaterThan(0);
      }
      const sequencer = units.at(-1)!;
      expect(sequencer.busy + Object.values(sequencer.stalls).reduce((a, b) => a + b, 0)).toBe(cycles);
    }
  });

  it("draws spans that are in order and inside the token", () => {
    const spans: Span[] = [];
    const one = randomCase(5);
    const { cycles } = new Simulator(one.program, null).run(
      { token: 0, position: 3, sampler: greedy },
      { spans },
    );
    expect(spans.length).toBeGreaterThan(20);
    for (const { start, end } of spans) expect(start >= 0 && end > start && end <= cycles).toBe(true);
  });

  it("a faster memory never makes a token slower", () => {
    for (const one of cases(10, 5000)) {
      const run = (cyclesPerWord: number): number => {
        const machine = {
          ...one.machine,
          memories: one.machine.memories.map((memory) => ({ ...memory, cyclesPerWord, refresh: null })),
        };
        const program = compile(one.program.plan, machine);
        return new Simulator(program, null).run({ token: 0, position: 12, sampler: greedy }).cycles;
      };
      expect(run(1)).toBeLessThanOrEqual(run(2));
      expect(run(2)).toBeLessThanOrEqual(run(5));
    }
  });

  it("names a matrix whose stream is not where it is awaited", () => {
    const one = randomCase(7);
    const damaged = images(one);
    damaged[one.program.layout.regions[0]!.memory]!.bytes[0] = 0xff;
    const effects = new Effects(one.machine, damaged);
    expect(() => effects.matrixAt(one.program.layout.regions[0]!.memory, 0, 4, 4)).toThrow(/header/);
  });
});

/** Whether two instructions touch the same words, codes or descriptors, read from their fields alone. */
function conflicts(program: Program, earlier: number, later: number): boolean {
  const [a, b] = [program.accesses[earlier]!, program.accesses[later]!];
  const meet = (some: typeof a.reads, others: typeof a.reads): boolean =>
    some.some((x) => others.some((y) => x.space === y.space && x.from < y.to && y.from < x.to));
  return meet(a.writes, b.reads) || meet(a.reads, b.writes) || meet(a.writes, b.writes);
}
