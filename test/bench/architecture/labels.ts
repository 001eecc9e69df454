import type { PlacedBox } from "./place.ts";
import { alongOf, type Point, type Route } from "./route.ts";
import { GRID, LABEL, widthOf } from "./text.ts";

/** A number of bits, around its middle, in pixels. */
export interface Label extends Point {
  readonly text: string;
}

interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const COST = { box: 1000, label: 300, arrow: 40, head: 60, fromHead: 1 };
/** Steps from its tip to where an arrow's head has ended. */
const HEAD = 1.5;

/** A place for each arrow's number on its way: near its head, off boxes, other numbers and other arrows. */
export function labelsOf(routes: readonly Route[], boxes: readonly PlacedBox[]): Label[] {
  const solid = boxes.map((placed): Extent => {
    const { x, y, width, height, box } = placed;
    const title = box.kind === "frame" ? { width: box.title.length * 0.8 + 1, height: 2 } : { width, height };
    return extent(x * GRID, y * GRID, (x + title.width) * GRID, (y + title.height) * GRID);
  });
  const placed: Extent[] = [];
  return routes.map((route) => {
    const text = `${route.arrow.bits}`;
    const others = routes.filter((other) => other !== route).flatMap(({ points }) => segmentsOf(points));
    const corners = route.points.map(({ x, y }) => extent(x * GRID, y * GRID, x * GRID, y * GRID));
    const along = alongOf(route.points);
    const spots = along.flatMap((point, i) => {
      const next = along[i + 1];
      return next === undefined ? [] : [point, { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 }];
    });
    let best = { cost: Number.POSITIVE_INFINITY, spot: route.points[0] ?? { x: 0, y: 0 } };
    for (const [i, spot] of spots.entries()) {
      const own = around(spot, text);
      const fromHead = (spots.length - 1 - i) / 2;
      const cost =
        COST.box * solid.filter((one) => overlap(one, own)).length +
        COST.label * placed.filter((one) => overlap(one, own)).length +
        COST.arrow * others.filter((one) => overlap(one, own)).length +
        COST.arrow * corners.filter((one) => overlap(one, own)).length +
        (fromHead < HEAD ? COST.head : 0) +
        COST.fromHead * fromHead;
      if (cost < best.cost) best = { cost, spot };
    }
    placed.push(around(best.spot, text));
    return { text, x: best.spot.x * GRID, y: best.spot.y * GRID };
  });
}

const extent = (left: number, top: number, right: number, bottom: number): Extent => ({
  left,
  top,
  right,
  bottom,
});

function around({ x, y }: Point, text: string): Extent {
  const half = widthOf(text, LABEL) / 2 + 1;
  return extent(x * GRID - half, y * GRID - LABEL / 2, x * GRID + half, y * GRID + LABEL / 2);
}

function segmentsOf(points: readonly Point[]): Extent[] {
  return points.slice(1).map((b, i) => {
    const a = points[i] ?? b;
    return extent(
      Math.min(a.x, b.x) * GRID - 1,
      Math.min(a.y, b.y) * GRID - 1,
      Math.max(a.x, b.x) * GRID + 1,
      Math.max(a.y, b.y) * GRID + 1,
    );
  });
}

const overlap = (a: Extent, b: Extent): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
