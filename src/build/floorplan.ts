import { NetlistError, type NetlistModule } from "../../hdl/netlist/index.ts";
import type { Floorplan, Site } from "../report/build-data.ts";

/** Kinds of tiles in icestorm's text format, and how many tiles a block takes from there up; those that it takes are not here. */
const TILES: Readonly<Record<string, { readonly kind: string; readonly height: number }>> = {
  logic: { kind: "logic", height: 1 },
  io: { kind: "pins", height: 1 },
  ramb: { kind: "block RAM", height: 2 },
  dsp0: { kind: "DSP block", height: 4 },
  ipcon: { kind: "hard blocks", height: 1 },
};
/** Corners have no tile, and hold blocks all the same. */
const CORNER = { kind: "hard blocks", height: 1 };

interface Place {
  readonly x: number;
  readonly y: number;
}

type EmptySite = Omit<Site, "group" | "cells">;

/**
 * Where the cells of a placed design lie.
 * @param asc of the design, in icestorm's text format: it names every tile of the part
 * @param placed nextpnr's netlist, whose cells say their places ("X12/Y5/lc3")
 * @param memberOf number of the unit of each cell
 * @param groupOf number of the group of each unit
 * @throws NetlistError for a cell without a place
 */
export function floorplan(
  asc: string,
  { cells }: NetlistModule,
  memberOf: (cell: string) => number,
  groupOf: (member: number) => number,
): Floorplan {
  const counts = new Map<string, Map<number, number>>();
  const sites = new Map(tilesOf(asc).map((site) => [keyOf(site), site]));
  for (const [name, { attributes }] of Object.entries(cells)) {
    const place = placeOf(name, attributes);
    const key = keyOf(place);
    if (!sites.has(key)) sites.set(key, { ...place, ...CORNER });
    const at = counts.get(key) ?? new Map<number, number>();
    counts.set(key, at);
    const member = memberOf(name);
    at.set(member, (at.get(member) ?? 0) + 1);
  }
  const all = [...sites].map(([key, site]): Site => {
    const found = [...(counts.get(key) ?? [])].map(([member, count]) => ({ member, count }));
    found.sort((a, b) => b.count - a.count || a.member - b.member);
    return { ...site, group: largestGroup(found, groupOf), cells: found };
  });
  return {
    columns: 1 + Math.max(0, ...all.map(({ x }) => x)),
    rows: Math.max(0, ...all.map(({ y, height }) => y + height)),
    sites: all.sort((a, b) => a.y - b.y || a.x - b.x),
  };
}

const keyOf = ({ x, y }: Place): string => `${x} ${y}`;

function tilesOf(asc: string): EmptySite[] {
  return [...asc.matchAll(/^\.(\w+)_tile (\d+) (\d+)$/gm)].flatMap(([, name = "", x, y]) => {
    const tile = Object.hasOwn(TILES, name) ? TILES[name] : undefined;
    return tile === undefined ? [] : [{ x: Number(x), y: Number(y), ...tile }];
  });
}

function placeOf(cell: string, attributes: unknown): Place {
  const bel =
    typeof attributes === "object" && attributes !== null && "NEXTPNR_BEL" in attributes
      ? String(attributes.NEXTPNR_BEL)
      : "";
  const [, x, y] = /^X(\d+)\/Y(\d+)\//.exec(bel) ?? [];
  if (x === undefined || y === undefined)
    throw new NetlistError(`cell ${cell} of the placed netlist has no place (NEXTPNR_BEL)`);
  return { x: Number(x), y: Number(y) };
}

function largestGroup(cells: Site["cells"], groupOf: (member: number) => number): number | null {
  const sums = new Map<number, number>();
  for (const { member, count } of cells) {
    const group = groupOf(member);
    sums.set(group, (sums.get(group) ?? 0) + count);
  }
  const [largest] = [...sums].sort(([a, m], [b, n]) => n - m || a - b);
  return largest?.[0] ?? null;
}
