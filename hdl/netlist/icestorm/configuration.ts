import { NetlistError } from "../errors.ts";
import { sections } from "./sections.ts";

/** A configuration bit of a tile. */
export interface ConfigurationBit {
  readonly row: number;
  readonly column: number;
}

export interface Tile {
  readonly x: number;
  readonly y: number;
  /** logic, io, ramb, ramt, ipcon, dsp0 ... */
  readonly kind: string;
  readonly rows: readonly string[];
}

/** What a bitstream sets, as `iceunpack` writes it (`.asc`). */
export class Configuration {
  readonly device: string;
  readonly tiles: ReadonlyMap<string, Tile>;
  /** Contents of block RAMs at power-up, by the place of their lower tile: 16 words of 256 bits, in hexadecimal. */
  readonly memories: ReadonlyMap<string, readonly string[]>;
  /** `bank x y` of bits that belong to no tile, and are set. */
  readonly extraBits: ReadonlySet<string>;

  /** @throws NetlistError for a text that is none */
  constructor(asc: string) {
    const tiles = new Map<string, Tile>();
    const memories = new Map<string, readonly string[]>();
    const extraBits = new Set<string>();
    let device: string | null = null;
    for (const { words, lines } of sections(asc)) {
      const [name = "", first = "", second = "", third = ""] = words;
      const kind = /^(\w+)_tile$/.exec(name)?.[1];
      if (name === "device") device = first;
      else if (kind !== undefined)
        tiles.set(placeOf(first, second), { x: Number(first), y: Number(second), kind, rows: lines });
      else if (name === "ram_data") memories.set(placeOf(first, second), lines);
      else if (name === "extra_bit") extraBits.add(`${first} ${second} ${third}`);
    }
    if (device === null || tiles.size === 0) throw new NetlistError("this is no design of IceStorm (.asc)");
    this.device = device;
    this.tiles = tiles;
    this.memories = memories;
    this.extraBits = extraBits;
  }

  /** The bits of a tile, one after the other, as 0 and 1. */
  pattern(place: string, bits: readonly ConfigurationBit[]): string {
    const rows = this.tiles.get(place)?.rows ?? [];
    return bits.map(({ row, column }) => rows[row]?.[column] ?? "0").join("");
  }
}

export const placeOf = (x: number | string, y: number | string): string => `${x} ${y}`;

/** A bit by its name, such as `B12[3]`: row and column. */
export function bitOf(name: string): ConfigurationBit {
  const [, row, column] = /^B(\d+)\[(\d+)\]$/.exec(name) ?? [];
  if (row === undefined || column === undefined) throw new NetlistError(`${name} is no configuration bit`);
  return { row: Number(row), column: Number(column) };
}
