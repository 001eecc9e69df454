import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  bit,
  fallingEdge,
  type Module,
  memory,
  module,
  register,
  SYNC,
  signed,
  stateMachine,
  unsigned,
  when,
} from "../../hdl/builder/index.ts";
import { type NetlistModule, parseNetlist, readNetlist, topOf } from "../../hdl/netlist/index.ts";
import { dualMultiplyAdd8 } from "../../hdl/primitives/ice40/index.ts";
import { unitCatalog } from "../../hdl/units/catalog.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { integerModel, LoadedModel } from "../../src/experiment/prepare.ts";
import { compareNetlist, equivalenceOf, type Verdict } from "../../src/flow/equivalence.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { buildableCircuit } from "../../src/verify/circuit.ts";
import { costedUnits, partFor } from "../../src/verify/unit-costs.ts";
import { firstDifference } from "../hdl/netlist/compare.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
afterAll(closeTools);
const kept = { cache: temporaryFolder() };
const deep = process.env.ACCEL_DEEP === "1";

const catalogued = (unit: string, variant: string) => {
  const found = unitCatalog().find((one) => one.unit === unit && one.variant.includes(variant));
  if (found === undefined) throw new Error(`no ${unit} for ${variant}`);
  return found.module;
};

/** Sums while it runs, begins with a value that is not 0, and says when it is full. */
const summing = module(
  "summing",
  { inputs: { go: bit, x: unsigned(4) }, outputs: { total: unsigned(6), full: bit, odd: bit } },
  ({ go, x, total, full, odd }) => {
    const sum = register("sum", unsigned(6), { reset: 5, initial: 5 });
    const phase = stateMachine("phase", ["idle", "run", "end"]);
    phase.on({
      idle: () => when(go, () => phase.go("run")),
      run: () => {
        sum.set(sum.addWrap(x.extend(6)));
        when(sum.ge(60), () => phase.go("end"));
      },
      end: () => phase.go("idle"),
    });
    total.set(sum);
    full.set(phase.is("end"));
    odd.set(sum.bit(0).xor(x.parity()));
  },
);

/** A DSP block between a block RAM and registers. */
const blocks = module(
  "blocks",
  {
    inputs: { at: unsigned(8), write: bit, data: unsigned(16), b: { high: signed(8), low: signed(8) } },
    outputs: { high: signed(16), low: signed(16) },
  },
  ({ at, write, data, b, high, low }) => {
    const words = memory("words", unsigned(16), { depth: 256, collisions: "undefined" });
    when(write, () => words.write(at, data));
    const word = words.read(at);
    const none = signed(16);
    const zero = [register("high_0", none, { reset: 0 }), register("low_0", none, { reset: 0 })] as const;
    const a = [word.bits(15, 8).asSigned(), word.bits(7, 0).asSigned()] as const;
    const sums = dualMultiplyAdd8("mac", a, [b.high, b.low], zero);
    zero[0].set(sums[0]);
    zero[1].set(sums[1].not());
    high.set(sums[0]);
    low.set(sums[1]);
  },
);

/** The unit's Verilog, and its netlist after a change. */
async function changed(unit: Module, change: (netlist: NetlistModule) => void) {
  const { text, modules } = writeVerilog(unit, { sources: false });
  const top = modules[0]?.moduleName ?? "";
  const netlist = parseNetlist(JSON.parse((await synthesizeIce40(text, top, kept)).netlist));
  change(topOf(netlist, top).module);
  const json = JSON.stringify(netlist);
  return { json, verdict: (await compareNetlist({ verilog: text, top }, json, kept)).verdict };
}

/** Names of what is said to differ. */
const named = (verdict: Verdict): readonly string[] => {
  if (verdict.kind === "different") return verdict.at;
  return verdict.kind === "bounded" ? verdict.maybe : [];
};

const cellsOf = ({ cells }: NetlistModule, type: RegExp) =>
  Object.values(cells).filter((cell) => type.test(cell.type));

function flip(cell: NetlistModule["cells"][string] | undefined, row: number): void {
  const init = String(cell?.parameters.LUT_INIT);
  const at = init.length - 1 - row;
  if (cell === undefined || !/^[01]{16}$/.test(init)) throw new Error(`no table: ${init}`);
  cell.parameters.LUT_INIT = `${init.slice(0, at)}${init[at] === "0" ? "1" : "0"}${init.slice(at + 1)}`;
}

describe("equivalenceOf()", () => {
  it("proves logic with state, registers of no power-up value, and units of the catalogue", async () => {
    const dequantizer = catalogued("dequantizer", "2:4 of 4 bits");
    for (const unit of [summing, dequantizer]) {
      const { verdict, given, cells } = await equivalenceOf(unit, kept);
      expect(verdict).toEqual({ kind: "proved", depth: 1 });
      expect(given).toMatchObject({ boxes: {}, memories: [] });
      expect(given.registerBits).toBeGreaterThanOrEqual(cells.flipFlops);
    }
  });

  it("blocks of the part stand on both sides, and what they are given is compared", async () => {
    const { verdict, given } = await equivalenceOf(blocks, kept);
    expect(verdict).toEqual({ kind: "proved", depth: 1 });
    expect(given).toMatchObject({ boxes: { SB_MAC16: 1, SB_RAM40_4K: 1 }, memories: ["words"] });
  });

  it("says that it does not know where there are two edges of a clock, or no time", async () => {
    const two = module("two", { inputs: { x: bit }, outputs: { a: bit, b: bit } }, ({ x, a, b }) => {
      a.set(register("first", bit, { next: x, initial: 0 }));
      b.set(register("second", bit, { next: x, initial: 0, domain: fallingEdge(SYNC) }));
    });
    expect((await equivalenceOf(two, kept)).verdict).toEqual({
      kind: "unknown",
      reason: "several clocks: falling edge of clock, rising edge of clock",
    });
    const wide = unsigned(12);
    const product = module(
      "product",
      { inputs: { a: wide, b: wide }, outputs: { y: unsigned(24) } },
      ({ a, b, y }) => y.set(a.mul(b)),
    );
    const options = { ...kept, timeoutSeconds: 2 };
    expect((await equivalenceOf(product, options)).verdict).toEqual({
      kind: "unknown",
      reason: "no answer in 2 s",
    });
  });
});

describe("compareNetlist()", () => {
  it("a register that is reset to another value is named", async () => {
    // 5 is 000101: its second bit is reset to 0.
    const { verdict } = await changed(summing, (netlist) => {
      const q = netlist.netnames.sum?.bits[1];
      const cell = cellsOf(netlist, /^SB_DFF/).find(({ connections }) => connections.Q?.[0] === q);
      if (cell?.type !== "SB_DFFSR" && cell?.type !== "SB_DFFESR") throw new Error(`sum[1] is ${cell?.type}`);
      cell.type = cell.type.replace("SR", "SS");
      cell.connections.S = cell.connections.R ?? [];
      cell.port_directions.S = "input";
      delete cell.connections.R;
    });
    expect(verdict.kind).toBe("different");
    expect(named(verdict)).toContain("output total");
  });

  it("a table's bit that a first cycle shows is refuted there, with the output's name", async () => {
    const { verdict } = await changed(summing, (netlist) => {
      const odd = netlist.ports.odd?.bits[0];
      flip(
        cellsOf(netlist, /^SB_LUT4$/).find(({ connections }) => connections.O?.[0] === odd),
        0,
      );
    });
    expect(named(verdict)).toContain("output odd");
  });

  describe("agrees with simulation on a bit flipped in every table", () => {
    let tables = 0;
    beforeAll(async () => {
      await changed(summing, (netlist) => {
        tables = cellsOf(netlist, /^SB_LUT4$/).length;
      });
    });
    it("never proves what simulation refutes, and always names a place", async () => {
      const wrong: string[] = [];
      for (let i = 0; i < tables; i += deep ? 1 : 4) {
        const row = (5 * i) % 16;
        const { json, verdict } = await changed(summing, (netlist) =>
          flip(cellsOf(netlist, /^SB_LUT4$/)[i], row),
        );
        const difference = firstDifference(summing, readNetlist(JSON.parse(json)), 400, i + 1);
        if (difference === null) continue;
        wrong.push(`${i}.${row}`);
        expect(verdict.kind, `table ${i}, row ${row}`).toMatch(/^(different|bounded)$/);
        expect(named(verdict)).not.toEqual([]);
      }
      expect(wrong.length).toBeGreaterThan(1);
    });
  });

  it("a block with another parameter, or another input, is not the design's", async () => {
    const parameter = await changed(blocks, (netlist) => {
      const [mac] = cellsOf(netlist, /^SB_MAC16$/);
      if (mac !== undefined) mac.parameters.A_SIGNED = "0";
    });
    expect(parameter.verdict).toEqual({
      kind: "unknown",
      reason: "parameter A_SIGNED of mac (SB_MAC16) is another one than the design's",
    });
    const input = await changed(blocks, (netlist) => {
      const [mac] = cellsOf(netlist, /^SB_MAC16$/);
      mac?.connections.B?.reverse();
    });
    expect(input.verdict).toMatchObject({ reason: expect.stringContaining("input B of mac would differ") });
    const floating = await changed(blocks, (netlist) => {
      const [ram] = cellsOf(netlist, /^SB_RAM40_4K$/);
      if (ram !== undefined) ram.connections.WDATA = ram.connections.WDATA?.map(() => "x") ?? [];
    });
    expect(floating.verdict).toMatchObject({ reason: expect.stringContaining("input WDATA of words.0.0") });
  });

  it("a block that is missing may give anything, not what the netlist has in its place", async () => {
    const { verdict } = await changed(blocks, (netlist) => {
      const zero = new Set(netlist.cells.mac?.connections.O);
      delete netlist.cells.mac;
      for (const cell of Object.values(netlist.cells))
        for (const [port, bits] of Object.entries(cell.connections))
          if (cell.port_directions[port] === "input")
            cell.connections[port] = bits.map((one) => (zero.has(one) ? "0" : one));
      for (const port of Object.values(netlist.ports))
        port.bits = port.bits.map((one) => (zero.has(one) ? "0" : one));
    });
    expect(verdict).toMatchObject({ kind: "unknown", reason: expect.stringContaining("output high") });
  });

  it("a flip-flop at the other edge of the clock is another clock", async () => {
    const { verdict } = await changed(summing, (netlist) => {
      const [cell] = cellsOf(netlist, /^SB_DFF/);
      if (cell !== undefined) cell.type = cell.type.replace("DFF", "DFFN");
    });
    expect(verdict).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining("falling edge of clock"),
    });
  });
});

/** Rows of the tables in the documentation: unit and variant, and whether it is proved. */
function documented(): Map<string, boolean> {
  const text = readFileSync(new URL("../../docs/validation.md", import.meta.url), "utf8");
  const [, section = ""] = text.split("\n## Proved by formal equivalence\n");
  const rows =
    section.split("\n## ")[0]?.matchAll(/^\| (\w+) \| (.+?) \| [\d,]+ \| [\d,]+ \| (.+?) \|/gm) ?? [];
  return new Map(
    Array.from(rows, ([, unit, variant, result]) => [`${unit}, ${variant}`, result === "proved"]),
  );
}

const machineUnits = (): { readonly name: string; readonly module: Module }[] => {
  const spec = parseCompression({ weights: "w4g32", sparsity: "2:4", kv: "8", method: "second-order" });
  const model = integerModel(new LoadedModel("llama-tiny").compress(spec).model);
  const circuit = buildableCircuit(model, machineFrom("up5k-flash"), { multiplier: "mac16" });
  return costedUnits(partFor(circuit)).map(({ path, module }) => ({
    name: `${module.name}, ${path}`,
    module,
  }));
};

const cataloguedUnits = () =>
  unitCatalog().map(({ unit, variant, module }) => ({ name: `${unit}, ${variant}`, module }));

describe.skipIf(!deep)("docs/validation.md", () => {
  it.each([
    ["the catalogue's units", cataloguedUnits],
    ["the units of up5k-flash", machineUnits],
  ])(
    "%s are proved where it says so",
    async (_, units) => {
      const listed = documented();
      for (const { name, module } of units()) {
        expect([...listed.keys()]).toContain(name);
        if (listed.get(name) !== true) continue;
        const { verdict } = await equivalenceOf(module, { timeoutSeconds: 1200 });
        expect(verdict, name).toMatchObject({ kind: "proved" });
      }
    },
    3_600_000,
  );
});
