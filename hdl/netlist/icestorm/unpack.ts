import { NetlistError } from "../errors.ts";
import type { Bit, Netlist, NetlistModule } from "../json.ts";
import { type Chip, configuredChip } from "./chip.ts";
import { Configuration } from "./configuration.ts";
import { Design, netBit } from "./design.ts";
import { findExtraCell, parametersOf } from "./extra-cells.ts";
import { findGlobals } from "./globals.ts";
import { findLogicCells } from "./logic-cells.ts";
import { findMemory } from "./memories.ts";
import { findPin } from "./pins.ts";

export interface BitstreamOptions {
  /** IceStorm's database of the chip, such as `chipdb-5k.txt`. */
  readonly database: string;
  /** Ports of the design; only their names, directions and widths count. */
  readonly ports: NetlistModule["ports"];
  readonly package: string;
  /** Pins of the package by port, `name` or `name[index]`. */
  readonly pins: ReadonlyMap<string, string>;
}

/**
 * What a bitstream makes of a chip, for `unpackPlaced`: its configuration (`iceunpack`'s `.asc`) read with nothing but IceStorm's
 * database, switch by switch and cell by cell. Cells that nothing reads are left out, and so are outputs of current sinks.
 * @throws NetlistError where the configuration is for another chip, or the package has no such pin
 */
export function readBitstream(asc: string, options: BitstreamOptions): Netlist {
  const configuration = new Configuration(asc);
  const chip = configuredChip(options.database, configuration);
  const design = new Design(chip, configuration);
  const { ports, places } = placedPorts(options, chip);
  for (const tile of configuration.tiles.values()) {
    if (tile.kind === "logic") findLogicCells(tile, design);
    if (tile.kind === "ramb") findMemory(tile, design);
  }
  for (const cell of chip.extraCells) findExtraCell(cell, design);
  const sinks = currentSinks(design);
  for (const [place, port] of places) if (!sinks.has(place)) findPin(place, port, design);
  findGlobals(places, design);
  return { modules: { bitstream: { attributes: {}, ports, cells: { ...design.finish() }, netnames: {} } } };
}

/** Pins that belong to current sinks that are on. */
function currentSinks(design: Design): ReadonlySet<string> {
  const drivers = design.chip.extraCells.filter(
    (cell) => cell.type === "RGBA_DRV" && parametersOf(cell, design).RGBA_DRV_EN === "1",
  );
  const pins = drivers.flatMap(({ entries }) =>
    ["RGB0", "RGB1", "RGB2"].flatMap((port) => entries.get(port) ?? []),
  );
  return new Set(pins.map(({ place, name }) => `${place} ${name}`));
}

/** Ports with bits behind all nets of the chip, and the bit of each pin by its place. */
function placedPorts({ ports, package: packageName, pins }: BitstreamOptions, { packages, netCount }: Chip) {
  const known = packages.get(packageName);
  if (known === undefined)
    throw new NetlistError(
      `the chip has no package ${packageName}; it has ${[...packages.keys()].join(", ")}`,
    );
  let last = netBit(netCount);
  const places = new Map<string, Bit>();
  const numbered = Object.entries(ports).map(([name, port]): [string, NetlistModule["ports"][string]] => [
    name,
    {
      ...port,
      bits: port.bits.map((_, i) => {
        const bit = last++;
        const pin = pins.get(port.bits.length === 1 ? name : `${name}[${i}]`);
        if (pin === undefined) return bit;
        const place = known.get(pin);
        if (place === undefined) throw new NetlistError(`package ${packageName} has no pin ${pin}`);
        places.set(place, bit);
        return bit;
      }),
    },
  ]);
  return { ports: Object.fromEntries(numbered), places };
}
