import type { DrawnArrow } from "./boxes.ts";
import type { PlacedBox, Placement, Rectangle } from "./place.ts";

/** A point of the grid. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Route {
  readonly arrow: DrawnArrow;
  /** Ends and bends. */
  readonly points: readonly Point[];
  /** It begins on another arrow of its net. */
  readonly branches: boolean;
}

/** Room around everything. */
const MARGIN = 2;
const COST = { step: 2, beside: 3, along: 6, through: 24, bend: 8, crossing: 14 };
/** Right, down, left, up. */
const STEPS = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
] as const;
const PASSES = 4;

/**
 * Finds a way for every arrow along the lines of the grid (C. Y. Lee, 1961): short, with few bends and crossings, past boxes, and
 * never on top of another one. Orders of one unit are a net: they begin together and branch off.
 * @throws Error where there is no way
 */
export function routesOf({ boxes, width, height }: Placement, arrows: readonly DrawnArrow[]): Route[] {
  const maze = new Maze(boxes, width, height);
  const nets = new Map<string, DrawnArrow[]>();
  for (const [i, arrow] of arrows.entries()) {
    const name = arrow.kind === "orders" ? `orders of ${arrow.from}` : `${i}`;
    nets.set(name, [...(nets.get(name) ?? []), arrow]);
  }
  const lengthOf = (net: readonly DrawnArrow[]): number =>
    Math.max(...net.map(({ from, to }) => maze.distance(from, to)));
  const order = [...nets.values()].sort((a, b) => lengthOf(a) - lengthOf(b));
  // Each is routed again when all others are there.
  for (let pass = 0; pass < PASSES; pass++) for (const [i, net] of order.entries()) maze.route(i + 1, net);
  return order.flatMap((_, i) => maze.routes.get(i + 1) ?? []);
}

class Maze {
  readonly routes = new Map<number, Route[]>();
  private readonly columns: number;
  private readonly rows: number;
  private readonly inside: Uint8Array;
  /** Added to a step along it, by axis: beside a box, or on a frame. */
  private readonly extra: readonly [Uint8Array, Uint8Array];
  /** Which net goes through a point along an axis; a bend counts for both. */
  private readonly used: readonly [Uint16Array, Uint16Array];
  private readonly boxes: ReadonlyMap<string, PlacedBox>;

  constructor(boxes: readonly PlacedBox[], width: number, height: number) {
    this.columns = width + 2 * MARGIN + 1;
    this.rows = height + 2 * MARGIN + 1;
    const size = this.columns * this.rows;
    this.inside = new Uint8Array(size);
    this.extra = [new Uint8Array(size), new Uint8Array(size)];
    this.used = [new Uint16Array(size), new Uint16Array(size)];
    this.boxes = new Map(boxes.map((placed) => [placed.box.place, placed]));
    for (const placed of boxes) {
      if (placed.box.kind === "frame") this.addFrame(placed);
      else this.addBox(placed);
    }
  }

  distance(from: string, to: string): number {
    const [a, b] = [this.boxOf(from), this.boxOf(to)];
    const gap = (p: number, size: number, q: number, other: number): number =>
      Math.max(0, q - p - size, p - q - other);
    return gap(a.x, a.width, b.x, b.width) + gap(a.y, a.height, b.y, b.height);
  }

  route(net: number, arrows: readonly DrawnArrow[]): void {
    for (const axis of this.used) for (const [i, owner] of axis.entries()) if (owner === net) axis[i] = 0;
    const routes: Route[] = [];
    const near = [...arrows].sort((a, b) => this.distance(a.from, a.to) - this.distance(b.from, b.to));
    for (const arrow of near) routes.push(this.find(net, arrow, routes));
    this.routes.set(net, routes);
  }

  private boxOf(place: string): PlacedBox {
    const placed = this.boxes.get(place);
    if (placed === undefined) throw new Error(`"${place}" has no place`);
    return placed;
  }

  private at(x: number, y: number): number {
    return (y + MARGIN) * this.columns + x + MARGIN;
  }

  private addBox({ x, y, width, height }: Rectangle): void {
    for (let i = -1; i <= width + 1; i++)
      for (let j = -1; j <= height + 1; j++) {
        const within = i >= 0 && i <= width && j >= 0 && j <= height;
        if (within) this.inside[this.at(x + i, y + j)] = 1;
        else for (const axis of this.extra) axis[this.at(x + i, y + j)] = COST.beside;
      }
  }

  private addFrame({ x, y, width, height, box }: PlacedBox): void {
    const mark = (point: number, along: 0 | 1): void => {
      this.extra[along][point] = COST.along;
      this.extra[along === 0 ? 1 : 0][point] = COST.through;
    };
    for (let i = 0; i <= width; i++) for (const j of [0, height]) mark(this.at(x + i, y + j), 0);
    for (let j = 0; j <= height; j++) for (const i of [0, width]) mark(this.at(x + i, y + j), 1);
    // Its title.
    for (let i = 0; i <= Math.ceil(box.title.length * 0.8) + 1; i++)
      for (const j of [1, 2]) this.inside[this.at(x + i, y + j)] = 1;
  }

  /** Points where an arrow can leave a box, and in which direction. */
  private *ports({
    x,
    y,
    width,
    height,
  }: Rectangle): Generator<{ readonly point: number; readonly out: number }> {
    for (let i = 1; i < width; i++) {
      yield { point: this.at(x + i, y), out: 3 };
      yield { point: this.at(x + i, y + height), out: 1 };
    }
    for (let j = 1; j < height; j++) {
      yield { point: this.at(x, y + j), out: 2 };
      yield { point: this.at(x + width, y + j), out: 0 };
    }
  }

  private find(net: number, arrow: DrawnArrow, others: readonly Route[]): Route {
    const from = this.boxOf(arrow.from);
    const to = this.boxOf(arrow.to);
    const size = this.columns * this.rows;
    const best = new Uint32Array(size * 4).fill(0xffffffff);
    const came = new Int32Array(size * 4).fill(-1);
    const buckets: number[][] = [];
    const reach = (state: number, cost: number, before: number): void => {
      if (cost >= (best[state] ?? 0)) return;
      best[state] = cost;
      came[state] = before;
      let bucket = buckets[cost];
      if (bucket === undefined) {
        bucket = [];
        buckets[cost] = bucket;
      }
      bucket.push(state);
    };
    const free = (point: number, axis: 0 | 1): boolean => {
      const owner = this.used[axis][point];
      return owner === 0 || owner === undefined;
    };
    if (others.length === 0)
      for (const { point, out } of this.ports(from)) {
        if (free(point, 0) && free(point, 1)) reach(point * 4 + out, 0, -1);
      }
    // A branch begins anywhere on what is there.
    const started = new Set<number>();
    for (const { points } of others)
      for (const point of alongOf(points).slice(1, -2)) {
        const index = this.at(point.x, point.y);
        // Not where another net crosses: it would seem to be that one's.
        const owners = this.used.map((axis) => axis[index]).filter((owner) => owner !== 0 && owner !== net);
        if (started.has(index) || owners.length > 0) continue;
        started.add(index);
        for (let out = 0; out < 4; out++) reach(index * 4 + out, COST.bend, -1);
      }
    const goals = new Map([...this.ports(to)].map(({ point, out }) => [point, (out + 2) % 4]));
    for (let cost = 0; cost < buckets.length; cost++) {
      for (const state of buckets[cost] ?? []) {
        if (best[state] !== cost) continue;
        const point = state >> 2;
        const heading = state & 3;
        if (goals.get(point) === heading && came[state] !== -1)
          return this.keep(net, arrow, state, came, others.length > 0);
        const begins = came[state] === -1;
        if (goals.has(point) && !begins && to.box.kind !== "frame") continue;
        for (const [direction, step] of STEPS.entries()) {
          if (direction === (heading + 2) % 4 || (begins && direction !== heading)) continue;
          const axis = direction % 2 === 0 ? 0 : 1;
          const turns = direction !== heading;
          const bent = axis === 0 ? 1 : 0;
          // A bend takes both axes of its point.
          if (turns && !(free(point, 0) && free(point, 1))) continue;
          const next = point + step.y * this.columns + step.x;
          const column = (point % this.columns) + step.x;
          if (column < 0 || column >= this.columns || next < 0 || next >= size) continue;
          const arrives = goals.get(next) === direction;
          if (this.inside[next] === 1 && !arrives) continue;
          if (!free(next, axis)) continue;
          // An arrow's head stands on two straight steps.
          if (arrives && (turns || !(free(next, 0) && free(next, 1)))) continue;
          const crosses = !free(next, bent);
          reach(
            next * 4 + direction,
            cost +
              COST.step +
              (turns ? COST.bend : 0) +
              (crosses ? COST.crossing : 0) +
              (arrives ? 0 : (this.extra[axis][next] ?? 0)),
            state,
          );
        }
      }
    }
    throw new Error(
      `there is no way from ${arrow.from} to ${arrow.to}: more room is needed between the units`,
    );
  }

  /** Takes the points of a way that was found, from its end on. */
  private keep(net: number, arrow: DrawnArrow, end: number, came: Int32Array, branches: boolean): Route {
    const states: number[] = [];
    for (let state = end; state !== -1; state = came[state] ?? -1) states.unshift(state);
    const points: Point[] = [];
    for (const [i, state] of states.entries()) {
      const point = state >> 2;
      const next = states[i + 1];
      const turns = next !== undefined && (next & 3) !== (state & 3);
      const isEnd = i === 0 || next === undefined;
      const axis = (state & 3) % 2 === 0 ? 0 : 1;
      this.used[axis][point] = net;
      if (turns || isEnd) {
        this.used[0][point] = net;
        this.used[1][point] = net;
        points.push({ x: (point % this.columns) - MARGIN, y: Math.floor(point / this.columns) - MARGIN });
      }
    }
    return { arrow, points, branches };
  }
}

/** All points of the grid on a way. */
export function alongOf(points: readonly Point[]): Point[] {
  const all: Point[] = [];
  for (const [i, to] of points.entries()) {
    const from = points[i - 1];
    if (from === undefined) {
      all.push(to);
      continue;
    }
    const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
    for (let { x, y } = from; x !== to.x || y !== to.y; ) {
      x += dx;
      y += dy;
      all.push({ x, y });
    }
  }
  return all;
}
