import { runIcepll } from "@yowasp/nextpnr-ice40";
import { describe, expect, it } from "vitest";
import {
  bit,
  clockDomain,
  driveClock,
  instance,
  module,
  register,
  synchronize,
  unsigned,
} from "../../../hdl/builder/index.ts";
import {
  hfosc,
  type Pll40Options,
  pll40Core,
  pll40Pad,
  pllSettings,
} from "../../../hdl/primitives/ice40/index.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

/** What icepll says for these frequencies in MHz; null where it refuses. */
async function icepll(reference: number, wanted: number): Promise<Readonly<Record<string, number>> | null> {
  let text = "";
  const stdout = (bytes: Uint8Array | null): void => {
    if (bytes !== null) text += Buffer.from(bytes).toString();
  };
  const args = ["-i", String(reference), "-o", String(wanted)];
  try {
    await runIcepll(args, {}, { stdout, stderr: () => {} });
  } catch {
    return null;
  }
  const numbers = text.matchAll(/^(DIV[RFQ]|FILTER_RANGE): +(\d+)/gm);
  return Object.fromEntries(Array.from(numbers, ([, name = "", value]) => [name, Number(value)]));
}

describe("pllSettings", () => {
  it("finds what icepll finds", async () => {
    const random = new Random(3);
    const pairs = Array.from({ length: 200 }, () => [8 + random.below(130), 14 + random.below(270) / 1.25]);
    for (const [reference, wanted] of [[12, 40], [16, 48], [100, 133], ...pairs] as const) {
      const expected = await icepll(reference!, wanted!);
      if (expected === null) expect(() => pllSettings(reference!, wanted!)).toThrow("MHz");
      else expect(pllSettings(reference!, wanted!)).toMatchObject(expected);
    }
  });

  it("says what comes out", () => {
    expect(pllSettings(12, 40)).toEqual({ DIVR: 0, DIVF: 52, DIVQ: 4, FILTER_RANGE: 1, megahertz: 39.75 });
  });
});

describe("SB_PLL40", () => {
  const simple: Pll40Options = { divr: 1, divf: 52, divq: 4, filterRange: 1 };
  const clockOf = (options: Partial<Pll40Options>) =>
    pll40Core({ ...simple, ...options }).clocks[1]!.frequency;

  it("tells its output's frequency for every feedback", () => {
    const ratio = (options: Partial<Pll40Options>): number => {
      const frequency = clockOf(options);
      return frequency.kind === "ratio" ? frequency.multiply / frequency.divide : Number.NaN;
    };
    expect(ratio({})).toBe(53 / 32);
    expect(ratio({ output: "GENCLK_HALF" })).toBe(53 / 64);
    expect(ratio({ feedback: "DELAY" })).toBe(53 / 2);
    const shifted = { feedback: "PHASE_AND_DELAY", divf: 2 } as const;
    expect(ratio({ ...shifted, output: "SHIFTREG_90deg" })).toBe(3 / 2);
    expect(ratio({ ...shifted, output: "SHIFTREG_0deg", shiftDivider: 7 })).toBe(3 / 2);
    expect(ratio({ ...shifted, output: "GENCLK" })).toBe(6);
  });

  it("has the vendor's parameters", () => {
    const { name, parameters } = pll40Pad(simple);
    expect(name).toBe("SB_PLL40_PAD");
    expect(Object.fromEntries(parameters)).toMatchObject({
      FEEDBACK_PATH: '"SIMPLE"',
      DIVR: "4'b0001",
      DIVF: "7'b0110100",
      DIVQ: "3'b100",
      FILTER_RANGE: "3'b001",
    });
  });

  it("refuses what it cannot do", () => {
    expect(() => pll40Pad({ ...simple, divf: 128 })).toThrow(
      "DIVF of SB_PLL40_PAD is 128; it is a whole number from 0 to 127",
    );
    expect(() => pll40Pad({ ...simple, divf: 64, feedback: "DELAY" })).toThrow("from 0 to 63");
    expect(() => pll40Pad({ ...simple, output: "SHIFTREG_0deg" })).toThrow(
      "SB_PLL40_PAD gives SHIFTREG_0deg with FEEDBACK_PATH PHASE_AND_DELAY, not with SIMPLE",
    );
  });

  it("locks some cycles after its reset, and makes a clock of its own", () => {
    const fast = clockDomain("fast");
    const top = module(
      "top",
      { inputs: { run: bit }, outputs: { locked: bit, count: unsigned(8) } },
      ({ run, locked, count }) => {
        const { PLLOUTGLOBAL, LOCK } = instance("pll", pll40Pad(simple), { RESETB: run, BYPASS: 0 });
        const ready = synchronize("ready", LOCK, { domain: fast, initial: 0 });
        driveClock(fast, PLLOUTGLOBAL, ready.not());
        const counter = register("counter", unsigned(8), { domain: fast, reset: 0 });
        counter.set(counter.addWrap(1));
        count.set(counter);
        locked.set(LOCK);
      },
    );
    expect(top.domains.map(({ clock }) => clock)).toEqual(["clock"]);
    const design = flatten(top);
    expect(design.domains.map(({ name }) => name)).toEqual(["sync", "fast"]);
    const interpreter = new Interpreter(design);
    interpreter.set("run", 1n);
    let waited = 0;
    for (; interpreter.get("locked") === 0n; waited++) interpreter.step();
    expect(waited).toBeGreaterThan(2);
    for (let i = 0; i < 8; i++) interpreter.step();
    const before = interpreter.get("count");
    const [, only] = design.domains;
    for (let i = 0; i < 5; i++) interpreter.step(new Set([only!]));
    expect(interpreter.get("count")).toBe(before + 5n);
    interpreter.set("run", 0n);
    expect(interpreter.get("locked")).toBe(0n);
  });
});

describe("SB_HFOSC", () => {
  it("tells its frequency", () => {
    const { parameters, clocks, model } = hfosc({ megahertz: 12 });
    expect(Object.fromEntries(parameters)).toEqual({ CLKHF_DIV: '"0b10"' });
    expect(clocks).toEqual([{ output: "CLKHF", frequency: { kind: "fixed", megahertz: 12 } }]);
    expect(model.domains).toEqual([]);
  });
});
