import { afterAll, expect, it, vi } from "vitest";
import { module, mux, register, signed, unsigned, unsignedConstant } from "../../hdl/builder/index.ts";
import { readNetlist } from "../../hdl/netlist/index.ts";
import { blockRam, dualMultiplyAdd8, ICE40_LIBRARY, spram } from "../../hdl/primitives/ice40/index.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { firstDifference, isDetermined } from "../hdl/netlist/compare.ts";

vi.setConfig({ testTimeout: 120_000 });
afterAll(closeTools);

const PAIR = { high: signed(8), low: signed(8) };

/** Two DSP blocks in a chain, a block RAM and an SPRAM; what they give before they have been given something is hidden. */
const unit = module(
  "unit",
  {
    inputs: { a: PAIR, b: PAIR, c: PAIR, word: unsigned(16) },
    outputs: { high: signed(16), low: signed(16), ram: unsigned(4), stored: unsigned(16) },
  },
  ({ a, b, c, word, high, low, ram, stored }) => {
    const cycle = register("cycle", unsigned(10), { initial: 0 });
    cycle.set(cycle.add(1).truncate(10));
    const warm = register("warm", unsigned(1), { initial: 0 });
    warm.set(warm.or(cycle.eq(8)));

    const zero = [word.bits(15, 8).asSigned().extend(16), word.bits(7, 0).asSigned().extend(16)] as const;
    const first = dualMultiplyAdd8("first", [a.high, a.low], [b.high, b.low], zero);
    const sums = dualMultiplyAdd8("second", [c.high, c.low], [a.low, b.high], first);
    const none = unsignedConstant(0, 16).asSigned();
    high.set(mux(warm, sums[0], none));
    low.set(mux(warm, sums[1], none));

    const data = blockRam(
      "table",
      { width: 4, initial: Array.from({ length: 1024 }, (_, i) => (i * 7) % 16) },
      {
        readAddress: cycle,
        writeAddress: word.bits(9, 0),
        writeData: word.bits(15, 12),
        write: word.bit(10),
      },
    );
    ram.set(mux(warm, data, unsignedConstant(0, 4)));

    // Written in even cycles, read back in odd ones.
    const reads = cycle.bit(0);
    const address = cycle.bits(9, 1).extend(14);
    const back = spram("store", { address, data: word, write: reads.not() });
    stored.set(mux(warm.and(reads.not()), back, unsignedConstant(0, 16)));
  },
);

it("a unit of DSP and memory blocks does after synthesis what it did before", async () => {
  expect(isDetermined(unit)).toBe(true);
  const { text, modules } = writeVerilog(unit);
  const { netlist, cells } = await synthesizeIce40(text, modules[0]!.moduleName, { cache: null });
  expect(cells).toMatchObject({ dsp: 2, blockRam: 1, spram: 1, other: {} });
  const synthesised = readNetlist(JSON.parse(netlist), { library: ICE40_LIBRARY });
  for (const seed of [1, 2, 3]) expect(firstDifference(unit, synthesised, 300, seed)).toBeNull();
});
