import { describe, expect, test } from "vitest";
import {
  bit,
  clockDomain,
  currentDomain,
  type Domain,
  driveClock,
  fallingEdge,
  inDomain,
  instance,
  memory,
  module,
  primitive,
  register,
  SYNC,
  sampleAcross,
  synchronize,
  type Unsigned,
  unsigned,
} from "../../../hdl/builder/index.ts";
import { mistake, Run } from "./run.ts";

const fast = clockDomain("fast");
const slow = clockDomain("slow");

const names = (domains: Iterable<Domain>): string[] => [...domains].map(({ name }) => name);

/** A module of one register, in its own domain. */
const delay = (domain: Domain = SYNC) =>
  module("delay", { inputs: { x: bit }, outputs: { y: bit }, domain }, ({ x, y }) =>
    y.set(register("last", bit, { reset: 0, next: x })),
  );

describe("domains of a module", () => {
  test("are those that its parts use, and its resets those that its registers have", () => {
    const design = module("two", { inputs: { x: bit }, outputs: { y: bit, z: bit } }, ({ x, y, z }) => {
      y.set(register("mine", bit, { next: x }));
      inDomain(fast, () => {
        expect(currentDomain()).toBe(fast);
        z.set(synchronize("there", x, { reset: 0 }));
      });
      expect(currentDomain()).toBe(SYNC);
    });
    expect(names(design.domains)).toEqual(["sync", "fast"]);
    expect(names(design.resets)).toEqual(["fast"]);
    expect(fast).toEqual({ name: "fast", clock: "fast_clock", reset: "fast_reset", edge: "rising" });
  });

  test("may have ports of other names", () => {
    expect(clockDomain("pixel", { clock: "pclk", reset: "prst" })).toEqual({
      name: "pixel",
      clock: "pclk",
      reset: "prst",
      edge: "rising",
    });
  });

  test("are both edges of a clock", () => {
    expect(fallingEdge(fast)).toMatchObject({ clock: "fast_clock", edge: "falling" });
    expect(fallingEdge(fast)).toBe(fallingEdge(fast));
    expect(fallingEdge(fallingEdge(fast))).toBe(fast);
    const design = module("edges", { inputs: { x: bit }, outputs: { y: bit } }, ({ x, y }) => {
      const half = register("half", bit, { initial: 0, domain: fallingEdge(SYNC), next: x });
      y.set(register("whole", bit, { initial: 0, next: half }));
    });
    const run = new Run(design).set({ x: 1 });
    expect(run.step("sync").get("y")).toBe(0);
    expect(run.step("sync_falling").get("y")).toBe(0);
    expect(run.step("sync").get("y")).toBe(1);
  });

  test("are told apart by what they are, and so not called the same", () => {
    expect(
      mistake(() =>
        module("twins", { inputs: { x: bit }, outputs: { y: bit } }, ({ x, y }) => {
          const a = synchronize("a", x, { domain: clockDomain("other") });
          y.set(synchronize("b", a, { domain: clockDomain("other") }));
        }),
      ),
    ).toMatchInlineSnapshot(`
      "twins has two clock domains called other, with clock other_clock: make it once, and use that object
      > module("twins", { inputs: { x: bit }, outputs: { y: bit } }, ({ x, y }) => {"
    `);
  });
});

describe("instances", () => {
  const outer = (build: (x: Unsigned) => Unsigned, domain: Domain = SYNC) =>
    module("outer", { inputs: { x: bit }, outputs: { y: bit }, domain }, ({ x, y }) => y.set(build(x)));
  const mapped = (design: ReturnType<typeof outer>): string[] =>
    [...design.instances[0]!.domains].map(([inner, here]) => `${inner.name} is ${here.name}`);

  test("take the domain at hand for the module's own", () => {
    expect(mapped(outer((x) => instance("u", delay(), { x }).y, fast))).toEqual(["sync is fast"]);
    const other = outer((x) => {
      const there = synchronize("there", x, { domain: fast });
      return synchronize(
        "here",
        inDomain(fast, () => instance("u", delay(), { x: there }).y),
      );
    });
    expect(mapped(other)).toEqual(["sync is fast"]);
    expect(names(other.domains)).toEqual(["sync", "fast"]);
    expect(names(other.resets)).toEqual(["fast"]);
  });

  test("take the other edge with it, and leave other domains alone", () => {
    const both = module("both", { inputs: { x: bit }, outputs: { y: bit } }, ({ x, y }) => {
      const half = register("half", bit, { domain: fallingEdge(SYNC), next: x });
      y.set(synchronize("there", half, { domain: slow }));
    });
    const build = (domains?: ReadonlyMap<Domain, Domain>) =>
      outer(
        (x) => synchronize("back", instance("u", both, { x }, domains === undefined ? {} : { domains }).y),
        fast,
      );
    expect(mapped(build())).toEqual(["sync_falling is fast_falling", "slow is slow", "sync is fast"]);
    const there = clockDomain("there");
    expect(mapped(build(new Map([[slow, there]])))).toContain("slow is there");
    const crossed = outer((x) =>
      synchronize(
        "back",
        instance(
          "u",
          both,
          { x: synchronize("over", x, { domain: there }) },
          { domains: new Map([[SYNC, there]]) },
        ).y,
      ),
    );
    expect(mapped(crossed)).toEqual(["sync_falling is there_falling", "slow is slow", "sync is there"]);
    const inner = module("inner", { inputs: { x: bit }, outputs: { y: bit } }, ({ x, y }) =>
      y.set(synchronize("there", x, { domain: fallingEdge(slow) })),
    );
    const sideways = outer((x) =>
      synchronize("back", instance("u", inner, { x }, { domains: new Map([[slow, there]]) }).y),
    );
    expect(mapped(sideways)).toContain("slow_falling is there_falling");
  });

  test("are not given domains that they do not have", () => {
    expect(
      mistake(() => outer((x) => instance("u", delay(), { x }, { domains: new Map([[slow, fast]]) }).y)),
    ).toMatchInlineSnapshot(`
      "delay u has no clock domain slow; it has sync
      > mistake(() => outer((x) => instance("u", delay(), { x }, { domains: new Map([[slow, fast]]) }).y))"
    `);
  });

  test("carry the clocks of their outputs, and ask for those of their inputs", () => {
    expect(
      mistake(() => outer((x) => inDomain(fast, () => instance("u", delay(), { x }).y))),
    ).toMatchInlineSnapshot(`
      "input x of instance u of outer belongs to clock domain fast and follows input x of domain sync: bring it over by synchronize or sampleAcross
      > mistake(() => outer((x) => inDomain(fast, () => instance("u", delay(), { x }).y)))"
    `);
    expect(
      mistake(() =>
        outer((x) => {
          const there = synchronize("there", x, { domain: fast });
          const { y } = inDomain(fast, () => instance("u", delay(), { x: there }));
          return register("late", bit, { next: y });
        }),
      ),
    ).toMatchInlineSnapshot(`
      "register late of outer belongs to clock domain sync and follows output y of u of domain fast: bring it over by synchronize or sampleAcross
      > return register("late", bit, { next: y });"
    `);
    const through = module(
      "through",
      { inputs: { x: bit }, outputs: { y: bit }, inputDomains: { x: null } },
      ({ x, y }) => y.set(x.not()),
    );
    expect(
      mistake(() => outer((x) => register("late", bit, { next: instance("u", through, { x }).y }))),
    ).toMatchInlineSnapshot(`
      "register late of outer belongs to clock domain sync and follows output y of u of no clock: bring it over by synchronize or sampleAcross
      > mistake(() => outer((x) => register("late", bit, { next: instance("u", through, { x }).y })))"
    `);
  });
});

describe("memories", () => {
  test("may be written by one clock and read by another", () => {
    const design = module(
      "dual",
      {
        inputs: { x: unsigned(4), at: unsigned(1) },
        outputs: { y: unsigned(4) },
        inputDomains: { at: fast },
      },
      ({ x, at, y }) => {
        const words = memory("words", unsigned(4), { depth: 2, initial: [] });
        words.write(0, x);
        y.set(words.read(at, { domain: fast }));
      },
    );
    const run = new Run(design).set({ x: 9, at: 0 }).step("sync");
    expect(run.step("fast").get("y")).toBe(9);
    expect(
      mistake(() =>
        module("m", { inputs: { at: unsigned(1) }, outputs: { y: bit } }, ({ at, y }) => {
          const words = memory("words", bit, { depth: 2, initial: [] });
          y.set(words.read(at, { domain: fast }));
        }),
      ),
    ).toMatchInlineSnapshot(`
      "a read of memory words of m belongs to clock domain fast and follows input at of domain sync: bring it over by synchronize or sampleAcross
      > y.set(words.read(at, { domain: fast }));"
    `);
    expect(
      mistake(() =>
        module("m", { inputs: { at: unsigned(1) }, outputs: { y: bit } }, ({ at, y }) => {
          const words = memory("words", bit, { depth: 2, initial: [] });
          words.write(at, 1, { domain: fast });
          y.set(words.read(at));
        }),
      ),
    ).toMatchInlineSnapshot(`
      "a write to memory words of m belongs to clock domain fast and follows input at of domain sync: bring it over by synchronize or sampleAcross
      > words.write(at, 1, { domain: fast });"
    `);
  });
});

describe("clocks that are made inside", () => {
  const oscillator = primitive(
    "OSC",
    { DIVIDE: '"0b00"' },
    module("OSC", { inputs: { EN: bit }, outputs: { CLK: bit, LOCK: bit } }, ({ EN, CLK, LOCK }) => {
      CLK.set(EN);
      LOCK.set(1);
    }),
    [{ output: "CLK", frequency: { kind: "fixed", megahertz: 48 } }],
  );

  test("are no ports, at either edge", () => {
    const design = module("board", { inputs: {}, outputs: { y: bit } }, ({ y }) => {
      const { CLK, LOCK } = instance("osc", oscillator, { EN: 1 });
      driveClock(fast, CLK, synchronize("up", LOCK, { domain: fast }).not());
      const toggle = register("toggle", bit, { reset: 0, domain: fast });
      toggle.set(toggle.not());
      y.set(register("half", bit, { next: toggle, domain: fallingEdge(fast) }));
    });
    expect(names(design.domains)).toEqual([]);
    expect(names(design.resets)).toEqual([]);
    expect(names(design.derivedDomains.map(({ domain }) => domain))).toEqual(["fast", "fast_falling"]);
  });

  test("are driven once, and bring a reset where one is needed", () => {
    const board = (build: (clock: Unsigned) => void) =>
      mistake(() =>
        module("board", { inputs: { x: bit }, outputs: {} }, () =>
          build(instance("osc", oscillator, { EN: 1 }).CLK),
        ),
      );
    expect(
      board((clock) => {
        driveClock(fast, clock);
        driveClock(fallingEdge(fast), clock);
      }),
    ).toMatchInlineSnapshot(`
      "the clock of domain fast_falling is driven twice in board
      > driveClock(fallingEdge(fast), clock);"
    `);
    expect(
      board((clock) => {
        driveClock(fast, clock);
        register("r", bit, { domain: fast, reset: 0, next: 1 });
      }),
    ).toMatchInlineSnapshot(`
      "domain fast of board has registers with a reset; give driveClock one
      > module("board", { inputs: { x: bit }, outputs: {} }, () =>"
    `);
    expect(board((clock) => driveClock(fast, clock, register("r", bit, { next: 1 })))).toMatchInlineSnapshot(`
      "the reset of domain fast of board belongs to clock domain fast and follows register r of domain sync: bring it over by synchronize or sampleAcross
      > module("board", { inputs: { x: bit }, outputs: {} }, () =>"
    `);
  });

  test("are others outside", () => {
    const inside = module("inside", { inputs: {}, outputs: { y: bit } }, ({ y }) => {
      driveClock(fast, instance("osc", oscillator, { EN: 1 }).CLK);
      const toggle = register("toggle", bit, { domain: fast, initial: 0 });
      toggle.set(toggle.not());
      y.set(toggle);
    });
    expect(
      mistake(() =>
        module("outside", { inputs: {}, outputs: { y: bit } }, ({ y }) =>
          y.set(register("r", bit, { domain: fast, next: instance("u", inside, {}).y })),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "register r of outside belongs to clock domain fast and follows output y of u of domain u.fast: bring it over by synchronize or sampleAcross
      > y.set(register("r", bit, { domain: fast, next: instance("u", inside, {}).y }))"
    `);
  });
});

describe("crossings", () => {
  test("bring words over whole, told by a bit that changes", () => {
    const bridge = module(
      "bridge",
      { inputs: { x: unsigned(8), send: bit }, outputs: { y: unsigned(8), got: bit } },
      ({ x, send, y, got }) => {
        const word = register("word", unsigned(8), { enable: send, initial: 0, next: x });
        const sent = register("sent", bit, { enable: send, initial: 0 });
        sent.set(sent.not());
        inDomain(fast, () => {
          const seen = synchronize("seen", sent, { initial: 0 });
          const fresh = seen.xor(register("last", bit, { initial: 0, next: seen }));
          got.set(register("got_now", bit, { initial: 0, next: fresh }));
          y.set(sampleAcross("word_there", word, { enable: fresh, initial: 0 }));
        });
      },
    );
    const run = new Run(bridge).set({ x: 77, send: 1 }).step("sync").set({ x: 0, send: 0 });
    const seen = Array.from({ length: 6 }, () => {
      run.step("fast").step("sync");
      return run.get("got") === 1 ? run.get("y") : null;
    });
    expect(seen).toEqual([null, null, 77, null, null, null]);
  });
});
