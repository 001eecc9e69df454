import { describe, expect, it } from "vitest";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { boardDesign } from "../../src/build/design.ts";
import { hashesOf, type Manifest } from "../../src/build/manifest.ts";
import { buildReportData, type ReportedBuild } from "../../src/build/report-data.ts";
import { boardNamed, fpgaNamed, machineFrom } from "../../src/devices/library.ts";
import { sourceOf } from "../../src/flow/source.ts";
import { renderBuildReport } from "../../src/report/html.ts";
import { circuitFor } from "../../src/verify/circuit.ts";
import { randomModel } from "../support/random-model.ts";

const board = boardNamed("icebreaker");
const machine = machineFrom("up5k-flash");
const circuit = circuitFor(randomModel(new Random(5)), machine, { multiplier: "mac16" });
const design = boardDesign(circuit, board, fpgaNamed("up5k"));
const source = sourceOf(design.top);

/** Two registers of the vector unit, and one of the matrix unit behind them. */
const FROM = "part.device.decoder.vector.found_SB_DFF_Q_DFFLC";
const WITHIN = "part.device.decoder.vector.lane_0.seen_SB_DFF_Q_DFFLC";
const TO = "part.device.decoder.matrix.unit.beats.row_SB_DFF_Q_DFFLC";
const cells = { [FROM]: "X1/Y1/lc0", [WITHIN]: "X1/Y1/lc1", [TO]: "X1/Y2/lc0" };

const escaped = (name: string): string => name.replaceAll(".", "\\.");
const flipFlop = (name: string): string => `(CELL (CELLTYPE "ICESTORM_LC") (INSTANCE ${escaped(name)})
  (DELAY (ABSOLUTE (IOPATH CLK O (1000:1000:1000) (1000:1000:1000))))
  (TIMINGCHECK (SETUPHOLD (posedge I0) (posedge CLK) (500:500:500) (0:0:0))))`;
const wire = (from: string, to: string, picoseconds: number): string =>
  `(INTERCONNECT ${escaped(from)} ${escaped(to)} (${picoseconds}:${picoseconds}:${picoseconds}) (0:0:0))`;
const delays = `(DELAYFILE (SDFVERSION "3.0")
  (CELL (CELLTYPE "top") (INSTANCE top) (DELAY (ABSOLUTE
    ${Object.keys(cells)
      .map((name) => wire("clock/O", `${name}/CLK`, 0))
      .join(" ")}
    ${wire(`${FROM}/O`, `${WITHIN}/I0`, 7000)} ${wire(`${WITHIN}/O`, `${TO}/I0`, 18500)})))
  ${Object.keys(cells).map(flipFlop).join("\n")})`;

const top = (content: object): string =>
  JSON.stringify({ modules: { top: { attributes: { top: 1 }, ...content } } });
const placedCells = Object.entries(cells).map(([name, NEXTPNR_BEL]) => [
  name,
  { type: "ICESTORM_LC", attributes: { NEXTPNR_BEL }, connections: {} },
]);

const build: ReportedBuild = {
  design,
  source,
  netlist: top({ cells: {} }),
  cells: { lut4: 0, flipFlops: 3, carries: 0, dsp: 0, blockRam: 0, spram: 0, other: {} },
  placement: {
    asc: ".io_tile 1 0\n.logic_tile 1 1\n.logic_tile 1 2\n",
    placed: top({ cells: Object.fromEntries(placedCells) }),
    report: {
      clocks: [],
      utilisation: { ICESTORM_LC: { used: 3, available: 5280 }, ICESTORM_HFOSC: { used: 0, available: 1 } },
    },
    delays,
    log: "",
  },
  seed: 2,
  seeds: [
    { seed: 1, clockMHz: null, why: "no room" },
    { seed: 2, clockMHz: 50, why: null },
  ],
  clockMHz: 50,
  limitedBy: `the path ${WITHIN} -> ${TO}`,
  bitstream: new Uint8Array(10),
  flash: new Uint8Array(20),
};
const FILES = [
  ...["hdl/board.v", "hdl/board_words.hex", "pins.pcf", "netlist.json", "placed.json", "placed.asc"],
  ...["bitstream.bin", "model.bin", "flash.bin", "program.bin"],
];
const manifest: Manifest = {
  schema: "accel/build-manifest@1",
  settings: {
    ...{ board, machine, model: "random", weights: "w4g32", sparsity: "2:4", kv: "8" },
    ...{ method: "second-order", context: null, seeds: [1, 2], toolchain: "packaged" },
  },
  tools: { accel: "0.1.0", yosys: "0.55", "nextpnr-ice40": "0.8", icepack: "0.8" },
  modelAt: design.window.base,
  files: hashesOf(FILES.map((name) => ({ name, contents: name }))),
};
const data = buildReportData({ build, manifest, circuit, cyclesPerToken: 48_000 });

describe("buildReportData()", () => {
  it("says what is to be expected of the clock that the board makes", () => {
    expect(data.headline).toMatchObject({ tokensPerSecond: 500, askedMHz: 24, reachedMHz: 50, seed: 2 });
    expect(data.resources).toEqual([{ name: "logic cells", used: 3, available: 5280 }]);
  });

  it("gives each unit its cells and the slowest path that ends in it, and a group those of its members", () => {
    const group = (name: string) => data.groups.find((one) => one.name === name);
    expect(group("vector unit")).toMatchObject({ logicCells: 2, slowest: 8.5 });
    expect(group("matrix unit")).toMatchObject({ logicCells: 1, slowest: 20 });
    expect(group("host link")).toMatchObject({ logicCells: 0, slowest: null });
    const member = group("vector unit")?.members.find(({ name }) => name === "vector.lane_0");
    expect(member).toMatchObject({ logicCells: 1, slowest: 8.5 });
    for (const { members, logicCells } of data.groups)
      expect(members.reduce((sum, one) => sum + one.logicCells, 0)).toBe(logicCells);
    // Some ten colours can be told apart.
    expect(data.groups.length).toBeLessThanOrEqual(10);
    expect(data.groups.at(-1)?.name).toBe("clock, reset and glue");
  });

  it("numbers the members in the floorplan as they stand in their groups", () => {
    const members = data.groups.flatMap(({ members }) => members.map(({ name }) => name));
    const [, vector, matrix] = data.floorplan.sites;
    expect(vector?.cells.map(({ member }) => members[member]).sort()).toEqual(["vector", "vector.lane_0"]);
    expect(data.groups[vector?.group ?? -1]?.name).toBe("vector unit");
    expect(data.groups[matrix?.group ?? -1]?.name).toBe("matrix unit");
  });

  it("follows the critical path in the names of the design", () => {
    expect(data.criticalPath).toMatchObject({ period: 20, delay: 20 });
    const steps = data.criticalPath?.steps.map(({ signal, arrival, group }) => [
      signal,
      arrival,
      data.groups[group]?.name,
    ]);
    expect(steps).toEqual([
      ["part.device.decoder.vector.lane_0.seen", 1, "vector unit"],
      ["part.device.decoder.matrix.unit.beats.row", 19.5, "matrix unit"],
    ]);
  });

  it("leads from the model to the flash by every file of the build, each once", () => {
    const names = data.stages.flatMap(({ files }) => files.map(({ name }) => name));
    expect(names.sort()).toEqual([...FILES].sort());
    const [first, , third] = data.stages;
    expect(first).toMatchObject({ name: "model", by: "random", files: [] });
    expect(third?.files.map(({ name }) => name).sort()).toEqual(["model.bin", "program.bin"]);
    expect(data.stages.map(({ by }) => by)).toContain("nextpnr-ice40 0.8");
  });

  it("knows the units by the names that they have in the Verilog", () => {
    // The sequencer of the vector unit is called by a keyword of SystemVerilog.
    expect(source.text).toMatch(/\bsequence_ \(/);
    const members = data.groups.flatMap((group) => group.members.map(({ name }) => name));
    expect(members).toContain("vector.sequence");
  });

  it("comes into the page as it is", () => {
    const [, json = ""] =
      /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(renderBuildReport(data)) ?? [];
    expect(JSON.parse(json)).toEqual(data);
  });
});
