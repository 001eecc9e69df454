import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  array,
  bit,
  clockDomain,
  fallingEdge,
  inDomain,
  instance,
  memory,
  module,
  register,
  SYNC,
  signed,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { SimulationError, settlesEqually, simulate } from "../../../hdl/simulate/index.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { editDistance } from "../../../hdl/simulate/names.ts";
import { circuits, randomStimulus } from "../../support/random-circuit.ts";
import { runs } from "./behaviour.ts";

const counter = module(
  "counter",
  { inputs: { go: bit, by: unsigned(4) }, outputs: { count: unsigned(8), next: unsigned(8), full: bit } },
  ({ go, by, count, next, full }) => {
    const state = register("state", unsigned(8), { reset: 0 });
    const sum = state.addWrap(by.extend(8));
    when(go, () => state.set(sum));
    count.set(state);
    next.set(sum);
    full.set(state.eq(255));
  },
);

/** A simulation of the counter after its reset. */
function started() {
  const sim = simulate(counter);
  sim.reset();
  return sim;
}

const message = (body: () => void): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof SimulationError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("ports", () => {
  it("outputs follow inputs at once and registers at the edge", () => {
    const sim = started();
    sim.drive({ go: 1, by: 3 });
    expect([sim.get("count"), sim.get("next"), sim.get("by")]).toEqual([0, 3, 3]);
    sim.step();
    expect([sim.get("count"), sim.get("next"), sim.cycle]).toEqual([3, 6, 2]);
    sim.set("go", 0);
    sim.step(5);
    expect([sim.get("count"), sim.cycle]).toEqual([3, 7]);
  });

  it("keep to their types", () => {
    const sim = started();
    expect(message(() => sim.set("by", 16))).toBe("16 does not fit by, which is unsigned 4: 0 to 15");
    expect(message(() => sim.set("by", 1.5))).toContain("1.5 does not fit by");
    expect(message(() => sim.set("by", -1n))).toContain("-1 does not fit by");
    expect(message(() => sim.set("by", Number.NaN))).toContain("NaN does not fit by");
  });

  it("answer wrong names with the nearest ones", () => {
    const sim = started();
    // @ts-expect-error there is no such input
    expect(message(() => sim.set("ga", 1))).toMatch(/^ga is not an input of counter; nearest: go, by, /);
    // @ts-expect-error there is no such port
    expect(message(() => sim.get("cuont"))).toContain("nearest: count");
    expect(message(() => sim.peek("stat"))).toContain("nearest: state");
  });

  it("of structs and arrays have their leaves' names, and wide ones are bigints", () => {
    const wide = module(
      "wide",
      {
        inputs: { point: { x: signed(40), y: array(2, unsigned(3)) } },
        outputs: { all: signed(130), half: signed(53) },
      },
      ({ point, all, half }) => {
        const state = register("state", signed(130), { initial: -1 });
        state.set(point.x.mul(point.y[1]!.toSigned()).extend(130));
        all.set(state);
        half.set(point.x.extend(53));
      },
    );
    const sim = simulate(wide);
    expect(sim.getBig("all")).toBe(-1n);
    sim.drive({ point_x: -(2 ** 39), point_y_1: 7 });
    sim.step();
    expect(sim.getBig("all")).toBe(-7n * 2n ** 39n);
    expect([sim.get("point_x"), sim.get("half"), sim.getBig("half")]).toEqual([
      -(2 ** 39),
      -(2 ** 39),
      -(2n ** 39n),
    ]);
    expect(message(() => sim.get("all"))).toContain("use getBig");
    sim.poke("state", 2n ** 129n - 1n);
    expect(sim.getBig("all")).toBe(2n ** 129n - 1n);
    expect(message(() => sim.poke("state", 2n ** 129n))).toContain("does not fit state");
  });

  it("are expected in decimal and bits", () => {
    const sim = started();
    sim.drive({ go: 1, by: 15 });
    sim.step(2);
    sim.expect({ count: 30, full: 0 });
    expect(message(() => sim.expect({ count: 31 }))).toBe(
      "cycle 3: count is 30 (0x1e), and 31 (0x1f) was expected",
    );
  });
});

describe("running", () => {
  it("until a port is not zero, or a function says so, or for too long", () => {
    const sim = started();
    sim.drive({ go: 1, by: 1 });
    expect(sim.until("full")).toBe(255);
    expect([sim.get("count"), sim.cycle]).toEqual([255, 256]);
    expect(sim.until("full")).toBe(0);
    expect(sim.until((now) => now.get("count") === 7)).toBe(8);
    expect(message(() => sim.until("full", 20))).toBe("cycle 284: full is still 0 after 20 cycles");
    expect(message(() => sim.until(() => false, 3))).toContain("does not hold after 3 cycles");
    expect(sim.until("full", 225)).toBe(225);
  });

  it("with models that are called every cycle before the edge", () => {
    const sim = started();
    const seen: number[] = [];
    sim.attach({
      cycle: (now) => {
        seen.push(now.get("count"));
        now.drive({ go: now.cycle % 2 === 0 ? 1 : 0, by: 2 });
      },
    });
    sim.step(4);
    expect(sim.until((now) => now.get("count") === 8)).toBe(4);
    expect(seen).toEqual([0, 0, 2, 2, 4, 4, 6, 6]);
  });

  it("plays arrays and captures arrays", () => {
    const sim = started();
    const by = Uint8Array.from({ length: 10_000 }, (_, i) => i % 16);
    const { count, next, state } = sim.play({
      inputs: { by, go: new Array(10_000).fill(1n) },
      capture: ["count", "state"],
      captureBig: ["next"],
    });
    let expected = 0;
    for (let i = 0; i < by.length; i++) {
      if (count[i] !== expected || state[i] !== expected) expect.fail(`cycle ${i} gave ${count[i]}`);
      expected = (expected + by[i]!) % 256;
      if (next[i] !== BigInt(expected)) expect.fail(`cycle ${i} comes to ${next[i]}`);
    }
    expect(count).toBeInstanceOf(Uint8Array);
    expect([sim.cycle, sim.get("count")]).toEqual([10_001, expected]);
    expect(message(() => sim.play({ inputs: { by: [1, 16] } }))).toContain("16 does not fit by");
    expect(message(() => sim.play({ inputs: { by: [1] }, cycles: 2 }))).toContain(
      "1 values of by for 2 cycles",
    );
    expect(message(() => sim.play({}))).toContain("give cycles");
    // What has been run until then is counted.
    const late = [...new Array(5000).fill(0), 16];
    expect(message(() => sim.play({ inputs: { by: late } }))).toContain("16 does not fit by");
    expect([sim.cycle, sim.get("count")]).toEqual([10_001 + 4096, expected]);
  });

  it("step by step, in one go and watched come to the same, with any periods", { timeout: 3_600_000 }, () => {
    fc.assert(
      fc.property(
        circuits({ twoDomains: true, nodes: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        ({ module, seed }, a, b) => {
          const cycles = 12;
          const stimulus = randomStimulus(module, cycles, seed);
          const inputs = Object.fromEntries(
            [...(stimulus[0]?.keys() ?? [])].map((name) => [
              name,
              stimulus.map((values) => values.get(name)!),
            ]),
          );
          // Both edges of a clock have its period.
          const byClock = new Map(module.domains.map(({ clock }, i) => [clock, i === 0 ? a : b]));
          const periods = Object.fromEntries(
            module.domains.map(({ name, clock }) => [name, byClock.get(clock)!]),
          );
          const captureBig = module.outputs.map(({ name }) => name);
          const played = simulate(module, { periods }).play({ inputs, cycles, captureBig });
          const watched = simulate(module, { periods });
          watched.attach({ cycle: () => {} });
          expect(watched.play({ inputs, cycles, captureBig })).toEqual(played);
          const stepped = simulate(module, { periods });
          for (const [i, values] of stimulus.entries()) {
            stepped.drive(Object.fromEntries(values));
            for (const name of captureBig)
              expect([name, stepped.getBig(name)]).toEqual([name, played[name]?.[i]]);
            stepped.step();
          }
        },
      ),
      runs(30),
    );
  });
});

describe("clocks", () => {
  const fast = clockDomain("fast");
  const falling = fallingEdge(SYNC);
  const clocks = module(
    "clocks",
    { inputs: { x: unsigned(8) }, outputs: { a: unsigned(8), b: unsigned(8), c: unsigned(8) } },
    ({ x, a, b, c }) => {
      const count = register("count", unsigned(8), { initial: 0 });
      count.set(count.addWrap(1));
      inDomain(falling, () => {
        const half = register("half", unsigned(8), { initial: 0 });
        half.set(count.xor(x));
        b.set(half);
      });
      const many = register("many", unsigned(8), { initial: 0, domain: fast });
      many.set(many.addWrap(1));
      a.set(count);
      c.set(many);
    },
  );

  it("a falling edge comes half a cycle before the rising one", () => {
    const sim = simulate(clocks);
    sim.set("x", 16);
    sim.step();
    expect([sim.get("a"), sim.get("b")]).toEqual([1, 16]);
    sim.step();
    expect([sim.get("a"), sim.get("b")]).toEqual([2, 17]);
  });

  it("run at their periods", () => {
    const sim = simulate(clocks, { periods: { sync: 6, fast: 4 } });
    sim.step(100);
    expect([sim.get("a"), sim.get("c")]).toEqual([100, 150]);
    const slow = simulate(clocks, { periods: { sync: 2, fast: 7 } });
    const { c } = slow.play({ cycles: 8, capture: ["c"] });
    expect([...c]).toEqual([0, 0, 0, 0, 1, 1, 1, 2]);
    expect(message(() => simulate(clocks, { periods: { slow: 2 } }))).toContain("no clock domain slow");
    expect(message(() => simulate(clocks, { periods: { fast: 0.5 } }))).toContain(
      "periods are whole numbers",
    );
    expect(message(() => simulate(clocks, { periods: { sync: 2, sync_falling: 3 } }))).toContain(
      "another edge",
    );
  });

  it("tick one by one, or together on the same old state", () => {
    const sim = simulate(clocks);
    sim.tick("fast");
    sim.tick("fast");
    sim.tick("sync_falling", "sync");
    expect([sim.get("a"), sim.get("b"), sim.get("c"), sim.cycle]).toEqual([1, 0, 2, 0]);
    expect(message(() => sim.tick("slow"))).toContain("nearest: ");
  });
});

describe("looking inside", () => {
  const inner = module("inner", { inputs: { x: unsigned(8) }, outputs: { y: unsigned(8) } }, ({ x, y }) => {
    const words = memory("words", unsigned(8), { depth: 4, initial: [1, 2, 3, 4] });
    const at = register("at", unsigned(2), { initial: 0 });
    at.set(at.addWrap(1));
    const unused = register("unused", unsigned(8), { initial: 0 });
    unused.set(x);
    y.set(words.read(at));
  });
  const outer = module("outer", { inputs: { x: unsigned(8) }, outputs: { y: unsigned(8) } }, ({ x, y }) => {
    y.set(instance("child", inner, { x }).y);
  });

  it("by path; what nothing needs only if it is observed", () => {
    const sim = simulate(outer);
    sim.step(3);
    expect(sim.peek("child.at")).toBe(3);
    sim.poke("child.at", 1);
    sim.step(2);
    expect(sim.get("y")).toBe(3);
    expect(message(() => sim.peek("child.unused"))).toContain("observe");
    expect(message(() => sim.poke("x", 1))).toContain("no register");
    for (const observe of ["all", ["child"], ["**.unused"], ["*.un*"]] as const) {
      const all = simulate(outer, { observe });
      all.set("x", 9);
      all.step();
      expect(all.peek("child.unused")).toBe(9);
    }
    expect(message(() => simulate(outer, { observe: ["*"] }).peek("nothing"))).toContain("nothing is not");
  });

  it("memories' words", () => {
    const sim = simulate(outer);
    const words = sim.memory("child.words");
    expect([words.depth, ...words.words()]).toEqual([4, 1n, 2n, 3n, 4n]);
    words.load([7, 8n], 1);
    words.set(0, 200);
    sim.step(2);
    expect([sim.get("y"), words.get(0), words.getBig(2)]).toEqual([7, 200, 8n]);
    expect(message(() => words.get(4))).toBe("child.words has words 0 to 3; 4 is none of them");
    expect(message(() => words.set(0, 256))).toContain("256 does not fit child.words[0]");
    expect(message(() => sim.memory("words"))).toContain("nearest: child.words");
  });
});

describe("power-up", () => {
  const loose = module(
    "loose",
    { inputs: { x: bit }, outputs: { y: unsigned(32), z: unsigned(80) } },
    ({ x, y, z }) => {
      const state = register("state", unsigned(32), { reset: 5 });
      when(x, () => state.set(state.addWrap(1)));
      y.set(state);
      const words = memory("words", unsigned(80), { depth: 16 });
      when(x, () => words.write(state.truncate(4), state.extend(80)));
      z.set(words.read(state.truncate(4)));
    },
  );

  it("gives random bits by the seed", () => {
    const show = (seed?: number): readonly bigint[] => {
      const sim = simulate(loose, seed === undefined ? {} : { seed });
      return [sim.getBig("y"), sim.getBig("z"), ...sim.memory("words").words()];
    };
    expect(show(3)).toEqual(show(3));
    expect(show(1)).toEqual(show());
    expect(new Set([...show(3), ...show(4)]).size).toBe(36);
  });

  it("does not show where a bench settles equally", () => {
    const quiet = module("quiet", { inputs: { x: bit }, outputs: { y: unsigned(32) } }, ({ x, y }) => {
      const state = register("state", unsigned(32), { reset: 5 });
      when(x, () => state.set(state.addWrap(1)));
      y.set(state);
    });
    settlesEqually(
      quiet,
      (sim) => {
        sim.reset();
        sim.set("x", 1);
        sim.step(10);
      },
      { from: 1 },
    );
    expect(message(() => settlesEqually(quiet, (sim) => sim.step(2)))).toMatch(
      /^cycle 0: y of quiet is \d+ or \d+, /,
    );
    expect(message(() => settlesEqually(loose, (sim) => sim.reset(3), { from: 1 }))).toContain(
      "cycle 1: z of loose",
    );
    expect(
      message(() =>
        settlesEqually(
          quiet,
          (sim) => void sim.until((now) => now.get("y") % 64 === 5 || now.cycle > 1 + (now.get("y") % 7)),
        ),
      ),
    ).toContain("depending on power-up contents");
  });
});

describe("recordings", () => {
  /** Values of a signal over time, from a dump. */
  function changes(text: string, name: string): readonly (readonly [number, bigint])[] {
    const code = text.match(new RegExp(`\\$var \\w+ \\d+ (\\S+) ${name}[ $]`))?.[1];
    let time = -1;
    return text.split("\n").flatMap((line): readonly (readonly [number, bigint])[] => {
      if (line.startsWith("#")) time = Number(line.slice(1));
      const [, value, of] = /^b?([01]+) ?(\S+)$/.exec(line) ?? [];
      return of === code && value !== undefined ? [[time, BigInt(`0b${value}`)]] : [];
    });
  }

  it("show what was peeked", () => {
    let text = "";
    const sim = simulate(counter, {
      record: {
        file: (more) => {
          text += more;
        },
      },
    });
    sim.reset();
    sim.drive({ go: 1, by: 5 });
    sim.step(2);
    sim.set("by", 1);
    sim.step();
    sim.close();
    sim.close();
    expect(changes(text, "by").slice(1)).toEqual([
      [2, 5n],
      [6, 1n],
    ]);
    expect(changes(text, "next").slice(1)).toEqual([
      [2, 5n],
      [4, 10n],
      [6, 11n],
      [8, 12n],
    ]);
    expect(changes(text, "clock").slice(0, 4)).toEqual([
      [0, 1n],
      [1, 0n],
      [2, 1n],
      [3, 0n],
    ]);
  });

  it("go to files, of some cycles and signals, and end with a failed expectation", () => {
    const folder = mkdtempSync(join(tmpdir(), "recording-"));
    try {
      const file = join(folder, "counter.vcd");
      const sim = simulate(counter, { record: { file, scope: ["state", "go"], from: 2, to: 4 } });
      sim.reset();
      sim.drive({ go: 1, by: 1 });
      sim.step(8);
      expect(() => sim.expect({ count: 0 })).toThrow(SimulationError);
      const text = readFileSync(file, "utf8");
      expect(text).not.toContain("next");
      expect(changes(text, "state")).toEqual([
        [4, 1n],
        [6, 2n],
        [8, 3n],
        [10, 4n],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it("counts letters to change", () => {
  const pairs = [
    ["", ""],
    ["abc", ""],
    ["kitten", "sitting"],
    ["count", "cuont"],
  ] as const;
  expect(pairs.map(([a, b]) => editDistance(a, b))).toEqual([0, 3, 3, 2]);
});

it("agrees with the interpreter on the counter", () => {
  const sim = started();
  const interpreter = new Interpreter(flatten(counter));
  interpreter.set("reset", 1n);
  interpreter.step();
  interpreter.set("reset", 0n);
  for (let i = 0; i < 300; i++) {
    const [go, by] = [i % 3 === 0 ? 0 : 1, (i * 7) % 16];
    sim.drive({ go, by });
    interpreter.set("go", BigInt(go));
    interpreter.set("by", BigInt(by));
    for (const name of ["count", "next", "full"] as const)
      expect(sim.getBig(name)).toBe(interpreter.get(name));
    sim.step();
    interpreter.step();
  }
});
