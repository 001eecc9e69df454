import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { compile } from "../../src/compile/compile.ts";
import { planModel } from "../../src/compile/image.ts";
import {
  decodeInstruction,
  encodeInstruction,
  INSTRUCTION_BYTES,
  type Instruction,
  OPERATIONS,
  type Operation,
  unitRuns,
} from "../../src/compile/instruction.ts";
import { listing } from "../../src/compile/listing.ts";
import { type Machine, parseMachine } from "../../src/compile/machine.ts";
import {
  decodeProgram,
  fingerprintOf,
  PROGRAM_HEADER_BYTES,
  type Program,
} from "../../src/compile/program.ts";
import { insertTokens, type Step } from "../../src/compile/tokens.ts";
import { randomMachine } from "../support/random-machine.ts";
import { randomModel, randomShape } from "../support/random-model.ts";

const byte = fc.integer({ min: 0, max: 255 });
const wide = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const instructions: fc.Arbitrary<Instruction> = fc
  .record({
    operation: fc.constantFrom(...(Object.keys(OPERATIONS) as Operation[])),
    unit: fc.integer({ min: 0, max: 6 }),
    wait: byte,
    release: byte,
    a: byte,
    b: byte,
    c: byte,
    d: byte,
    w: wide,
    x: wide,
    y: wide,
    z: wide,
  })
  .filter(({ operation, unit }) => unitRuns(operation, unit));

function randomProgram(seed: number): { program: Program; machine: Machine } {
  const random = new Random(seed);
  const model = randomModel(random);
  const machine = randomMachine(random);
  return { program: compile(planModel(model, machine), machine), machine };
}

describe("instructions", () => {
  it("come back from their bytes", () => {
    fc.assert(
      fc.property(instructions, (instruction) => {
        const bytes = new Uint8Array(INSTRUCTION_BYTES + 3);
        encodeInstruction(instruction, bytes, 3);
        expect(decodeInstruction(bytes, 3)).toEqual(instruction);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuse fields that do not fit, unknown operations and wrong units", () => {
    const one: Instruction = {
      operation: "SYS.END",
      unit: 0,
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
    };
    const bytes = new Uint8Array(INSTRUCTION_BYTES);
    expect(() => encodeInstruction({ ...one, w: 2 ** 32 }, bytes, 0)).toThrow(/32 bits/);
    expect(() => encodeInstruction({ ...one, a: 256 }, bytes, 0)).toThrow(/byte/);
    expect(() => decodeInstruction(Uint8Array.of(0xee, ...bytes), 0)).toThrow(/no operation/);
    expect(() => decodeInstruction(Uint8Array.of(OPERATIONS["MISC.ADD"], 1, ...bytes), 0)).toThrow(
      /does not run/,
    );
  });
});

describe("programs", () => {
  it("come back from their bytes, and their listing names every instruction", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { program, machine } = randomProgram(seed);
      const decoded = decodeProgram(program.bytes, machine);
      expect(decoded.instructions).toEqual(program.instructions);
      expect(decoded.context).toBe(program.context);
      const lines = listing(program)
        .split("\n")
        .filter((text) => /^ *\d+ {2}/.test(text));
      expect(lines).toHaveLength(program.instructions.length);
    }
  });

  it("are refused when damaged, in one sentence", () => {
    const { program, machine } = randomProgram(1);
    const read = (bytes: Uint8Array) => () => decodeProgram(bytes, machine);
    const changed = (index: number, value: number) => read(program.bytes.with(index, value));
    expect(read(program.bytes.subarray(0, 10))).toThrow(/does not begin/);
    expect(changed(0, 0)).toThrow(/does not begin/);
    expect(changed(4, 9)).toThrow(/version 9/);
    expect(read(program.bytes.subarray(0, -1))).toThrow(/bytes long/);
    expect(changed(20, program.bytes[20]! ^ 1)).toThrow(/fingerprint/);
    expect(changed(PROGRAM_HEADER_BYTES, 0xee)).toThrow(/Instruction 0/);
    expect(() =>
      decodeProgram(program.bytes, {
        ...machine,
        matrix: { ...machine.matrix, lanes: 2 * machine.matrix.lanes },
      }),
    ).toThrow(/fingerprint/);
  });

  it("a fingerprint does not depend on names, sources and clocks", () => {
    const { machine } = randomProgram(2);
    expect(fingerprintOf({ ...machine, name: "other", summary: "other", clockMHz: 1 })).toBe(
      fingerprintOf(machine),
    );
  });

  it("make room for the longest context that fits, and say what does not", () => {
    const random = new Random(3);
    const model = randomModel(random, { ...randomShape(random), maxPositions: 400 });
    const machine = randomMachine(random);
    const plan = planModel(model, machine);
    const small = (words: number): Machine => ({ ...machine, vector: { ...machine.vector, words } });
    const least = (context: number): number => compile(plan, machine, { context }).buffers.usedWords;
    expect(compile(plan, small(least(16) + 8)).context).toBeLessThan(model.shape.maxPositions);
    expect(() => compile(plan, small(20))).toThrow(
      /does not fit machine random.*vector memory has 20 words and \d+ are needed/,
    );
    expect(() => compile(plan, machine, { context: 10_000 })).toThrow(
      /more than the \d+ that the model allows/,
    );
  });
});

describe("accumulators", () => {
  it("that are too narrow for the weights are refused", () => {
    const { program, machine } = randomProgram(5);
    const narrow = { ...machine, matrix: { ...machine.matrix, accumulatorBits: 24 } };
    expect(() => compile(program.plan, narrow)).toThrow(
      /can need \d+ bits, but the accumulators of random have 24/,
    );
  });
});

describe("tokens", () => {
  const step = (unit: number, reads: number[], writes: number[]): Step => {
    const access = (from: number) => ({ space: "words" as const, from, to: from + 1 });
    const instruction = {
      operation: "MISC.PEAK" as const,
      unit,
      a: 0,
      b: 0,
      c: 0,
      d: 0,
      w: 0,
      x: 0,
      y: 0,
      z: 0,
    };
    return { instruction, reads: reads.map(access), writes: writes.map(access), operator: "" };
  };

  it("are put where units touch the same place, once", () => {
    const made = insertTokens([
      step(1, [], [5]),
      step(1, [], [6]),
      step(2, [5], []),
      step(2, [6], []),
      step(2, [5], []),
    ]);
    expect(made.map(({ wait }) => wait)).toEqual([0, 0, 1 << 1, 1 << 1, 0]);
    expect(made.map(({ release }) => release)).toEqual([1 << 2, 1 << 2, 0, 0, 0]);
  });

  it("every release is awaited exactly once, for any steps", () => {
    const steps = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        const made = insertTokens(drawn.map(([unit, reads, writes]) => step(unit, reads, writes)));
        const pending = new Map<string, number>();
        for (const { unit, wait, release } of made) {
          for (let other = 0; other < 8; other++) {
            if ((wait >> other) & 1) {
              const key = `${other}-${unit}`;
              expect(pending.get(key) ?? 0).toBeGreaterThan(0);
              pending.set(key, pending.get(key)! - 1);
            }
          }
          for (let other = 0; other < 8; other++) {
            if ((release >> other) & 1)
              pending.set(`${unit}-${other}`, (pending.get(`${unit}-${other}`) ?? 0) + 1);
          }
        }
        for (const count of pending.values()) expect(count).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("machine descriptions", () => {
  const good = (): Record<string, unknown> => JSON.parse(JSON.stringify(randomProgram(4).machine));

  it("are refused with the field that is wrong", () => {
    expect(() => parseMachine({ ...good(), clockMHz: -1 }, "m.json")).toThrow(
      /Machine m.json: "clockMHz" is wrong/,
    );
    expect(() => parseMachine({ ...good(), sparcity: 1 }, "m.json")).toThrow(/sparcity/);
    expect(() => parseMachine({ ...good(), memories: [] }, "m.json")).toThrow(/"memories" is wrong/);
    const resting = (good().memories as object[]).map((memory) => ({
      ...memory,
      refresh: { intervalCycles: 10, cycles: 10 },
    }));
    expect(() => parseMachine({ ...good(), memories: resting }, "m.json")).toThrow(/no time to move a word/);
    const { matrix } = good() as { matrix: object };
    expect(() => parseMachine({ ...good(), matrix: { ...matrix, tileBlocks: 3 } }, "m.json")).toThrow(
      /power of two/,
    );
    expect(() => parseMachine(null, "m.json")).toThrow(/the description is wrong/);
    const memories = (good().memories as { holds: string[] }[]).map((memory) => ({
      ...memory,
      holds: ["weights"],
    }));
    expect(() => parseMachine({ ...good(), memories }, "m.json")).toThrow(/exactly one memory must hold/);
  });
});
