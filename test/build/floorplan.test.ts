import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bit, instance, module } from "../../hdl/builder/index.ts";
import { NetlistError, type NetlistModule, parseNetlist, topOf } from "../../hdl/netlist/index.ts";
import { floorplan } from "../../src/build/floorplan.ts";
import { DesignUnits, unitAreas } from "../../src/build/unit-area.ts";

interface Cell {
  readonly type: string;
  readonly bel?: string;
  readonly nets?: readonly number[];
}

/** A placed netlist as nextpnr writes it. */
function placed(
  cells: Readonly<Record<string, Cell>>,
  nets: Readonly<Record<string, number>> = {},
): NetlistModule {
  const entries = Object.entries(cells).map(([name, { type, bel, nets: bits = [] }]) => [
    name,
    {
      type,
      attributes: bel === undefined ? {} : { NEXTPNR_BEL: bel },
      connections: Object.fromEntries(bits.map((one, i) => [`I${i}`, [one]])),
    },
  ]);
  const netnames = Object.entries(nets).map(([name, net]) => [name, { bits: [net], attributes: {} }]);
  const top = {
    attributes: { top: 1 },
    cells: Object.fromEntries(entries),
    netnames: Object.fromEntries(netnames),
  };
  return topOf(parseNetlist({ modules: { top } })).module;
}

/** A column of pins, one of logic, one of block RAM and one of a DSP block. */
const ASC = [
  ...[".comment", ".device 5k"],
  ...[1, 2, 3, 4].flatMap((y) => [`.logic_tile 1 ${y}`, "0101", `.io_tile 0 ${y}`, "00"]),
  ...[".ramb_tile 2 1", ".ramt_tile 2 2", ".ramb_tile 2 3", ".ramt_tile 2 4"],
  ...[".dsp0_tile 3 1", ".dsp1_tile 3 2", ".dsp2_tile 3 3", ".dsp3_tile 3 4"],
  ".sym 5 logic_tile 9 9",
].join("\n");

const siteAt = (plan: ReturnType<typeof floorplan>, x: number, y: number) =>
  plan.sites.find((site) => site.x === x && site.y === y);

describe("floorplan()", () => {
  it("has a site for each block of the part, and for corners that hold one", () => {
    const plan = floorplan(
      ASC,
      placed({ corner: { type: "ICESTORM_SPRAM", bel: "X0/Y0/spram_1" } }),
      () => 0,
      () => 0,
    );
    expect([plan.columns, plan.rows]).toEqual([4, 5]);
    expect(plan.sites).toHaveLength(4 + 4 + 2 + 1 + 1);
    expect(siteAt(plan, 2, 3)).toMatchObject({ kind: "block RAM", height: 2, group: null });
    expect(siteAt(plan, 3, 1)).toMatchObject({ kind: "DSP block", height: 4 });
    expect(siteAt(plan, 0, 0)).toMatchObject({ kind: "hard blocks", group: 0 });
    const area = plan.sites.reduce((sum, { height }) => sum + height, 0);
    expect(area).toBe(4 * 4 + 1);
  });

  it("counts every cell once, where it is, and takes the group that most cells of a tile belong to", () => {
    const cell = fc.record({ y: fc.integer({ min: 1, max: 4 }), member: fc.nat(5) });
    const groupOf = (member: number): number => Math.floor(member / 2);
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), (drawn) => {
        const cells = drawn.map(({ y }, i): [string, Cell] => [
          `c${i}`,
          { type: "ICESTORM_LC", bel: `X1/Y${y}/lc${i % 8}` },
        ]);
        const memberOf = (name: string): number => drawn[Number(name.slice(1))]?.member ?? -1;
        const plan = floorplan(ASC, placed(Object.fromEntries(cells)), memberOf, groupOf);
        for (const y of [1, 2, 3, 4]) {
          const there = drawn.filter((one) => one.y === y).map(({ member }) => member);
          const site = siteAt(plan, 1, y);
          const found = site?.cells ?? [];
          expect(found.flatMap(({ member, count }) => Array(count).fill(member)).sort()).toEqual(
            there.sort(),
          );
          expect(found.map(({ count }) => count)).toEqual(
            found.map(({ count }) => count).sort((a, b) => b - a),
          );
          const inGroup = (group: number): number => there.filter((one) => groupOf(one) === group).length;
          const most = Math.max(...[0, 1, 2].map(inGroup));
          if (there.length === 0) expect(site?.group).toBeNull();
          else expect(inGroup(site?.group ?? -1)).toBe(most);
        }
      }),
    );
  });

  it("refuses a cell without a place, by name", () => {
    const plan = () =>
      floorplan(
        ASC,
        placed({ lost: { type: "ICESTORM_LC" } }),
        () => 0,
        () => 0,
      );
    expect(plan).toThrow(NetlistError);
    expect(plan).toThrow("cell lost of the placed netlist has no place");
  });
});

const ports = { inputs: { a: bit }, outputs: { y: bit } };
const leaf = (name: string) => module(name, ports, ({ a, y }) => y.set(a));
const around = (name: string, inner: ReturnType<typeof leaf>, as: string) =>
  module(name, ports, ({ a, y }) => y.set(instance(as, inner, { a }).y));
const chain = around("matrix_unit", leaf("sparse_chain"), "chain");
const decoder = module("decoder", ports, ({ a, y }) => {
  const matrix = instance("matrix", around("matrix_path", chain, "unit"), { a });
  const words = instance("words", leaf("word_memory"), { a: matrix.y });
  const table = instance("sequence", leaf("own_invention"), { a: words.y });
  y.set(table.y);
});
const top = around("board", around("part", around("device", decoder, "decoder"), "device"), "part");

describe("DesignUnits", () => {
  const units = new DesignUnits(top);

  it("are those of the design without its frames, each in the group of its purpose", () => {
    expect(units.units.map(({ name, group }) => [name, group])).toEqual([
      ["matrix", "matrix unit"],
      ["matrix.unit", "matrix unit"],
      ["matrix.unit.chain", "matrix unit"],
      ["words", "memories"],
      ["sequence", "sequence"],
      ["board", "clock, reset and glue"],
    ]);
  });

  it("know a cell by the instances in its name, as synthesis and placing write them", () => {
    const names: Readonly<Record<string, string>> = {
      "part.device.decoder.matrix.code_SB_LUT4_O_3_LC": "matrix",
      "part.device.decoder.matrix.unit.beats_SB_DFF_Q_DFFLC": "matrix.unit",
      "part.device.decoder.matrix.unit.chain.mac_0_DSP": "matrix.unit.chain",
      "part.device.decoder.words.words.0.3_RAM": "words",
      // A keyword of SystemVerilog, and a name that was taken.
      "part.device.decoder.sequence_.rows.0.0_RAM": "sequence",
      "part.device.decoder.words_2.at_SB_LUT4_O_LC": "words",
      "$gbuf_part.device.decoder.matrix.unit_pass_$glb_ce": "matrix",
      "part.device.decoder.matrix_y_SB_LUT4_O_LC": "board",
      awake_SB_DFF_Q_DFFLC: "board",
      rx$sb_io: "board",
      "constructor.__proto__.x": "board",
    };
    for (const [cell, unit] of Object.entries(names)) expect(units.named(cell).name, cell).toBe(unit);
  });

  it("take cells that placing has named itself for those of their nets, and count each cell once", () => {
    const cells = {
      $nextpnr_ICESTORM_LC_7: { type: "ICESTORM_LC", nets: [9, 5] },
      $PACKER_GND: { type: "ICESTORM_LC", nets: [4] },
      "part.device.decoder.words.x_LC": { type: "ICESTORM_LC" },
      "part.device.decoder.words.rows.0.0_RAM": { type: "ICESTORM_RAM" },
      "part.device.decoder.words.mac_DSP": { type: "ICESTORM_DSP" },
      rx: { type: "SB_IO" },
    };
    const netlist = placed(cells, { "part.device.decoder.words.sum": 5, $7: 9 });
    const unitOf = units.ofCells(netlist);
    expect(unitOf.size).toBe(6);
    expect(unitOf.get("$nextpnr_ICESTORM_LC_7")?.name).toBe("words");
    expect(unitOf.get("$PACKER_GND")?.name).toBe("board");
    const areas = new Map([...unitAreas(netlist, unitOf)].map(([{ name }, area]) => [name, area]));
    expect(areas.get("words")).toEqual({ logicCells: 2, blockRams: 1, dsps: 1, sprams: 0 });
    expect(areas.get("board")).toEqual({ logicCells: 1, blockRams: 0, dsps: 0, sprams: 0 });
    expect(areas.size).toBe(2);
  });
});
