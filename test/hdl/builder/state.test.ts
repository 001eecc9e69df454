import { describe, expect, test } from "vitest";
import {
  bit,
  delayed,
  module,
  register,
  sampleAcross,
  stateMachine,
  synchronize,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { Run } from "./run.ts";

describe("registers", () => {
  test("hold until they are assigned and enabled, and are reset whatever else is said", () => {
    const design = module(
      "counter",
      { inputs: { go: bit, enable: bit, value: unsigned(4) }, outputs: { count: unsigned(4) } },
      ({ go, enable, value, count }) => {
        const state = register("state", unsigned(4), { reset: 9, initial: 2, enable });
        when(go, () => state.set(value));
        count.set(state);
      },
    );
    const run = new Run(design).set({ go: 0, enable: 1, value: 7 });
    expect(run.get("count")).toBe(2);
    expect(run.step().get("count")).toBe(2);
    expect(run.set({ go: 1, enable: 0 }).step().get("count")).toBe(2);
    expect(run.set({ enable: 1 }).step().get("count")).toBe(7);
    expect(run.set({ enable: 0, reset: 1 }).step().get("count")).toBe(9);
  });

  test("begin with anything where nothing is said", () => {
    const design = module("held", { inputs: {}, outputs: { y: unsigned(8) } }, ({ y }) => {
      const state = register("state", unsigned(8), { reset: 0 });
      state.set(state);
      y.set(state);
    });
    expect(new Run(design, () => 0xa5n).get("y")).toBe(0xa5);
    expect(design.registers[0]).toMatchObject({ reset: 0n, initial: null });
  });

  test("delay by cycles, and stand still together", () => {
    const design = module(
      "line",
      {
        inputs: { x: unsigned(8), move: bit },
        outputs: { y: unsigned(8), one: unsigned(8), none: unsigned(8) },
      },
      ({ x, move, y, one, none }) => {
        y.set(delayed("x", x.not(), 3, { enable: move, initial: 0 }).not());
        one.set(delayed("last", x));
        none.set(delayed("never", x, 0));
      },
    );
    expect(design.registers.map(({ name }) => name)).toEqual(["x_1", "x_2", "x_3", "last"]);
    const run = new Run(design);
    const seen = [1, 2, 3, 4, 5, 6].map((x) => {
      run.set({ x, move: x === 3 ? 0 : 1 });
      const now = [run.get("y"), run.get("one"), run.get("none")];
      run.step();
      return now;
    });
    expect(seen.map(([y]) => y)).toEqual([255, 255, 255, 255, 1, 2]);
    expect(seen.map(([, one, none]) => [one, none])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 6],
    ]);
  });

  test("synchronise", () => {
    const design = module(
      "buttons",
      {
        inputs: { button: bit, level: unsigned(4) },
        outputs: { pressed: bit, seen: unsigned(4) },
        inputDomains: { button: null, level: null },
      },
      ({ button, level, pressed, seen }) => {
        pressed.set(synchronize("button", button, { stages: 3, initial: 0 }));
        seen.set(sampleAcross("level_here", level, { initial: 0 }));
      },
    );
    expect(design.registers.map(({ name, crossing }) => [name, crossing])).toEqual([
      ["button_1", true],
      ["button_2", false],
      ["button_3", false],
      ["level_here", true],
    ]);
    const run = new Run(design).set({ button: 1, level: 5 });
    expect(run.trace("pressed", 5)).toEqual([0, 0, 0, 1, 1]);
    expect(run.get("seen")).toBe(5);
  });
});

describe("state machines", () => {
  const design = module(
    "traffic",
    { inputs: { car: bit }, outputs: { light: unsigned(2), isGreen: bit } },
    ({ car, light, isGreen }) => {
      const phase = stateMachine("phase", ["red", "green", "yellow"]);
      const count = register("count", unsigned(2), { reset: 0, initial: 0 });
      phase.on({
        red: () => {
          light.set(0);
          when(car, () => phase.go("green"));
        },
        green: () => {
          light.set(1);
          count.set(count.addWrap(1));
          when(count.eq(2), () => {
            count.set(0);
            phase.go("yellow");
          });
        },
        yellow: () => {
          light.set(2);
          phase.go("red");
        },
      });
      isGreen.set(phase.is("green"));
    },
  );

  test("go from state to state; what all states assign is driven", () => {
    const run = new Run(design).set({ car: 0 });
    expect(run.trace("light", 2)).toEqual([0, 0]);
    expect(run.set({ car: 1 }).trace("light", 8)).toEqual([0, 1, 1, 1, 2, 0, 1, 1]);
    expect(run.get("isGreen")).toBe(1);
    expect(run.set({ reset: 1 }).step().get("light")).toBe(0);
  });

  test("tell the names of their states", () => {
    expect(design.registers.find(({ name }) => name === "phase")).toMatchObject({
      type: { width: 2, signed: false },
      labels: ["red", "green", "yellow"],
    });
  });

  test("may have a single state", () => {
    const single = module("single", { inputs: {}, outputs: { y: bit } }, ({ y }) => {
      const phase = stateMachine("phase", ["only"]);
      phase.on({ only: () => phase.go("only") });
      y.set(phase.is("only"));
    });
    expect(new Run(single).get("y")).toBe(1);
  });
});
