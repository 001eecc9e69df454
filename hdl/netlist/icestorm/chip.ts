import { NetlistError } from "../errors.ts";
import { bitOf, type Configuration, type ConfigurationBit, placeOf } from "./configuration.ts";
import { Nets } from "./nets.ts";
import { sections } from "./sections.ts";

/** A cell outside of the fabric: what its ports and parameters are called, with the place and the name of a net or a bit. */
export interface ExtraCell {
  readonly type: string;
  readonly place: string;
  readonly index: string;
  readonly entries: ReadonlyMap<string, { readonly place: string; readonly name: string }>;
}

/** A configured chip: its tables, and its nets as the configuration connects them. */
export interface Chip {
  readonly nets: Nets;
  readonly netCount: number;
  /** Whether a function of a tile is set, such as `NegClk`; its bits, where it has several. */
  readonly functionBits: (place: string, name: string) => string;
  readonly hasFunction: (place: string, name: string) => boolean;
  /** `x y index` of each pin of a package. */
  readonly packages: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Places of tiles whose fabric drives a global net, and `x y index` of pins that do, by its number. */
  readonly globalSources: ReadonlyMap<number, string>;
  readonly globalPins: ReadonlyMap<number, string>;
  /** Where the pull-up of a pin is configured, `x y index` both. */
  readonly pullUps: ReadonlyMap<string, string>;
  /** Bits of no tile by function. */
  readonly extraBits: ReadonlyMap<string, string>;
  readonly extraCells: readonly ExtraCell[];
}

/**
 * Reads a chip database of IceStorm (`chipdb-5k.txt` and its like), and closes the switches that a configuration closes.
 * @throws NetlistError where the database is for another device, or a switch or a global net is set in a way that cannot be
 */
export function configuredChip(database: string, configuration: Configuration): Chip {
  const nets = new Nets();
  const functions = new Map<string, Map<string, readonly ConfigurationBit[]>>();
  const packages = new Map<string, ReadonlyMap<string, string>>();
  const tables = new Map<string, readonly string[]>();
  const extraCells: ExtraCell[] = [];
  let netCount = 0;
  const bitsOf = (place: string, name: string): readonly ConfigurationBit[] | undefined =>
    functions.get(configuration.tiles.get(place)?.kind ?? "")?.get(name);
  /** A global net comes to a tile by a buffer of its column, which has to be on. */
  const checkColumn = (global: number | null, place: string): void => {
    if (global === null) return;
    columns ??= new Map((tables.get("colbuf") ?? []).map(columnOf));
    const buffer = columns.get(place) ?? place;
    const bits = bitsOf(buffer, `ColBufCtrl.glb_netwk_${global}`);
    if (bits !== undefined && !configuration.pattern(buffer, bits).includes("1"))
      throw new NetlistError(
        `global net ${global} is used in tile ${place}, and its buffer in tile ${buffer} is off`,
      );
  };
  let columns: ReadonlyMap<string, string> | undefined;
  for (const { words, lines } of sections(database)) {
    const [name = "", first = "", second = "", third = "", ...rest] = words;
    const tileBits = /^(\w+)_tile_bits$/.exec(name)?.[1];
    if (name === "device" && first !== configuration.device)
      throw new NetlistError(`the chip database is for ${first}, and the design for ${configuration.device}`);
    if (name === "device") netCount = Number(rest[0]);
    if (name === "net") for (const line of lines) nets.name(Number(first), line);
    else if (name === "buffer" || name === "routing") {
      const set = configuration.pattern(placeOf(first, second), rest.map(bitOf));
      const closed = set.includes("1") ? lines.find((line) => line.startsWith(`${set} `)) : undefined;
      if (closed !== undefined) {
        const from = Number(closed.slice(set.length + 1));
        checkColumn(nets.globalOf(from), placeOf(first, second));
        nets.connect(from, Number(third));
      } else if (set.includes("1"))
        throw new NetlistError(
          `a switch of tile ${first} ${second} is set to ${set}, which is none of its ways`,
        );
    } else if (tileBits !== undefined) functions.set(tileBits, new Map(lines.map(functionOf)));
    else if (name === "pins") packages.set(first, keyed(lines));
    else if (name === "extra_cell") extraCells.push(extraCellOf(words, lines));
    else tables.set(name, lines);
  }
  const numbered = (table: string): Map<number, string> =>
    new Map(
      (tables.get(table) ?? []).map((line) => [Number(/\d+$/.exec(line)?.[0]), line.replace(/ \d+$/, "")]),
    );
  return {
    nets,
    netCount,
    functionBits: (place, name) => configuration.pattern(place, bitsOf(place, name) ?? []),
    hasFunction: (place, name) => bitsOf(place, name) !== undefined,
    packages,
    globalSources: numbered("gbufin"),
    globalPins: numbered("gbufpin"),
    pullUps: new Map((tables.get("ieren") ?? []).map(halves)),
    extraBits: keyed(tables.get("extra_bits") ?? []),
    extraCells,
  };
}

/** `LC_0 B0[36] B0[37]`. */
function functionOf(line: string): [string, readonly ConfigurationBit[]] {
  const [name = "", ...bits] = line.split(" ");
  return [name, bits.map(bitOf)];
}

/** What stands behind the first word of a line, by it. */
const keyed = (lines: readonly string[]): Map<string, string> =>
  new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));

/** A tile of a column by `x y` of the tile whose buffer brings it the global nets. */
function columnOf(line: string): [string, string] {
  const words = line.split(" ");
  return [words.slice(2).join(" "), words.slice(0, 2).join(" ")];
}

/** Six numbers as two times three. */
function halves(line: string): [string, string] {
  const words = line.split(" ");
  return [words.slice(0, 3).join(" "), words.slice(3).join(" ")];
}

function extraCellOf(words: readonly string[], lines: readonly string[]): ExtraCell {
  const [, x = "", y = "", third = "", fourth] = words;
  const entries = lines.map((line): [string, { readonly place: string; readonly name: string }] => {
    const [key = "", entryX = "", entryY = "", name = ""] = line.split(" ");
    return [key, { place: placeOf(entryX, entryY), name }];
  });
  const index = fourth === undefined ? "0" : third;
  return { type: fourth ?? third, place: placeOf(x, y), index, entries: new Map(entries) };
}
