import type { Memory, Node, ReadPort, Register } from "../../builder/graph.ts";
import { typeText } from "../../builder/type.ts";
import { operandsOf } from "../../builder/walk.ts";
import type { Stored } from "./layout.ts";
import { type Normaliser, registersOf } from "./normal.ts";
import { type Look, leafLook, operationLook, Shapes } from "./shape.ts";

/** Registers, read ports and inputs that had better lie side by side, and memories whose words had better alternate. */
export interface Lanes {
  readonly rows: readonly (readonly Stored[])[];
  readonly memories: readonly (readonly Memory[])[];
}

/** Fewer lanes are not worth the search. */
const FEWEST_LANES = 4;
/** A register among those of which an index picks one has its place before all others. */
const PICK_VOTES = 1_000_000;

/**
 * Finds registers that compute alike, lane by lane, and gives them and what they compute from the same order, so that code
 * for many lanes at once finds its data in rows; and registers of which an index picks one.
 */
export function findLanes(
  registers: readonly Register[],
  reads: readonly ReadPort[],
  normaliser: Normaliser,
): Lanes {
  const neighbours = new Neighbours<Stored>();
  const normal = (node: Node): Node => normaliser.normal(node);
  const uses = new Map<Node, number>();
  const use = (node: Node): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  const roots = [
    ...registers.map(({ next }) => next),
    ...reads.flatMap(({ address, enable }) => (enable === null ? [address] : [address, enable])),
  ];
  roots.forEach(use);
  const nodes: Node[] = [];
  normaliser.visit(roots, (node) => {
    nodes.push(node);
    operandsOf(normal(node)).forEach(use);
    const picked = registersOf(normal(node));
    if (picked !== null) neighbours.wish(picked, PICK_VOTES);
  });

  const numbers = new Map<Node | null, number>();
  const numberOf = (node: Node | null): number => {
    const number = numbers.get(node) ?? numbers.size;
    numbers.set(node, number);
    return number;
  };
  // In the order of their declaration, which is the same in all instances of a module.
  for (const node of [...registers, ...reads]) numberOf(node);
  const shapes = new Shapes<Node>((node) => lookOf(normal(node), uses.get(node) ?? 0, numberOf));
  // Operands first, as they come.
  for (const node of nodes) shapes.of(node);
  for (const alike of grouped(registers, ({ type, next }) => `${typeText(type)} ${shapes.of(next)}`)) {
    neighbours.wish(alike, 1);
    const lanes = alike.map(({ next }) => next);
    for (const cells of cellsOf(lanes, shapes, normal)) neighbours.wish(cells, 1);
  }
  const readAlike = grouped(
    reads,
    ({ type, address, enable, memory }) =>
      `${typeText(type)} ${memory.depth} ${numberOf(address)} ${numberOf(enable)}`,
  );
  for (const alike of readAlike) neighbours.wish(alike, 1);
  return { rows: neighbours.rows(), memories: memoryRows(readAlike) };
}

/** A memory takes part in one row. */
function memoryRows(readAlike: readonly (readonly ReadPort[])[]): readonly (readonly Memory[])[] {
  const placed = new Set<Memory>();
  return readAlike.flatMap((alike) => {
    const memories = [...new Set(alike.map(({ memory }) => memory))].filter((memory) => !placed.has(memory));
    if (memories.length < FEWEST_LANES) return [];
    for (const memory of memories) placed.add(memory);
    return [memories];
  });
}

/** What others use too, or is not computed lane by lane, is one and the same for all lanes. */
function lookOf(node: Node, uses: number, numberOf: (node: Node) => number): Look<Node> {
  if (node.kind === "constant") return leafLook(node.kind, 0);
  if (isStored(node)) return leafLook(`state ${typeText(node.type)}`, numberOf(node));
  const look = uses > 1 ? null : operationLook<Node>({ ...node, operands: operandsOf(node) });
  return look ?? leafLook(`same ${numberOf(node)}`, 0);
}

const isStored = (node: Node): node is Stored =>
  node.kind === "input" || node.kind === "register" || node.kind === "read";

/** Lists of at least so many items with equal keys, in their order. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()].filter(({ length }) => length >= FEWEST_LANES);
}

/** What stands in each place of expressions of one shape that is a cell: a list with one for each expression. */
function* cellsOf(
  lanes: readonly Node[],
  shapes: Shapes<Node>,
  normal: (node: Node) => Node,
): Iterable<readonly Stored[]> {
  const cells = lanes.map(normal).filter(isStored);
  if (cells.length === lanes.length) yield cells;
  const [first] = lanes;
  if (first === undefined) return;
  const operands = lanes.map((lane) => shapes.operandsOf(lane));
  for (const i of shapes.operandsOf(first).keys())
    yield* cellsOf(
      operands.map((list) => list[i]!),
      shapes,
      normal,
    );
}

/** Wishes for neighbours, of which as many as possible are met. */
class Neighbours<T> {
  private readonly votes = new Map<T, Map<T, number>>();

  /** Each of the list had better stand right before the next one. */
  wish(list: readonly T[], votes: number): void {
    for (const [i, after] of list.entries()) {
      const before = list[i - 1];
      if (before === undefined || before === after) continue;
      const known = this.votes.get(before) ?? new Map<T, number>();
      known.set(after, (known.get(after) ?? 0) + votes);
      this.votes.set(before, known);
    }
  }

  /** Rows of neighbours; the most wanted ones are met first. */
  rows(): readonly (readonly T[])[] {
    const pairs = [...this.votes].flatMap(([before, all]) =>
      [...all].map(([after, votes]) => ({ before, after, votes })),
    );
    const next = new Map<T, T>();
    /** For the last of each row its first, and the other way round. */
    const otherEnd = new Map<T, T>();
    const taken = new Set<T>();
    for (const { before, after } of pairs.sort((a, b) => b.votes - a.votes)) {
      const first = otherEnd.get(before) ?? before;
      if (next.has(before) || taken.has(after) || first === after) continue;
      next.set(before, after);
      taken.add(after);
      const last = otherEnd.get(after) ?? after;
      otherEnd.set(first, last);
      otherEnd.set(last, first);
    }
    return [...next.keys()]
      .filter((item) => !taken.has(item))
      .map((first) => {
        const row = [first];
        for (let at = next.get(first); at !== undefined; at = next.get(at)) row.push(at);
        return row;
      });
  }
}
