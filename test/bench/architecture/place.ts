import type { Box, Picture } from "./boxes.ts";
import { GRID, heightOf, leastWidth } from "./text.ts";

/** In steps of the grid. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedBox extends Rectangle {
  readonly box: Box;
}

/** Boxes beside each other or below each other; sizes in steps of the grid. */
type Arrangement =
  | { readonly kind: "box"; readonly name: string; readonly width: number }
  | { readonly kind: "frame"; readonly name: string; readonly inside: Arrangement }
  | { readonly kind: "row" | "column"; readonly gap: number; readonly parts: readonly Arrangement[] }
  | { readonly kind: "space"; readonly width: number; readonly height: number };

const box = (name: string, width = 15): Arrangement => ({ kind: "box", name, width });
const frame = (name: string, inside: Arrangement): Arrangement => ({ kind: "frame", name, inside });
const row = (gap: number, ...parts: Arrangement[]): Arrangement => ({ kind: "row", gap, parts });
const column = (gap: number, ...parts: Arrangement[]): Arrangement => ({ kind: "column", gap, parts });
const space = (width: number, height = 0): Arrangement => ({ kind: "space", width, height });

/**
 * Where units of the machine stand, by the names of their instances: channels and memories in the middle, the matrix unit on one
 * side of them and the vector unit on the other. What feeds what is not said here.
 */
const ARRANGEMENT = column(
  3,
  row(
    4,
    space(29),
    box("flash pads", 10),
    space(16),
    box("rx", 5),
    box("tx", 5),
    space(10),
    box("running", 9),
  ),
  frame(
    "",
    column(
      3,
      row(5, space(26), box("flash_pins", 12), box("flash", 15), box("spram", 12)),
      frame(
        "device",
        column(
          4,
          row(0, space(31), box("host", 62)),
          frame(
            "decoder",
            column(
              6,
              row(5, space(26), box("sequencer", 52), box("counters", 13)),
              row(
                5,
                frame(
                  "matrix",
                  column(
                    4,
                    frame(
                      "unit",
                      row(
                        4,
                        column(5, space(13, 5), box("groups", 13), box("beats", 13)),
                        column(
                          4,
                          box("reader", 15),
                          box("dequantizer", 15),
                          box("chain", 15),
                          box("row_sums", 15),
                          box("writer", 15),
                        ),
                      ),
                    ),
                    box("known_passes", 15),
                  ),
                ),
                column(6, box("channel_0", 18), box("embedding", 18), box("words", 18), box("codes", 18)),
                column(6, box("channel_1"), box("exponents"), box("angles"), box("descriptors")),
                frame(
                  "vector",
                  column(
                    4,
                    row(3, box("passes", 11), box("random", 7)),
                    box("sequence", 15),
                    row(0, space(2), box("lane_0", 15)),
                    row(0, space(2), box("scalars", 15)),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  ),
);

const SIDE = 2;
const TOP = 3;
const BOTTOM = 2;

export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
}

/** @throws Error for a unit that the arrangement does not know, and for one that the design does not have */
export function placementOf({ box: top, pins }: Picture): Placement {
  const byName = new Map<string, Box>();
  const note = (one: Box): void => {
    byName.set(nameOf(one), one);
    one.boxes.forEach(note);
  };
  [top, ...pins].forEach(note);
  const find = (name: string): Box => {
    const found = byName.get(name);
    if (found === undefined)
      throw new Error(`there is no unit "${name}" in the design: take it out of the arrangement`);
    return found;
  };

  const sizeOf = (part: Arrangement): { readonly width: number; readonly height: number } => {
    switch (part.kind) {
      case "space":
        return part;
      case "box": {
        const one = find(part.name);
        const width = Math.max(part.width, Math.ceil(leastWidth(one) / GRID));
        return { width, height: one.kind === "pin" ? 2 : Math.ceil(heightOf(one, width * GRID) / GRID) };
      }
      case "frame": {
        const { width, height } = sizeOf(part.inside);
        return { width: width + 2 * SIDE, height: height + TOP + BOTTOM };
      }
      default: {
        const sizes = part.parts.map(sizeOf);
        const along = part.kind === "row" ? ("width" as const) : ("height" as const);
        const across = part.kind === "row" ? ("height" as const) : ("width" as const);
        const length = sizes.reduce((sum, size) => sum + size[along], part.gap * (sizes.length - 1));
        const breadth = Math.max(...sizes.map((size) => size[across]));
        return part.kind === "row" ? { width: length, height: breadth } : { width: breadth, height: length };
      }
    }
  };

  const boxes: PlacedBox[] = [];
  const put = (part: Arrangement, x: number, y: number): void => {
    const size = sizeOf(part);
    if (part.kind === "box" || part.kind === "frame") {
      boxes.push({ box: find(part.name), x, y, ...size });
      if (part.kind === "frame") put(part.inside, x + SIDE, y + TOP);
    } else if (part.kind !== "space") {
      let at = part.kind === "row" ? x : y;
      for (const inner of part.parts) {
        if (part.kind === "row") put(inner, at, y);
        else put(inner, x, at);
        at += sizeOf(inner)[part.kind === "row" ? "width" : "height"] + part.gap;
      }
    }
  };
  put(ARRANGEMENT, 0, 0);
  const missing = [...byName.keys()].filter((name) => !boxes.some(({ box: one }) => nameOf(one) === name));
  if (missing.length > 0)
    throw new Error(`the arrangement has no place for ${missing.map((name) => `"${name}"`).join(", ")}`);
  return { ...sizeOf(ARRANGEMENT), boxes };
}

/** Name of a box's instance. */
const nameOf = ({ place, title, kind }: Box): string =>
  kind === "pin" ? title : place.slice(place.lastIndexOf(".") + 1);
