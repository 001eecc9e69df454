import { describe, expect, it } from "vitest";
import { type Ram40Mode, ram40 } from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { hasIcarus } from "../../../src/flow/native-tools.ts";
import { type Bench, firstDifference, knownPart, modelTrace, type Row } from "./bench.ts";
import { icarusTrace } from "./icarus.ts";
import { traceOf, yosysModels } from "./yosys.ts";

const MODES: readonly Ram40Mode[] = [0, 1, 2, 3];
const PAIRS = MODES.flatMap((readMode) => MODES.map((writeMode) => ({ readMode, writeMode })));

function rowsOf(random: Random, count: number, toggles: () => number): Row[] {
  const bit = (probability: number): number => (random.chance(probability) ? 1 : 0);
  // Few rows of the RAM, all places in them.
  const address = (): number => random.pick([0, 1, 100, 255]) + 256 * random.below(8);
  return Array.from({ length: count }, () => ({
    inputs: {
      RCLKE: bit(0.9),
      RE: bit(0.8),
      RADDR: address(),
      WCLKE: bit(0.9),
      WE: bit(0.7),
      WADDR: address(),
      MASK: random.pick([0, 0xffff, random.below(65_536)]),
      WDATA: random.below(65_536),
    },
    pin: 0,
    toggles: toggles(),
  }));
}

describe("SB_RAM40_4K", () => {
  it.skipIf(!hasIcarus())("does what Yosys' model does in Icarus, in all modes, on one clock", async () => {
    const random = new Random(1);
    const words = Array.from({ length: 256 }, () => random.below(65_536));
    const bench: Bench = {
      cells: PAIRS.map((modes, i) => ram40({ ...modes, rows: words.slice(0, 17 * i + 1) })),
      clocks: { RCLK: 0, WCLK: 0 },
      rows: rowsOf(random, 1000, () => 1),
    };
    const vendor = await icarusTrace(bench);
    expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
    expect(knownPart(vendor)).toBeGreaterThan(0.99);
  });

  it.skipIf(!hasIcarus())(
    "does what Yosys' model does in Icarus, on two clocks and on either edge",
    async () => {
      const random = new Random(2);
      const edges = [false, true].flatMap((negReadClock) =>
        [false, true].map((negWriteClock) => ({ negReadClock, negWriteClock })),
      );
      const bench: Bench = {
        cells: edges.flatMap((edge) => PAIRS.map((modes) => ram40({ ...modes, ...edge }))),
        clocks: { RCLK: 0, RCLKN: 0, WCLK: 1, WCLKN: 1 },
        rows: rowsOf(random, 600, () => 1 + random.below(3)),
      };
      const vendor = await icarusTrace(bench);
      expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
      expect(knownPart(vendor)).toBeGreaterThan(0.99);
    },
  );

  it("does what Yosys' model does as Yosys reads it, on one clock", async () => {
    const random = new Random(3);
    const words = Array.from({ length: 256 }, () => random.below(65_536));
    const bench: Bench = {
      cells: MODES.map((mode) => ram40({ readMode: mode, writeMode: MODES[3 - mode]!, rows: words })),
      clocks: { RCLK: 0, WCLK: 0 },
      rows: rowsOf(random, 300, () => 1),
    };
    const ours = modelTrace(bench);
    expect(knownPart(ours)).toBeGreaterThan(0.97);
    expect(firstDifference(bench, ours, traceOf(await yosysModels(bench), bench))).toBeNull();
  });
});
