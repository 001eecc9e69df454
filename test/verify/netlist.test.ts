import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Module } from "../../hdl/builder/index.ts";
import {
  circuitOf,
  type Netlist,
  parseNetlist,
  readBitstream,
  topOf,
  unpackPlaced,
} from "../../hdl/netlist/index.ts";
import { ICE40_LIBRARY } from "../../hdl/primitives/ice40/index.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { integerModel, LoadedModel } from "../../src/experiment/prepare.ts";
import { pack, unpack } from "../../src/flow/icepack.ts";
import { hasVerilator } from "../../src/flow/native-tools.ts";
import { placeAndRoute } from "../../src/flow/nextpnr.ts";
import { sourceOf } from "../../src/flow/source.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { circuitFor } from "../../src/verify/circuit.ts";
import { comparePins } from "../../src/verify/part/compare.ts";
import { FlashFault, type PinTrace, RecordedPart } from "../../src/verify/part/recording.ts";
import { comparePinsInVerilator } from "../../src/verify/part/verilated.ts";
import { bitstreamRung, chipDatabase, pinsOf } from "../../src/verify/rungs/bitstream.ts";
import { netlistRungs, pinsRung } from "../../src/verify/rungs/netlist.ts";
import { partFor } from "../../src/verify/unit-costs.ts";
import { PERIOD, type SmallClock, smallBoard, smallPart } from "../support/small-part.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 });
afterAll(closeTools);

const DEEP = process.env.ACCEL_DEEP === "1";
const tools = { cache: temporaryFolder() };
const random = new Random(1);
const flash = { bytes: Uint8Array.from({ length: 512 }, () => random.below(256)), base: 0 };

const PCF = [
  ...["clock 35", "reset 2", "rx 3", "tx 4", "running 6", "flash_clock 15", "flash_select 16"],
  ...["flash_data_0 14", "flash_data_1 17", "flash_data_2 18", "flash_data_3 19"],
]
  .map((pin) => `set_io ${pin}\n`)
  .join("");

const comparePinsOf = (netlist: Netlist, trace: PinTrace, seed: number) =>
  comparePins(circuitOf(netlist, { library: ICE40_LIBRARY }), trace, seed);

/** A part's pins for so many reads of its flash, with anything on the serial line. */
function traceOf(part: Module, reads = 300, contents = flash): PinTrace {
  const recorded = new RecordedPart(part, contents);
  while (recorded.cycle < reads * PERIOD) {
    recorded.drive({ rx: random.below(2) });
    recorded.step(1 + random.below(40));
  }
  return recorded.trace();
}

/** With one bit of the table of a cell turned over. */
function withFlippedBit(netlist: Netlist, cell: string, bit: number): Netlist {
  const { name, module } = topOf(netlist);
  const old = module.cells[cell]!;
  const table = String(old.parameters.LUT_INIT).padStart(16, "0");
  const at = 15 - bit;
  const flipped = `${table.slice(0, at)}${table[at] === "1" ? "0" : "1"}${table.slice(at + 1)}`;
  const cells = { ...module.cells, [cell]: { ...old, parameters: { ...old.parameters, LUT_INIT: flipped } } };
  return { ...netlist, modules: { [name]: { ...module, cells } } };
}

describe("netlists of a small part, with a flash at its pins", () => {
  let trace: PinTrace;
  let netlist: string;
  let placed: string;
  let bitstream: Uint8Array;
  beforeAll(async () => {
    trace = traceOf(smallPart());
    const { text, top, data } = sourceOf(smallPart());
    ({ netlist } = await synthesizeIce40(text, top, { ...tools, data }));
    const placement = await placeAndRoute(netlist, { ...tools, pcf: PCF });
    placed = placement.placed;
    bitstream = await pack(placement.asc);
  });

  it("are equal to the circuit at every pin in both halves of every cycle", async () => {
    const rungs = [];
    for await (const rung of netlistRungs(trace, { netlist, placed, tools })) rungs.push(rung);
    expect(rungs.map(({ equal }) => equal)).toEqual(
      hasVerilator() ? [true, true, true, true] : [true, null, true, null],
    );
    const [synthesised] = rungs;
    // Two outputs and six pins, in two halves of each cycle, with two seeds.
    expect(synthesised).toMatchObject({ cycles: 2 * trace.cycles, compared: 2 * 2 * trace.cycles * 14 });
  });

  it("differ where a bit of a table is turned over, and the difference is named", () => {
    const tested = {
      synthesised: parseNetlist(JSON.parse(netlist)),
      placed: unpackPlaced(parseNetlist(JSON.parse(placed))),
    };
    for (const [form, of] of Object.entries(tested)) {
      const cells = Object.entries(topOf(of).module.cells).filter(([, { type }]) => type === "SB_LUT4");
      const found = random.sample(cells, 12).filter(([cell]) => {
        // With all inputs 0, or all of those that are used 1: one of both is seen by most tables.
        const turned = [0, 15].map(
          (bit) => comparePinsOf(withFlippedBit(of, cell, bit), trace, 1).difference,
        );
        for (const difference of turned)
          if (difference !== null) {
            expect(trace.outputs.map(({ name }) => name)).toContain(difference.output);
            expect(difference.got).not.toBe(difference.expected);
          }
        return turned.some((difference) => difference !== null);
      });
      expect(found.length, form).toBeGreaterThanOrEqual(6);
    }
  });

  it.skipIf(!hasVerilator())("differ in Verilator in the same cycle", async () => {
    const of = parseNetlist(JSON.parse(netlist));
    const cells = Object.entries(topOf(of).module.cells).filter(([, { type }]) => type === "SB_LUT4");
    for (const [cell] of cells) {
      const wrong = withFlippedBit(of, cell, 0);
      const { difference } = comparePinsOf(wrong, trace, 1);
      if (difference === null || difference.cycle < 100) continue;
      expect((await comparePinsInVerilator(wrong, trace, tools))?.difference).toEqual(difference);
      return;
    }
    throw new Error("no bit made a difference");
  });

  describe.skipIf(chipDatabase("5k") === null)("and the bitstream, unpacked again", () => {
    const UP5K = { chip: "5k", package: "sg48", pcf: PCF } as const;

    it("is equal to the circuit at every pin in both halves of every cycle", async () => {
      const rung = await bitstreamRung(trace, { bitstream, netlist, ...UP5K, tools });
      expect(rung).toMatchObject({ equal: true, cycles: 2 * trace.cycles });
    });

    it("has the cells that were placed", async () => {
      const read = netlistOf(await unpack(bitstream));
      const count = (of: Netlist, type: string): number =>
        Object.values(topOf(of).module.cells).filter((cell) => cell.type === type).length;
      const expected = unpackPlaced(parseNetlist(JSON.parse(placed)));
      for (const type of ["SB_CARRY", "SB_RAM40_4K", "SB_SPRAM256KA", "SB_MAC16", "SB_IO"])
        expect(count(read, type), type).toBe(count(expected, type));
    });

    it("differs where a bit of a table is turned over", async () => {
      const lines = (await unpack(bitstream)).split("\n");
      // Tables stand in columns 36 to 45 of logic tiles; those with a bit that is set are in use.
      let inLogic = false;
      const set = lines.flatMap((line, row) => {
        if (line.startsWith(".")) inLogic = line.startsWith(".logic_tile");
        const columns = [36, 37, 38, 39, 40, 41, 42, 43, 44, 45];
        return inLogic && /^[01]+$/.test(line)
          ? columns.filter((c) => line[c] === "1").map((c) => [row, c] as const)
          : [];
      });
      const found = random.sample(set, 12).filter(([row, column]) => {
        const line = lines[row]!;
        const wrong = lines.with(row, `${line.slice(0, column)}0${line.slice(column + 1)}`);
        return comparePinsOf(netlistOf(wrong.join("\n")), trace, 1).difference !== null;
      });
      expect(found.length).toBeGreaterThanOrEqual(6);
    });

    it("is refused where a clock does not reach the cells that use it", async () => {
      const lines = (await unpack(bitstream)).split("\n");
      // Buffers of the global nets of a column: bit 7 of rows 8 to 15.
      const on = lines.flatMap((line, row) =>
        line.startsWith(".logic_tile")
          ? [8, 9, 10, 11, 12, 13, 14, 15].flatMap((i) =>
              lines[row + 1 + i]?.[7] === "1" ? [row + 1 + i] : [],
            )
          : [],
      );
      const refused = random.sample(on, 6).filter((row) => {
        const line = lines[row]!;
        const wrong = lines.with(row, `${line.slice(0, 7)}0${line.slice(8)}`).join("\n");
        try {
          return netlistOf(wrong) === null;
        } catch (error) {
          expect(String(error)).toMatch(
            /global net \d is used in tile \d+ \d+, and its buffer in tile .* is off/,
          );
          return true;
        }
      });
      expect(refused.length).toBeGreaterThan(0);
    });

    const netlistOf = (asc: string): Netlist => {
      const { ports } = topOf(parseNetlist(JSON.parse(netlist))).module;
      const database = chipDatabase("5k") ?? "";
      return unpackPlaced(readBitstream(asc, { database, ports, package: "sg48", pins: pinsOf(PCF) }));
    };
  });
});

describe.runIf(DEEP)("netlists of a small part on a board", () => {
  const clocks: readonly SmallClock[] = ["PLL with a pin of its own", "PLL", "oscillator"];
  it.each(clocks)("are equal to the circuit, with a clock from: %s", async (clock) => {
    const board = smallBoard(clock);
    const trace = traceOf(board, 100);
    const { text, top, data } = sourceOf(board);
    const { netlist } = await synthesizeIce40(text, top, { ...tools, data });
    const pins = PCF.replace(/set_io (clock|reset) .*\n/g, "");
    // Pin 35 belongs to the PLL.
    const pin = clock === "PLL" ? 20 : 35;
    const pcf =
      clock === "oscillator" ? pins.replace("running 6", "running 39") : `${pins}set_io clock_pin ${pin}\n`;
    const { placed, asc } = await placeAndRoute(netlist, { ...tools, pcf });
    const rungs = [];
    for await (const rung of netlistRungs(trace, { netlist, placed, tools })) rungs.push(rung);
    rungs.push(
      await bitstreamRung(trace, { bitstream: await pack(asc), netlist, chip: "5k", package: "sg48", pcf }),
    );
    expect(rungs.filter(({ equal }) => equal === false)).toEqual([]);
    expect(rungs[0]?.compared).toBe(2 * 2 * trace.cycles * 14);
  });
});

describe.runIf(DEEP)("the whole part for llama-tiny", () => {
  it("is equal as circuit, as netlist, placed, and as bitstream, for a whole token", {
    timeout: 7_200_000,
  }, async () => {
    const model = integerModel(
      new LoadedModel("llama-tiny").compress(parseCompression({ sparsity: "2:4" })).model,
    );
    const circuit = circuitFor(model, machineFrom("up5k-flash"), { multiplier: "mac16" });
    const top = partFor(circuit);
    const flash = { bytes: circuit.images[0]!, base: 0 };
    const { rung, trace } = await pinsRung({ circuit, top, flash, clockHz: 24e6, cyclesPerBit: 208 }, 5);
    expect(rung).toMatchObject({ equal: true });
    const { text, top: name, data } = sourceOf(top);
    const { netlist } = await synthesizeIce40(text, name, { data });
    const { placed, asc } = await placeAndRoute(netlist, { freqMHz: 24, pcf: PCF });
    const rungs = [];
    for await (const one of netlistRungs(trace!, { netlist, placed })) rungs.push(one);
    const form = { netlist, chip: "5k", package: "sg48", pcf: PCF } as const;
    rungs.push(await bitstreamRung(trace!, { bitstream: await pack(asc), ...form }));
    expect(rungs.filter(({ equal }) => equal === false)).toEqual([]);
    expect(rungs.filter(({ equal }) => equal).every(({ cycles }) => cycles >= trace!.cycles)).toBe(true);
  });
});

describe("the flash at the pins", () => {
  it("gives the bytes that a part asks for, and no others", () => {
    const quiet = (contents: typeof flash): PinTrace => {
      const recorded = new RecordedPart(smallPart(), contents);
      recorded.step(250 * PERIOD);
      return recorded.trace();
    };
    const withByte = (at: number): typeof flash => {
      const bytes = flash.bytes.slice();
      bytes[at] = bytes[at]! ^ 0x10;
      return { bytes, base: 0 };
    };
    const usual = quiet(flash);
    // Read number n asks for bytes n to n + 3, and at its end the next one stands on the lines already.
    expect(quiet(withByte(300)).lines).toEqual(usual.lines);
    const other = quiet(withByte(100)).lines;
    const first = other.findIndex((nibble, i) => nibble !== usual.lines[i]);
    expect(other[first]! ^ usual.lines[first]!).toBe(1);
    expect(Math.floor((first - 1) / PERIOD)).toBe(96);
    expect(quiet({ bytes: flash.bytes.subarray(50), base: 50 }).lines.slice(60 * PERIOD)).toEqual(
      usual.lines.slice(60 * PERIOD),
    );
  });

  it("notices a command that does not follow a deselection", () => {
    expect(() => traceOf(smallPart(0), 10)).toThrow(FlashFault);
  });
});
