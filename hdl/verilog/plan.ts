import type { Mux, Node } from "../builder/graph.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import { isOperation } from "../simulate/interpret.ts";
import { covers, equalityOf } from "./equalities.ts";
import { isBit, stripped } from "./simplify/facts.ts";

/** A place that takes a value. */
export interface Root {
  readonly node: Node;
  /** Low bits that it takes. */
  readonly width: number;
  /** A choice may stand here as a `case` statement. */
  readonly statement: boolean;
}

/** A choice by constants, to be written as `case`. */
export interface Choice {
  readonly subject: Node;
  readonly arms: readonly { readonly values: readonly bigint[]; readonly value: Node }[];
  readonly otherwise: Node;
}

/** Which values get a name of their own, and how wide they have to be. */
export interface Plan {
  readonly choices: ReadonlyMap<Node, Choice>;
  isNamed(node: Node): boolean;
  /** Low bits of a node that anybody looks at. */
  widthOf(node: Node): number;
  /** What a node's text mentions. */
  operandsOf(node: Node): readonly Node[];
}

/** An expression of more operands is split. */
const LONGEST = 10;
/** A row of `?:` stands on lines of its own and may be longer. */
const LONGEST_ROW = 40;
/** A choice between fewer cases reads well as `?:`. */
const FEWEST_CASES = 3;

/** @param roots everything that takes a value; values are simplified */
export function planNames(roots: readonly Root[]): Plan {
  const plain = countUses(roots, inner);
  const choices = findChoices(inOrder(roots, inner), plain);
  const follow = (node: Node): readonly Node[] => partsOf(choices.get(node)) ?? inner(node);
  const order = inOrder(roots, follow);
  const uses = countUses(roots, follow);
  const named = new Set<Node>();
  for (const node of order) {
    if (!isOperation(node)) continue;
    if ((uses.get(node) ?? 0) > 1 && !isTransparent(node)) named.add(node);
    if (node.kind === "slice" && isOperation(node.value)) named.add(node.value);
    const subject = choices.get(node)?.subject;
    if (subject !== undefined && isOperation(subject)) named.add(subject);
  }
  const alone = new Set(roots.filter(({ statement }) => statement).map(({ node }) => node));
  for (const node of choices.keys()) if (!alone.has(node)) named.add(node);
  splitLong(order, named, choices);
  const widths = lookedAt(roots, order, choices);
  return {
    choices,
    isNamed: (node) => named.has(node),
    widthOf: (node) => widths.get(node) ?? node.type.width,
    operandsOf: follow,
  };
}

const inner = (node: Node): readonly Node[] => (isOperation(node) ? operandsOf(node) : []);

function partsOf(choice: Choice | undefined): readonly Node[] | undefined {
  if (choice === undefined) return undefined;
  const { subject, arms, otherwise } = choice;
  return [subject, ...arms.map(({ value }) => value), otherwise];
}

function inOrder(roots: readonly Root[], follow: (node: Node) => readonly Node[]): readonly Node[] {
  const order: Node[] = [];
  visitInOrder(
    roots.map(({ node }) => node),
    (node) => void order.push(node),
    follow,
  );
  return order;
}

/** How often each node would be written, if all were written in place. */
function countUses(
  roots: readonly Root[],
  follow: (node: Node) => readonly Node[],
): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const stack = roots.map(({ node }) => node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const count = uses.get(node) ?? 0;
    uses.set(node, count + 1);
    if (count === 0 || isTransparent(node)) stack.push(...follow(node));
  }
  return uses;
}

/** Written in place however often it is used. */
const isTransparent = (node: Node): boolean => node.kind === "convert" || isCheap(node);

/** As easy to read as a name for it would be. */
function isCheap(node: Node): boolean {
  switch (node.kind) {
    case "slice":
      return isLeaf(node.value);
    case "convert":
      return isLeaf(stripped(node));
    case "equal":
    case "less":
      return isPlain(node.left) && isPlain(node.right);
    case "all":
    case "any":
    case "parity":
      return isLeaf(node.value);
    case "not":
      return isBit(node) && isCheap(node.value);
    case "and":
    case "or":
      return isBit(node) && isFlag(node.left) && isFlag(node.right);
    case "concat":
      return node.parts.length <= 2 && node.parts.every((part) => isLeaf(part) || isCheap(part));
    default:
      return isLeaf(node);
  }
}

const isLeaf = (node: Node): boolean => !isOperation(node);
/** A name or bits of one. */
function isPlain(node: Node): boolean {
  const inner = stripped(node);
  return isLeaf(inner) || ((inner.kind === "slice" || inner.kind === "convert") && isLeaf(inner.value));
}

const isFlag = (node: Node): boolean => isLeaf(node) || (node.kind === "not" && isLeaf(node.value));

function findChoices(order: readonly Node[], uses: ReadonlyMap<Node, number>): ReadonlyMap<Node, Choice> {
  const choices = new Map<Node, Choice>();
  const links = new Set<Node>();
  for (const node of order.toReversed()) {
    if (node.kind === "select") {
      const arms = node.cases.slice(0, -1).map((value, i) => ({ values: [BigInt(i)], value }));
      choices.set(node, choiceOf(node.index, arms, node.cases.at(-1) ?? node));
    }
    if (node.kind !== "mux" || links.has(node)) continue;
    const chain = chainFrom(node, uses);
    for (const link of chain) links.add(link);
    const first = equalityOf(node.condition);
    if (first === null || chain.length < FEWEST_CASES) continue;
    const arms = chain.map(({ condition, then }) => ({
      values: equalityOf(condition)?.values ?? [],
      value: then,
    }));
    choices.set(node, choiceOf(first.subject, arms, chain.at(-1)?.otherwise ?? node));
  }
  return choices;
}

/** A multiplexer and those in its else branches that ask for values of the same thing. */
function chainFrom(first: Mux, uses: ReadonlyMap<Node, number>): readonly Mux[] {
  const subject = equalityOf(first.condition)?.subject;
  const chain = [first];
  let at = first.otherwise;
  while (
    subject !== undefined &&
    at.kind === "mux" &&
    uses.get(at) === 1 &&
    equalityOf(at.condition)?.subject === subject
  ) {
    chain.push(at);
    at = at.otherwise;
  }
  return chain;
}

function choiceOf(subject: Node, arms: Choice["arms"], last: Node): Choice {
  let otherwise = last;
  const seen = new Set<bigint>();
  const byValue = new Map<Node, bigint[]>();
  for (const { values, value } of arms) {
    const fresh = values.filter((one) => !seen.has(one));
    for (const one of fresh) seen.add(one);
    byValue.set(value, [...(byValue.get(value) ?? []), ...fresh]);
  }
  // Without a default, synthesis may not see that every case is there.
  if (covers(subject, seen)) otherwise = arms.findLast(({ values }) => values.length > 0)?.value ?? otherwise;
  byValue.delete(otherwise);
  const kept = [...byValue].flatMap(([value, values]) => (values.length === 0 ? [] : [{ values, value }]));
  return { subject, arms: kept, otherwise };
}

/** Names parts of expressions that would be too long to read. */
function splitLong(order: readonly Node[], named: Set<Node>, choices: ReadonlyMap<Node, Choice>): void {
  const sizes = new Map<Node, number>();
  const sizeOf = (node: Node): number => (named.has(node) ? 1 : (sizes.get(node) ?? 1));
  const split = (nodes: readonly Node[], most: number): void => {
    const worth = nodes.map(below).filter((node) => isOperation(node) && sizeOf(node) > 1);
    for (const node of worth.sort((a, b) => sizeOf(b) - sizeOf(a)))
      if (nodes.reduce((sum, one) => sum + sizeOf(below(one)), 0) > most) named.add(node);
  };
  for (const node of order) {
    if (!isOperation(node) || choices.has(node)) continue;
    if (node.kind === "mux") {
      split([node.condition], LONGEST);
      split([node.then], LONGEST);
      split([node.otherwise], node.otherwise.kind === "mux" ? LONGEST_ROW : LONGEST);
    } else split(operandsOf(node), LONGEST);
    sizes.set(
      node,
      operandsOf(node).reduce((sum, one) => sum + sizeOf(below(one)), 0),
    );
  }
}

/** The node that a conversion is about. */
function below(node: Node): Node {
  let at = node;
  while (at.kind === "convert") at = at.value;
  return at;
}

/** Low bits of each node that anybody looks at: sums that are cut off afterwards need no more. */
function lookedAt(
  roots: readonly Root[],
  order: readonly Node[],
  choices: ReadonlyMap<Node, Choice>,
): ReadonlyMap<Node, number> {
  const widths = new Map<Node, number>();
  const look = (node: Node, width: number): void => {
    const low = Math.min(width, node.type.width);
    widths.set(node, Math.max(widths.get(node) ?? 1, low));
  };
  for (const { node, width } of roots) look(node, width);
  for (const node of order.toReversed()) {
    const width = widths.get(node) ?? node.type.width;
    const choice = choices.get(node);
    if (choice !== undefined) {
      look(choice.subject, choice.subject.type.width);
      for (const value of [...choice.arms.map((arm) => arm.value), choice.otherwise]) look(value, width);
      continue;
    }
    switch (node.kind) {
      case "add":
      case "subtract":
      case "multiply":
        look(node.left, width);
        look(node.right, width);
        break;
      case "and":
      case "or":
      case "xor":
        look(node.left, width);
        look(node.right, width);
        break;
      case "not":
      case "convert":
        look(node.value, width);
        break;
      case "slice":
        look(node.value, node.low + width);
        break;
      case "shift-left":
        look(node.value, width);
        look(node.amount, node.amount.type.width);
        break;
      case "mux":
        look(node.condition, 1);
        look(node.then, width);
        look(node.otherwise, width);
        break;
      default:
        for (const operand of inner(node)) look(operand, operand.type.width);
    }
  }
  return widths;
}
