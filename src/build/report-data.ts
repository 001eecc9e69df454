import { parseNetlist, topOf } from "../../hdl/netlist/index.ts";
import { fpgaNamed } from "../devices/library.ts";
import type { Path } from "../flow/longest-paths.ts";
import { correctedClock } from "../flow/timing.ts";
import type {
  BuildReportData,
  NamedText,
  Resource,
  SlowestPath,
  UnitFigures,
  UnitGroup,
} from "../report/build-data.ts";
import type { Circuit } from "../verify/circuit.ts";
import type { Build } from "./build.ts";
import { floorplan } from "./floorplan.ts";
import type { Manifest } from "./manifest.ts";
import { namedPath } from "./path-names.ts";
import { buildStages } from "./stages.ts";
import { type DesignUnit, DesignUnits, NO_AREA, sumOfAreas, unitAreas } from "./unit-area.ts";

/** What the report tells of a build. */
export type ReportedBuild = Pick<
  Build,
  | "design"
  | "source"
  | "netlist"
  | "cells"
  | "placement"
  | "seed"
  | "seeds"
  | "clockMHz"
  | "limitedBy"
  | "bitstream"
  | "flash"
>;

export interface BuildReportRequest {
  readonly build: ReportedBuild;
  readonly manifest: Manifest;
  readonly circuit: Circuit;
  /** Mean over some tokens, simulated. */
  readonly cyclesPerToken: number;
}

/**
 * A build as the HTML report shows it.
 * @throws NetlistError where the placed netlist is not one of nextpnr's
 */
export function buildReportData(request: BuildReportRequest): BuildReportData {
  const { build, manifest, circuit } = request;
  const { placement, netlist, design } = build;
  const { module: placed } = topOf(parseNetlist(JSON.parse(placement.placed)));
  const units = new DesignUnits(design.top);
  const unitOfCell = units.ofCells(placed);
  const unitOf = (cell: string): DesignUnit => unitOfCell.get(cell) ?? units.named(cell);
  const clock = correctedClock(placement.delays, netlist, (cell) => unitOf(cell).name);
  const { paths, groups: slowest } =
    clock.kind === "known" ? clock : { paths: [], groups: new Map<string, Path>() };
  const areas = unitAreas(placed, unitOfCell);
  const figures = (unit: DesignUnit): UnitFigures => ({
    name: unit.name,
    about: unit.about,
    ...(areas.get(unit) ?? NO_AREA),
    slowest: slowest.get(unit.name)?.period ?? null,
  });
  const groupNames = [...new Set(units.units.map(({ group }) => group))];
  const together = groupNames.map((name) => units.units.filter(({ group }) => group === name));
  const members = together.flat();
  return {
    title: title(manifest),
    headline: headline(request),
    resources: resources(placement.report.utilisation),
    groups: groupNames.map((name, i) => groupOf(name, (together[i] ?? []).map(figures))),
    floorplan: floorplan(
      placement.asc,
      placed,
      (cell) => members.indexOf(unitOf(cell)),
      (member) => groupNames.indexOf(members[member]?.group ?? ""),
    ),
    criticalPath: slowestPath(paths[0], (signal) => groupNames.indexOf(units.named(signal).group)),
    stages: buildStages(build, manifest, circuit),
    seeds: build.seeds,
    settings: settings(manifest, design.window.base),
    tools: Object.entries(manifest.tools).map(([name, text]) => ({ name, text })),
  };
}

function groupOf(name: string, members: readonly UnitFigures[]): UnitGroup {
  const periods = members.flatMap(({ slowest }) => (slowest === null ? [] : [slowest]));
  const slowest = periods.length === 0 ? null : Math.max(...periods);
  const [only] = members;
  const about = only !== undefined && members.length === 1 ? only.about : "";
  return { name, about, ...sumOfAreas(members), slowest, members };
}

function title({ settings }: Manifest): BuildReportData["title"] {
  const { board, machine, model, weights, sparsity, kv } = settings;
  return {
    model,
    board: board.title,
    machine: machine.name,
    machineSummary: machine.summary,
    part: `${fpgaNamed(board.device).title}, ${board.package}`,
    compression: `${sparsity} + ${weights}, kv${kv}`,
  };
}

function headline({ build, cyclesPerToken }: BuildReportRequest): BuildReportData["headline"] {
  const { design, clockMHz, limitedBy, seed, cells, placement, bitstream, flash } = build;
  return {
    tokensPerSecond: (design.clockMHz * 1e6) / cyclesPerToken,
    cyclesPerToken,
    askedMHz: design.clockMHz,
    reachedMHz: clockMHz,
    limitedBy,
    seed,
    logicCells: placement.report.utilisation.ICESTORM_LC ?? { used: 0, available: 0 },
    luts: cells.lut4,
    flipFlops: cells.flipFlops,
    bitstreamBytes: bitstream.length,
    flashBytes: flash.length,
  };
}

/** Kinds of cells, by nextpnr's names: those that designs are made of, and those that are told where one is used. */
const RESOURCES = [
  ["ICESTORM_LC", "logic cells"],
  ["ICESTORM_RAM", "block RAMs"],
  ["ICESTORM_DSP", "DSP blocks"],
  ["ICESTORM_SPRAM", "SPRAMs"],
  ["SB_IO", "I/O cells"],
] as const;
const WHERE_USED = [
  ["SB_GB", "global buffers"],
  ["ICESTORM_PLL", "PLLs"],
  ["ICESTORM_HFOSC", "oscillators"],
  ["SB_RGBA_DRV", "LED drivers"],
] as const;

/** What the part has none of is left out. */
function resources(utilisation: Build["placement"]["report"]["utilisation"]): Resource[] {
  const named = (kinds: readonly (readonly [key: string, name: string])[]): Resource[] =>
    kinds.flatMap(([key, name]) => {
      const use = utilisation[key];
      return use === undefined || use.available === 0 ? [] : [{ name, ...use }];
    });
  return [...named(RESOURCES), ...named(WHERE_USED).filter(({ used }) => used > 0)];
}

function slowestPath(path: Path | undefined, groupOfSignal: (signal: string) => number): SlowestPath | null {
  if (path === undefined) return null;
  const steps = namedPath(path).steps.map(({ signal, nanoseconds }) => ({
    signal,
    arrival: nanoseconds,
    group: groupOfSignal(signal),
  }));
  return { period: path.period, delay: path.delay, steps };
}

function settings({ settings }: Manifest, imageAt: number): NamedText[] {
  const { board, machine, model, weights, sparsity, kv, method, context, seeds, toolchain } = settings;
  const texts: Readonly<Record<string, string>> = {
    board: board.name,
    machine: machine.name,
    model,
    weights,
    sparsity,
    "keys and values": `${kv} bits`,
    method,
    context: context === null ? "as many tokens as fit" : `${context} tokens`,
    seeds: seeds.join(", "),
    toolchain,
    "image at": `0x${imageAt.toString(16)}`,
  };
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
}
