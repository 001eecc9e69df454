import { type NetlistModule, parseNetlist, topOf } from "../../hdl/netlist/json.ts";
import {
  BLOCK_RAM,
  type BlockTiming,
  type DspTiming,
  dspTiming,
  LIMITS,
  LOGIC_CELL,
  SPRAM,
} from "./ice40-timing.ts";
import { analysePaths, type GroupOf, type Path } from "./longest-paths.ts";
import { type CellDelays, type Delays, parseSdf } from "./sdf.ts";

/**
 * What a placed design's clocks are worth. `unknown`: a block's registers are off on a path that is used, and no
 * analysis of this design holds; `reasons` says which.
 */
export type CorrectedClock =
  | {
      readonly kind: "known";
      /** Of the slowest clock; infinite where no register follows another. */
      readonly megahertz: number;
      /** The path or the data sheet's figure that says so. */
      readonly limitedBy: string;
      /** The longest path of each clock, the slowest first. */
      readonly paths: readonly Path[];
      /** The slowest path that ends in each group of cells. */
      readonly groups: ReadonlyMap<string, Path>;
    }
  | { readonly kind: "unknown"; readonly reasons: readonly string[] };

/**
 * The clock of a placed design: nextpnr's delays, on iCE40 UltraPlus with the true timing of DSP and memory blocks and the
 * data sheet's limits. Paths between two clocks and to and from pins are left out.
 * @param delays SDF of `placeAndRoute`
 * @param netlist what was placed
 * @param groupOf names the group of a placed cell; default: no groups
 */
export function correctedClock(
  delays: string,
  netlist: string,
  groupOf: GroupOf = () => null,
): CorrectedClock {
  const { module } = topOf(parseNetlist(JSON.parse(netlist)));
  const dsps = new Map(
    Object.entries(module.cells).flatMap(([name, cell]) =>
      cell.type === "SB_MAC16" ? [[name, dspTiming(cell)] as const] : [],
    ),
  );
  const reasons = [...dsps].flatMap(([name, { problems }]) =>
    problems.map((problem) => `${name}: ${problem}`),
  );
  if (reasons.length > 0) return { kind: "unknown", reasons };
  const { ofClocks: paths, ofGroups: groups } = analysePaths(corrected(parseSdf(delays), dsps), groupOf);
  const [slowest] = paths;
  const path = {
    megahertz: slowest === undefined ? Number.POSITIVE_INFINITY : 1000 / slowest.period,
    what: slowest === undefined ? "nothing" : `the path ${slowest.from} -> ${slowest.to}`,
  };
  const [worst = path] = [path, ...limitsOf(module, dsps)].sort((a, b) => a.megahertz - b.megahertz);
  return { kind: "known", megahertz: worst.megahertz, limitedBy: worst.what, paths, groups };
}

/** nextpnr names packed cells after those of the netlist. */
const SUFFIX = { ICESTORM_DSP: "_DSP", ICESTORM_RAM: "_RAM", ICESTORM_SPRAM: "_RAM" } as const;

function corrected({ cells, wires }: Delays, dsps: ReadonlyMap<string, DspTiming>): Delays {
  return {
    wires,
    cells: new Map([...cells].map(([name, cell]) => [name, withTiming(cell, timingOf(name, cell, dsps))])),
  };
}

function timingOf(
  name: string,
  { type }: CellDelays,
  dsps: ReadonlyMap<string, DspTiming>,
): BlockTiming | null {
  if (type === "ICESTORM_LC") return LOGIC_CELL;
  if (type === "ICESTORM_RAM") return BLOCK_RAM;
  if (type === "ICESTORM_SPRAM") return SPRAM;
  if (type !== "ICESTORM_DSP") return null;
  const found = dsps.get(name.slice(0, -SUFFIX[type].length));
  if (found === undefined) throw new Error(`the placed DSP block ${name} is not in the netlist`);
  return found;
}

function withTiming(cell: CellDelays, timing: BlockTiming | null): CellDelays {
  if (timing === null) return cell;
  const clocks = new Set(cell.checks.map(({ clock }) => clock));
  return {
    type: cell.type,
    arcs: cell.arcs.map((arc) =>
      timing.clockToOut !== null && clocks.has(arc.from)
        ? { ...arc, delay: Math.max(arc.delay, timing.clockToOut) }
        : arc,
    ),
    checks: cell.checks.map((check) => {
      const setup = timing.setup[check.data.replace(/_\d+$/, "")] ?? 0;
      return { ...check, setup: Math.max(check.setup, setup) };
    }),
  };
}

function limitsOf(
  module: NetlistModule,
  dsps: ReadonlyMap<string, DspTiming>,
): { readonly megahertz: number; readonly what: string }[] {
  const types = new Set(Object.values(module.cells).map(({ type }) => type));
  const has = (pattern: RegExp): boolean => [...types].some((type) => pattern.test(type));
  return [
    ...(has(/^SB_(DFF|RAM|SPRAM|MAC16)/) ? [LIMITS.clock] : []),
    ...(has(/^SB_RAM40_4K/) ? [LIMITS.blockRam] : []),
    ...(has(/^SB_SPRAM256KA$/) ? [LIMITS.spram] : []),
    ...([...dsps.values()].some(({ unpipelined }) => unpipelined) ? [LIMITS.multiplier] : []),
  ];
}
