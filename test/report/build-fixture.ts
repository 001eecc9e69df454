import type { BuildReportData, Site, UnitFigures, UnitGroup } from "../../src/report/build-data.ts";

const unit = (name: string, logicCells: number, slowest: number | null, about = ""): UnitFigures => ({
  ...{ name, about, logicCells, slowest },
  ...{ blockRams: name.startsWith("words") ? 2 : 0, dsps: name === "matrix.unit" ? 1 : 0, sprams: 0 },
});

const sum = (units: readonly UnitFigures[], key: "logicCells" | "blockRams" | "dsps" | "sprams"): number =>
  units.reduce((all, one) => all + one[key], 0);

function group(name: string, members: readonly UnitFigures[]): UnitGroup {
  const slowest = Math.max(...members.map((one) => one.slowest ?? 0));
  return {
    ...{ name, about: "", slowest: slowest > 0 ? slowest : null, members },
    ...{ logicCells: sum(members, "logicCells"), blockRams: sum(members, "blockRams") },
    ...{ dsps: sum(members, "dsps"), sprams: sum(members, "sprams") },
  };
}

/** A part of 6 × 6 tiles, with two columns of block RAM. */
function sites(): Site[] {
  const site = (x: number, y: number, kind: string, height: number, cells: Site["cells"]): Site => {
    const [first] = cells;
    return {
      x,
      y,
      kind,
      height,
      cells,
      group: first === undefined ? null : (GROUP_OF[first.member] ?? null),
    };
  };
  const logic = [0, 1, 3, 5].flatMap((x) =>
    [0, 1, 2, 3, 4, 5].map((y) => {
      const member = (x + y) % 4;
      const cells = y === 5 ? [] : [{ member, count: 5 }, ...(x === 3 ? [{ member: 3, count: 2 }] : [])];
      return site(x, y, "logic", 1, cells);
    }),
  );
  const rams = [2, 4].flatMap((x) =>
    [0, 2, 4].map((y) => site(x, y, "block RAM", 2, y === 0 ? [{ member: 3, count: 1 }] : [])),
  );
  return [...logic, ...rams];
}

const GROUP_OF = [0, 1, 1, 2];

/** Figures as a build of a small model gives them. */
export function buildFixture(): BuildReportData {
  const groups = [
    group("sequencer", [unit("sequencer", 30, 25.5, "Dispatches instructions.")]),
    group("matrix unit", [unit("matrix", 40, 12), unit("matrix.unit", 60, 36.25, "2 multipliers.")]),
    group("memories", [unit("words", 20, null)]),
  ];
  const file = (name: string, bytes: number) => ({ name, bytes, sha256: "0123456789abcdef".repeat(4) });
  return {
    title: {
      ...{
        model: "llama-tiny",
        board: "iCEBreaker",
        machine: "up5k-flash",
        part: "Lattice iCE40 UP5K, sg48",
      },
      machineSummary: "weights streamed from flash, keys and values in SPRAM",
      compression: "2:4 + w4g32, kv8",
    },
    headline: {
      ...{ tokensPerSecond: 101.3, cyclesPerToken: 237_001.7, askedMHz: 24, reachedMHz: 27.586 },
      ...{ limitedBy: "the path a -> b", seed: 1, logicCells: { used: 150, available: 192 } },
      ...{ luts: 140, flipFlops: 90, bitstreamBytes: 104_090, flashBytes: 427_072 },
    },
    resources: [
      { name: "logic cells", used: 150, available: 192 },
      { name: "block RAMs", used: 2, available: 6 },
    ],
    groups,
    floorplan: { columns: 6, rows: 6, sites: sites() },
    criticalPath: {
      ...{ period: 36.25, delay: 36.25 },
      steps: [
        { signal: "part.device.decoder.sequencer.word", arrival: 1.4, group: 0 },
        { signal: "part.device.decoder.matrix.unit.row", arrival: 35.75, group: 1 },
      ],
    },
    stages: [
      { name: "model", by: "llama-tiny", about: "311,296 parameters", files: [] },
      { name: "bitstream", by: "icepack 0.8.621", about: "", files: [file("bitstream.bin", 104_090)] },
      { name: "flash", by: "accel 0.1.0", about: "both", files: [file("flash.bin", 427_072)] },
    ],
    seeds: [
      { seed: 1, clockMHz: 27.586, why: null },
      { seed: 2, clockMHz: null, why: "no room" },
    ],
    settings: [{ name: "weights", text: "w4g32" }],
    tools: [{ name: "yosys", text: "0.55.944" }],
  };
}
