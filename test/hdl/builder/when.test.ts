import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bit,
  memory,
  module,
  named,
  register,
  switchOn,
  type Unsigned,
  unsigned,
  type VariableOf,
  type WhenChain,
  when,
  wire,
} from "../../../hdl/builder/index.ts";
import { mistake, Run } from "./run.ts";

type UnsignedVariable = VariableOf<ReturnType<typeof unsigned>>;

/** A program of assignments, as a person would write it. */
type Program = readonly Step[];
type Step =
  | { readonly kind: "assign"; readonly target: "w" | "r"; readonly value: number }
  | { readonly kind: "write"; readonly address: number; readonly value: number }
  | { readonly kind: "branches"; readonly conditions: readonly number[]; readonly bodies: readonly Program[] }
  | {
      readonly kind: "switch";
      readonly bodies: Readonly<Record<number, Program>>;
      readonly otherwise: Program | null;
    };

const CONDITIONS = 4;

const { program } = fc.letrec<{ program: Program; step: Step }>((tie) => ({
  program: fc.array(tie("step"), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      kind: fc.constant("assign" as const),
      target: fc.constantFrom("w" as const, "r" as const),
      value: fc.nat(255),
    }),
    fc.record({ kind: fc.constant("write" as const), address: fc.nat(3), value: fc.nat(255) }),
    fc
      .tuple(fc.array(fc.nat(CONDITIONS - 1), { minLength: 1, maxLength: 3 }), fc.boolean())
      .chain(([conditions, otherwise]) =>
        fc.record({
          kind: fc.constant("branches" as const),
          conditions: fc.constant(conditions),
          bodies: fc.tuple(...conditions.map(() => tie("program")), ...(otherwise ? [tie("program")] : [])),
        }),
      ),
    fc.record({
      kind: fc.constant("switch" as const),
      bodies: fc.dictionary(fc.constantFrom("0", "1", "2"), tie("program"), { minKeys: 1 }),
      otherwise: fc.option(tie("program")),
    }),
  ),
}));

/** An assignment in a block hides those before it, which the builder refuses: the last one stays, and comes first. */
function tidy(steps: Program): Program {
  const inner = steps.map((step): Step => {
    if (step.kind === "branches") return { ...step, bodies: step.bodies.map(tidy) };
    if (step.kind !== "switch") return step;
    const bodies = Object.fromEntries(Object.entries(step.bodies).map(([key, body]) => [key, tidy(body)]));
    return { ...step, bodies, otherwise: step.otherwise === null ? null : tidy(step.otherwise) };
  });
  const general = (["w", "r"] as const).flatMap((target) =>
    inner.filter((step) => step.kind === "assign" && step.target === target).slice(-1),
  );
  return [...general, ...inner.filter((step) => step.kind !== "assign")];
}

interface Circuit {
  readonly w: UnsignedVariable;
  readonly r: UnsignedVariable;
  readonly conditions: readonly Unsigned[];
  readonly choice: Unsigned;
  write(address: number, value: number): void;
}

function describeProgram(steps: Program, circuit: Circuit): void {
  for (const step of steps) {
    if (step.kind === "assign") circuit[step.target].set(step.value);
    else if (step.kind === "write") circuit.write(step.address, step.value);
    else if (step.kind === "branches") {
      const run = (i: number) => () => describeProgram(step.bodies[i] ?? [], circuit);
      const condition = (i: number): Unsigned => circuit.conditions[step.conditions[i]!]!;
      let chain: WhenChain = when(condition(0), run(0));
      for (let i = 1; i < step.conditions.length; i++) chain = chain.elseWhen(condition(i), run(i));
      if (step.bodies.length > step.conditions.length) chain.otherwise(run(step.conditions.length));
    } else {
      const bodies = Object.entries(step.bodies).map(
        ([key, body]) => [key, () => describeProgram(body, circuit)] as const,
      );
      const { otherwise } = step;
      switchOn(
        circuit.choice,
        Object.fromEntries(bodies),
        otherwise === null ? undefined : () => describeProgram(otherwise, circuit),
      );
    }
  }
}

interface State {
  w: number;
  r: number;
  readonly words: number[];
}

function runProgram(steps: Program, conditions: readonly number[], choice: number, state: State): void {
  for (const step of steps) {
    if (step.kind === "assign") state[step.target] = step.value;
    else if (step.kind === "write") state.words[step.address] = step.value;
    else if (step.kind === "branches") {
      const first = step.conditions.findIndex((condition) => conditions[condition] === 1);
      const body = step.bodies[first < 0 ? step.conditions.length : first];
      runProgram(body ?? [], conditions, choice, state);
    } else runProgram(step.bodies[choice] ?? step.otherwise ?? [], conditions, choice, state);
  }
}

describe("when", () => {
  test("assigns and writes as the statements of a program would, however they nest", () => {
    const stimulus = fc.array(
      fc.tuple(fc.array(fc.nat(1), { minLength: CONDITIONS, maxLength: CONDITIONS }), fc.nat(3)),
      { minLength: 8, maxLength: 16 },
    );
    fc.assert(
      fc.property(program.map(tidy), stimulus, (steps, cycles) => {
        const inputs = { c: unsigned(CONDITIONS), choice: unsigned(2) };
        const outputs = { w: unsigned(8), r: unsigned(8), word: unsigned(8) };
        const design = module("program", { inputs, outputs }, ({ c, choice, w, r, word }) => {
          const inner = { w: wire("inner", unsigned(8)), r: register("state", unsigned(8), { initial: 3 }) };
          const words = memory("words", unsigned(8), { depth: 4, initial: [] });
          const write = (address: number, value: number) => words.write(address, value);
          inner.w.set(7);
          inner.r.set(inner.r);
          const conditions = Array.from({ length: CONDITIONS }, (_, i) => c.bit(i));
          when(c.any().or(c.any().not()), () =>
            describeProgram(steps, { ...inner, conditions, choice, write }),
          );
          w.set(inner.w);
          r.set(inner.r);
          word.set(words.read(0));
        });
        const run = new Run(design);
        const state: State = { w: 7, r: 3, words: [0, 0, 0, 0] };
        for (const [bits, choice] of cycles) {
          run.set({ c: bits.reduce((all, one, i) => all + (one << i), 0), choice });
          const shown = state.r;
          state.w = 7;
          runProgram(steps, bits, choice, state);
          if (state.words[0] !== 99 && shown !== 0)
            expect([run.get("w"), run.get("r")]).toEqual([state.w, shown]);
          run.step();
          expect(run.interpreter.words("words").map(Number)).toEqual(state.words);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("declarations inside of it are whole", () => {
    const design = module(
      "declared",
      { inputs: { a: bit, x: unsigned(4) }, outputs: { y: unsigned(4) } },
      ({ a, x, y }) => {
        y.set(0);
        when(a, () => {
          const last = register("last", unsigned(4), { initial: 0, next: x });
          y.set(named("shown", last));
        });
      },
    );
    const run = new Run(design).set({ a: 0, x: 5 }).step().set({ a: 1, x: 6 });
    expect(run.get("y")).toBe(5);
  });

  test("follows directly", () => {
    expect(
      mistake(() =>
        module("late", { inputs: { a: bit, b: bit }, outputs: { y: bit } }, ({ a, b, y }) => {
          y.set(0);
          const chain = when(a, () => y.set(1));
          when(b, () => y.set(0));
          chain.otherwise(() => y.set(1));
        }),
      ),
    ).toMatchInlineSnapshot(`
      "elseWhen and otherwise follow their when directly, and otherwise is the last
      > chain.otherwise(() => y.set(1));"
    `);
    expect(
      mistake(() =>
        module("twice", { inputs: { a: bit, b: bit }, outputs: { y: bit } }, ({ a, b, y }) => {
          y.set(0);
          const chain = when(a, () => {});
          chain.otherwise(() => {});
          chain.elseWhen(b, () => y.set(1));
        }),
      ),
    ).toMatchInlineSnapshot(`
      "elseWhen and otherwise follow their when directly, and otherwise is the last
      > chain.elseWhen(b, () => y.set(1));"
    `);
  });

  test("takes no async body", () => {
    expect(
      mistake(() =>
        module("waiting", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => {
          when(a, async () => {
            await Promise.resolve();
            y.set(1);
          });
        }),
      ),
    ).toMatchInlineSnapshot(`
      "a body is an async function; hardware is described at once, without await
      > when(a, async () => {"
    `);
  });
});

describe("switchOn", () => {
  test("with a case for every number, what all assign is driven", () => {
    const design = module("table", { inputs: { x: unsigned(2) }, outputs: { y: unsigned(8) } }, ({ x, y }) =>
      switchOn(x, { 0: () => y.set(10), 1: () => y.set(11), 2: () => y.set(12), 3: () => y.set(13) }),
    );
    expect([0, 1, 2, 3].map((x) => new Run(design).set({ x }).get("y"))).toEqual([10, 11, 12, 13]);
  });

  test("negative numbers and otherwise", () => {
    const inputs = { x: unsigned(3) };
    const design = module("sign", { inputs, outputs: { y: unsigned(2) } }, ({ x, y }) =>
      switchOn(x.asSigned(), { [-4]: () => y.set(1), 3: () => y.set(2) }, () => y.set(3)),
    );
    expect([0, 3, 4, 7].map((x) => new Run(design).set({ x }).get("y"))).toEqual([3, 2, 1, 3]);
  });

  test("refuses cases that cannot be, and those that are missing", () => {
    const build = (cases: Record<number, () => void>, otherwise?: () => void) => () =>
      module("cases", { inputs: { x: unsigned(1) }, outputs: { y: bit } }, ({ x, y }) => {
        if (Object.hasOwn(cases, 0)) cases[0] = () => y.set(1);
        switchOn(x, cases, otherwise);
      });
    expect(mistake(build({ 2: () => {} }))).toMatchInlineSnapshot(`
      "a comparison of unsigned 1 (0 to 1) with 2 is always the same
      > switchOn(x, cases, otherwise);"
    `);
    expect(mistake(build({ 0.5: () => {} }))).toMatchInlineSnapshot(`
      "a case for 0.5; cases are whole numbers
      > switchOn(x, cases, otherwise);"
    `);
    expect(mistake(build({ 0: () => {}, 1: () => {} }, () => {}))).toMatchInlineSnapshot(`
      "all 2 numbers have a case, so that otherwise never counts
      > switchOn(x, cases, otherwise);"
    `);
    expect(mistake(build({ 0: () => {} }))).toMatchInlineSnapshot(`
      "output y of cases is driven under some conditions only, such as this: assign a value for the others first
      > switchOn(x, cases, otherwise);"
    `);
  });
});
