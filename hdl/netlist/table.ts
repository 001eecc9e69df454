import type { Node } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";

/**
 * A function of a few bits, given by its table: bit i is its value where the inputs, the first one lowest, count i.
 * Made of multiplexers (Shannon), with AND, OR and XOR where one is enough, and of as few of them as an order of the inputs allows.
 */
export function lookUp(table: bigint, inputs: readonly Node[]): Node {
  let rest = table;
  let left: readonly Node[] = inputs;
  // Constants first: they make the table smaller.
  for (let i = inputs.length - 1; i >= 0; i--) {
    const input = inputs[i];
    if (input?.kind !== "constant") continue;
    rest = cofactors(rest, left.length, i)[input.value === 0n ? 0 : 1];
    left = left.filter((_, at) => at !== i);
  }
  if (left.length > MOST_INPUTS) return indexed(rest, left);
  return instantiate(recipe(rest, left.length), left);
}

/** Larger tables are read by an index. */
const MOST_INPUTS = 5;

function indexed(table: bigint, inputs: readonly Node[]): Node {
  const constant = op.constant(table, op.unsignedType(2 ** inputs.length));
  return op.slice(op.shiftRight(constant, op.concat(inputs.toReversed())), 0, 0);
}

/** Where `input` is 0 and where it is 1, as tables of the other inputs. */
function cofactors(table: bigint, inputs: number, input: number): readonly [bigint, bigint] {
  const run = 1n << BigInt(input);
  const mask = (1n << run) - 1n;
  const halves: [bigint, bigint] = [0n, 0n];
  for (let i = 0; i < 2 ** (inputs - 1 - input); i++) {
    const from = BigInt(2 * i) * run;
    const to = BigInt(i) * run;
    halves[0] |= ((table >> from) & mask) << to;
    halves[1] |= ((table >> (from + run)) & mask) << to;
  }
  return halves;
}

type Recipe =
  | { readonly kind: "constant"; readonly value: bigint; readonly cost: 0 }
  | { readonly kind: "input"; readonly input: number; readonly cost: 0 }
  | { readonly kind: "not"; readonly value: Recipe; readonly cost: number }
  | {
      readonly kind: "and" | "or" | "xor";
      readonly left: Recipe;
      readonly right: Recipe;
      readonly cost: number;
    }
  | {
      readonly kind: "mux";
      readonly input: Recipe;
      readonly one: Recipe;
      readonly zero: Recipe;
      readonly cost: number;
    };

const known = new Map<string, Recipe>();

/** The cheapest recipe for a table of so many inputs. */
function recipe(table: bigint, inputs: number): Recipe {
  const key = `${inputs}:${table}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  let best: Recipe | null = constantOf(table, inputs);
  for (let input = 0; best?.kind !== "constant" && input < inputs; input++) {
    const found = split(table, inputs, input);
    if (best === null || found.cost < best.cost) best = found;
  }
  if (best === null) throw new Error("a table of no inputs is a constant");
  known.set(key, best);
  return best;
}

function constantOf(table: bigint, inputs: number): Recipe | null {
  if (table === 0n) return { kind: "constant", value: 0n, cost: 0 };
  return table === (1n << (1n << BigInt(inputs))) - 1n ? { kind: "constant", value: 1n, cost: 0 } : null;
}

function split(table: bigint, inputs: number, input: number): Recipe {
  const [zero, one] = cofactors(table, inputs, input);
  const all = (1n << (1n << BigInt(inputs - 1))) - 1n;
  const of = (part: bigint): Recipe => renumber(recipe(part, inputs - 1), input);
  const select: Recipe = { kind: "input", input, cost: 0 };
  if (zero === one) return of(zero);
  if (zero === 0n) return both("and", select, of(one));
  if (one === 0n) return both("and", not(select), of(zero));
  if (zero === all) return both("or", not(select), of(one));
  if (one === all) return both("or", select, of(zero));
  if (zero === (one ^ all)) return both("xor", select, of(zero));
  const [whereZero, whereOne] = [of(zero), of(one)];
  const cost = whereZero.cost + whereOne.cost + 1;
  return { kind: "mux", input: select, zero: whereZero, one: whereOne, cost };
}

const not = (value: Recipe): Recipe => ({ kind: "not", value, cost: value.cost + 1 });

function both(kind: "and" | "or" | "xor", left: Recipe, right: Recipe): Recipe {
  if (right.kind === "constant") {
    if (kind === "xor") return right.value === 0n ? left : not(left);
    return (kind === "and") === (right.value === 1n) ? left : right;
  }
  return { kind, left, right, cost: left.cost + right.cost + 1 };
}

/** The recipe of a cofactor, with the inputs counted as before one of them was left out. */
function renumber(of: Recipe, out: number): Recipe {
  switch (of.kind) {
    case "constant":
      return of;
    case "input":
      return of.input < out ? of : { ...of, input: of.input + 1 };
    case "not":
      return { ...of, value: renumber(of.value, out) };
    case "mux":
      return {
        ...of,
        input: renumber(of.input, out),
        zero: renumber(of.zero, out),
        one: renumber(of.one, out),
      };
    default:
      return { ...of, left: renumber(of.left, out), right: renumber(of.right, out) };
  }
}

function instantiate(of: Recipe, inputs: readonly Node[]): Node {
  const make = (part: Recipe): Node => instantiate(part, inputs);
  switch (of.kind) {
    case "constant":
      return op.constant(of.value, op.BIT);
    case "input": {
      const node = inputs[of.input];
      if (node === undefined) throw new RangeError(`a table has no input ${of.input}`);
      return node;
    }
    case "not":
      return op.not(make(of.value));
    case "mux":
      return op.mux(make(of.input), make(of.one), make(of.zero));
    default:
      return op.bitwise(of.kind, make(of.left), make(of.right));
  }
}
