import type { Module } from "../../hdl/builder/index.ts";
import type { Bit, NetlistModule } from "../../hdl/netlist/index.ts";
import { sourceName } from "../flow/nextpnr.ts";
import type { UnitArea } from "../report/build-data.ts";
import { isFrame, type Unit, unitTree } from "../verify/units.ts";

/** A unit of a design as a build tells it apart; its parts that are told apart are units of their own. */
export interface DesignUnit {
  /** Names of the instances on the way to it, without those that only hold others together, joined by points. */
  readonly name: string;
  /** Name of what it belongs to, with others of the same purpose. */
  readonly group: string;
  /** Empty where nothing is said. */
  readonly about: string;
}

/** Of modules that serve one purpose; others are groups of their own. */
const GROUPS: Readonly<Record<string, string>> = {
  host_link: "host link",
  programmed_sequencer: "sequencer",
  matrix_path: "matrix unit",
  vector_unit: "vector unit",
  channel: "channels",
  spi_flash_port: "channels",
  spi_flash_pins: "channels",
  spram_port: "channels",
  block_ram_port: "channels",
  embedding_writer: "memories",
  word_memory: "memories",
  code_memory: "memories",
  exponent_memory: "memories",
  angle_memory: "memories",
  descriptor_file: "memories",
  activity_counters: "counters",
};

/** What is in no unit: the frames around them. */
const GLUE: DesignUnit = {
  name: "board",
  group: "clock, reset and glue",
  about: "Clock and reset, and what joins the units.",
};

interface UnitNode {
  readonly unit: DesignUnit;
  /** By the names of their instances. */
  readonly parts: ReadonlyMap<string, UnitNode>;
}

/** Units of a design, and which of them a cell belongs to. */
export class DesignUnits {
  /** In the order of the design, each before its parts; last what is in none. */
  readonly units: readonly DesignUnit[];
  private readonly root: UnitNode;

  constructor(top: Module) {
    this.root = { unit: GLUE, parts: partsOf(unitTree(top), "", null) };
    this.units = [...unitsIn(this.root), GLUE];
  }

  /**
   * The unit that a cell's name says it is in. Tools name a cell after a net, and a net that joins two units has a name in
   * either: logic at the border may count for the neighbour.
   */
  named(cell: string): DesignUnit {
    let node = this.root;
    for (const instance of sourceName(cell).split(".").slice(0, -1)) {
      const part = partNamed(node, instance);
      if (part === null) break;
      node = part;
    }
    return node.unit;
  }

  /** The unit of each cell of a placed netlist; one that place and route has named itself belongs to its nets' unit. */
  ofCells({ cells, netnames }: NetlistModule): ReadonlyMap<string, DesignUnit> {
    const nets = new Map<Bit, string>();
    for (const [name, { bits }] of Object.entries(netnames))
      if (!name.startsWith("$")) for (const bit of bits) nets.set(bit, name);
    const unitOf = (name: string, connected: readonly Bit[]): DesignUnit => {
      const unit = this.named(name);
      if (unit !== GLUE || !name.startsWith("$")) return unit;
      const units = connected.map((bit) => this.named(nets.get(bit) ?? ""));
      return units.find((one) => one !== GLUE) ?? GLUE;
    };
    return new Map(
      Object.entries(cells).map(([name, { connections }]) => [
        name,
        unitOf(name, Object.values(connections).flat()),
      ]),
    );
  }
}

function partsOf(around: Unit, prefix: string, group: string | null): ReadonlyMap<string, UnitNode> {
  return new Map(
    around.parts.flatMap((part): [string, UnitNode][] => {
      const { instance, module } = part;
      if (instance === null) return [];
      if (isFrame(part)) return [[instance.name, { unit: GLUE, parts: partsOf(part, prefix, group) }]];
      const name = `${prefix}${instance.name}`;
      const ownGroup =
        group ?? (Object.hasOwn(GROUPS, module.name) ? GROUPS[module.name] : undefined) ?? name;
      const unit: DesignUnit = { name, group: ownGroup, about: module.description ?? "" };
      return [[instance.name, { unit, parts: partsOf(part, `${name}.`, ownGroup) }]];
    }),
  );
}

function* unitsIn({ unit, parts }: UnitNode): Generator<DesignUnit> {
  if (unit !== GLUE) yield unit;
  for (const part of parts.values()) yield* unitsIn(part);
}

/** A part by its instance's name in Verilog, which may end in what sets it apart from keywords and other names. */
function partNamed({ parts }: UnitNode, instance: string): UnitNode | null {
  return parts.get(instance) ?? parts.get(instance.replace(/_?(_\d+)?$/, "")) ?? null;
}

const KINDS: Readonly<Record<string, keyof UnitArea>> = {
  ICESTORM_LC: "logicCells",
  ICESTORM_RAM: "blockRams",
  ICESTORM_DSP: "dsps",
  ICESTORM_SPRAM: "sprams",
};

/** Placed cells of each unit. */
export function unitAreas(
  { cells }: NetlistModule,
  unitOf: ReadonlyMap<string, DesignUnit>,
): ReadonlyMap<DesignUnit, UnitArea> {
  const areas = new Map<DesignUnit, UnitArea>();
  for (const [name, { type }] of Object.entries(cells)) {
    const unit = unitOf.get(name);
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
    if (unit === undefined || kind === undefined) continue;
    const area = areas.get(unit) ?? NO_AREA;
    areas.set(unit, { ...area, [kind]: area[kind] + 1 });
  }
  return areas;
}

export const NO_AREA: UnitArea = { logicCells: 0, blockRams: 0, dsps: 0, sprams: 0 };

export const sumOfAreas = (areas: readonly UnitArea[]): UnitArea =>
  areas.reduce(
    (sum, { logicCells, blockRams, dsps, sprams }) => ({
      logicCells: sum.logicCells + logicCells,
      blockRams: sum.blockRams + blockRams,
      dsps: sum.dsps + dsps,
      sprams: sum.sprams + sprams,
    }),
    NO_AREA,
  );
