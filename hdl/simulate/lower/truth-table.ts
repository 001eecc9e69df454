import type { Node } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";

/** Larger tables are looked up in memory. */
const MOST_INPUTS = 6;

/**
 * A truth table as logic: by what is left of it where one input is fixed, or where two inputs matter only by one bit.
 * @param table a character, 0 or 1, for each value of the index
 * @param index single bits side by side
 * @returns null where a look-up is cheaper
 */
export function logicOfTable(table: string, index: Node): Node | null {
  const inputs = bitsOf(index);
  if (inputs === null) return null;
  const formula = formulaOf(table);
  // Each input takes a shift and an or on its way into an index.
  return formula.cost <= 2 * inputs.length ? nodeOf(formula, inputs) : null;
}

/** The index's bits, lowest first. */
function bitsOf(index: Node): readonly Node[] | null {
  if (index.type.width === 1) return [index];
  if (index.kind !== "concat" || index.type.width > MOST_INPUTS) return null;
  return index.parts.every(({ type }) => type.width === 1 && !type.signed) ? index.parts.toReversed() : null;
}

type Formula = { readonly cost: number } & (
  | { readonly kind: "constant"; readonly value: bigint }
  | { readonly kind: "input"; readonly input: number }
  | { readonly kind: "not"; readonly of: Formula }
  | { readonly kind: "and" | "or" | "xor"; readonly left: Formula; readonly right: Formula }
  | { readonly kind: "mux"; readonly condition: Formula; readonly then: Formula; readonly otherwise: Formula }
);

/** In simple operations. */
const MUX_COST = 3;

const not = (of: Formula): Formula => ({ kind: "not", of, cost: of.cost + 1 });
const join = (kind: "and" | "or" | "xor", left: Formula, right: Formula): Formula => ({
  kind,
  left,
  right,
  cost: left.cost + right.cost + 1,
});
const mux = (condition: Formula, then: Formula, otherwise: Formula): Formula => ({
  kind: "mux",
  condition,
  then,
  otherwise,
  cost: condition.cost + then.cost + otherwise.cost + MUX_COST,
});
const inputs: readonly Formula[] = Array.from({ length: MOST_INPUTS }, (_, input) => ({
  kind: "input",
  input,
  cost: 0,
}));

/** Circuits repeat few tables many times. */
const known = new Map<string, Formula>();

function formulaOf(table: string): Formula {
  const found = known.get(table);
  if (found !== undefined) return found;
  const best = [...waysOf(table)].reduce((a, b) => (b.cost < a.cost ? b : a));
  known.set(table, best);
  return best;
}

function* waysOf(table: string): Iterable<Formula> {
  const count = Math.log2(table.length);
  if (!table.includes("1")) return yield { kind: "constant", value: 0n, cost: 0 };
  if (!table.includes("0")) return yield { kind: "constant", value: 1n, cost: 0 };
  for (let i = 0; i < count; i++) yield* fixingOne(table, i);
  // Pairs are worth their search for what a look-up table of four inputs holds.
  if (count < 3 || count > 4) return;
  for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++) yield* joiningTwo(table, a, b);
}

/** What is left where input `i` is 0 and where it is 1, put together. */
function* fixingOne(table: string, i: number): Iterable<Formula> {
  const x = inputs[i]!;
  const others = inputs.toSpliced(i, 1);
  const [low, high] = [fixed(table, i, 0), fixed(table, i, 1)];
  const of = (part: string): Formula => substitute(formulaOf(part), others);
  if (low === high) yield of(low);
  else if (!low.includes("1")) yield high.includes("0") ? join("and", x, of(high)) : x;
  else if (!high.includes("1")) yield low.includes("0") ? join("and", not(x), of(low)) : not(x);
  else if (!high.includes("0")) yield join("or", x, of(low));
  else if (!low.includes("0")) yield join("or", not(x), of(high));
  else if (high === inverted(low)) yield join("xor", x, of(low));
  else yield mux(x, of(high), of(low));
}

/** Inputs `a` < `b` joined to one, where the table depends on no more than one bit of them. */
function* joiningTwo(table: string, a: number, b: number): Iterable<Formula> {
  const left = [0, 1, 2, 3].map((value) => fixed(fixed(table, b, value >> 1), a, value & 1));
  const [none] = left;
  const other = left.find((one) => one !== none);
  if (none === undefined || other === undefined || left.some((one) => one !== none && one !== other)) return;
  const bit = formulaOf(left.map((one) => (one === other ? "1" : "0")).join(""));
  const joined = substitute(bit, [inputs[a]!, inputs[b]!]);
  const rest = inputs.filter((_, i) => i !== a && i !== b).slice(0, Math.log2(none.length));
  yield substitute(formulaOf(none + other), [...rest, joined]);
}

/** The table where input `i` has this value. */
const fixed = (table: string, i: number, value: number): string =>
  [...table].filter((_, index) => ((index >> i) & 1) === value).join("");

const inverted = (table: string): string => [...table].map((bit) => (bit === "0" ? "1" : "0")).join("");

/** The formula with other formulas as its inputs. */
function substitute(formula: Formula, by: readonly Formula[]): Formula {
  switch (formula.kind) {
    case "constant":
      return formula;
    case "input":
      return by[formula.input]!;
    case "not":
      return not(substitute(formula.of, by));
    case "mux":
      return mux(
        substitute(formula.condition, by),
        substitute(formula.then, by),
        substitute(formula.otherwise, by),
      );
    default:
      return join(formula.kind, substitute(formula.left, by), substitute(formula.right, by));
  }
}

function nodeOf(formula: Formula, by: readonly Node[]): Node {
  switch (formula.kind) {
    case "constant":
      return op.constant(formula.value, op.BIT);
    case "input":
      return by[formula.input]!;
    case "not":
      return op.not(nodeOf(formula.of, by));
    case "mux":
      return op.mux(nodeOf(formula.condition, by), nodeOf(formula.then, by), nodeOf(formula.otherwise, by));
    default:
      return op.bitwise(formula.kind, nodeOf(formula.left, by), nodeOf(formula.right, by));
  }
}
