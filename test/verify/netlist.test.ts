import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Netlist, parseNetlist, topOf, unpackPlaced } from "../../hdl/netlist/index.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { hasVerilator } from "../../src/flow/native-tools.ts";
import { placeAndRoute } from "../../src/flow/nextpnr.ts";
import { sourceOf } from "../../src/flow/source.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { FlashFault, type PinTrace, RecordedPart } from "../../src/verify/part/recording.ts";
import { comparePinsInVerilator } from "../../src/verify/part/verilated.ts";
import { comparePinsOf, netlistRungs } from "../../src/verify/rungs/netlist.ts";
import { PERIOD, smallPart } from "../support/small-part.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 });
afterAll(closeTools);

const tools = { cache: temporaryFolder() };
const random = new Random(1);
const flash = { bytes: Uint8Array.from({ length: 512 }, () => random.below(256)), base: 0 };

/** A part's pins for so many reads of its flash, with anything on the serial line. */
function traceOf(part: ReturnType<typeof smallPart>, reads = 300, contents = flash): PinTrace {
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
  beforeAll(async () => {
    trace = traceOf(smallPart());
    const { text, top, data } = sourceOf(smallPart());
    ({ netlist } = await synthesizeIce40(text, top, { ...tools, data }));
    ({ placed } = await placeAndRoute(netlist, tools));
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
