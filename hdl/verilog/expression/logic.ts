import type { Bitwise, Comparison, Node } from "../../builder/graph.ts";
import { literal } from "../literal.ts";
import { isBit } from "../simplify/facts.ts";
import { bit, changed, LEVEL, type Text, within } from "../text.ts";
import { combined, type Operand, ordered, reconciled } from "./company.ts";
import type { Context, Writer } from "./writer.ts";

const BITS = {
  and: { symbol: "&", level: LEVEL.bitAnd },
  or: { symbol: "|", level: LEVEL.bitOr },
  xor: { symbol: "^", level: LEVEL.bitXor },
} as const;

const LOGIC = {
  and: { symbol: "&&", level: LEVEL.and },
  or: { symbol: "||", level: LEVEL.or },
} as const;

export function bitwise(node: Bitwise, context: Context, writer: Writer): Text {
  const { kind, left, right } = node;
  if (isBit(node) && kind !== "xor") {
    const { symbol, level } = LOGIC[kind];
    const [l, r] = [writer.alone(left), writer.alone(right)];
    return bit(`${within(l, level, symbol)} ${symbol} ${within(r, level, symbol)}`, level);
  }
  const { symbol, level } = BITS[kind];
  const operand = (of: Node): Operand => ({ node: of, text: writer.of(of, context) });
  return combined(symbol, level, [operand(left), operand(right)], context.width, writer);
}

export function not(node: Node, value: Node, context: Context, writer: Writer): Text {
  if (!isBit(node)) {
    const text = writer.of(value, context);
    return changed(text, `~${within(text, LEVEL.atom)}`, LEVEL.unary);
  }
  if (writer.signalOf(value) === null) {
    if (value.kind === "equal" || value.kind === "less") return comparison(value, writer, true);
    if (value.kind === "any") {
      const whole = writer.alone(value.value);
      const zero = literal(0n, { width: whole.width, signed: false });
      return bit(`${within(whole, LEVEL.equality)} == ${zero}`, LEVEL.equality);
    }
  }
  return bit(`!${within(writer.alone(value), LEVEL.atom)}`, LEVEL.unary);
}

/** @param negated whether the opposite is to be written */
export function comparison({ kind, left, right }: Comparison, writer: Writer, negated = false): Text {
  // A constant stands on the right.
  const swapped = kind === "less" && left.kind === "constant";
  const [first, second] = swapped ? [right, left] : [left, right];
  const width = Math.max(left.type.width, right.type.width);
  const names = kind === "equal" ? labelsOf(first, writer) : null;
  const context = { width, assigned: false };
  const operand = (node: Node): Operand => ({ node, text: writer.of(node, context, names) });
  const pair = [operand(first), operand(second)] as const;
  if (kind === "less") {
    const [a, b] = ordered(pair, left.type.signed);
    const symbol = swapped ? (negated ? "<=" : ">") : negated ? ">=" : "<";
    return bit(`${within(a, LEVEL.relation)} ${symbol} ${within(b, LEVEL.relation)}`, LEVEL.relation);
  }
  const [a, b] = reconciled(pair, width, writer);
  const symbol = negated ? "!=" : "==";
  return bit(`${within(a, LEVEL.equality)} ${symbol} ${within(b, LEVEL.equality)}`, LEVEL.equality);
}

const labelsOf = (node: Node, writer: Writer): readonly string[] | null =>
  writer.signalOf(node)?.labels ?? null;
