import type { Node } from "../../builder/graph.ts";
import { asSigned, asUnsigned, LEVEL, type Text, within } from "../text.ts";
import type { Writer } from "./writer.ts";

/** An operand of an operator that computes all of them in one width and with one signedness. */
export interface Operand {
  readonly node: Node;
  readonly text: Text;
}

export type Pair = readonly [Operand, Operand];

/** `left symbol right`, in a context of `width` bits. */
export function combined(symbol: string, level: number, pair: Pair, width: number, writer: Writer): Text {
  const [left, right] = reconciled(pair, width, writer);
  // A sum goes on to the right without parentheses.
  const first = within(left, level, level === LEVEL.sum ? "+" : symbol);
  return {
    text: `${first} ${symbol} ${within(right, level, symbol)}`,
    level,
    width: Math.max(left.width, right.width),
    signed: left.signed && right.signed,
    needsSigned: left.needsSigned || right.needsSigned,
  };
}

/** Keeps an unsigned neighbour from making a signed expression unsigned. */
export function reconciled([a, b]: Pair, width: number, writer: Writer): readonly [Text, Text] {
  return [beside(a, b.text, width, writer), beside(b, a.text, width, writer)];
}

function beside({ node, text }: Operand, other: Text, width: number, writer: Writer): Text {
  if (text.needsSigned && !other.signed)
    return yields(other, text, width) || text.width < width ? text : asSigned(text);
  if (text.signed || !other.needsSigned) return text;
  if (yields(text, other, width)) return asSigned(text);
  return other.width === width ? text : asSigned(writer.named(node, width));
}

/** Whether the unsigned one of two operands is called signed, rather than the other one computed on its own. */
const yields = (unsigned: Text, signed: Text, width: number): boolean =>
  unsigned.width === width && (signed.width < width || unsigned.level === LEVEL.atom);

/** Operands of `<` with the signedness that it is about: Verilog compares unsigned as soon as one of them is. */
export function ordered([left, right]: Pair, signed: boolean): readonly [Text, Text] {
  if (signed) return [signedText(left.text), signedText(right.text)];
  const [a, b] = [withoutCompany(left.text), withoutCompany(right.text)];
  return a.signed && b.signed ? [asUnsigned(a), b] : [a, b];
}

export const signedText = (text: Text): Text => (text.signed ? text : asSigned(text));

/** What needs signed company, without any. */
const withoutCompany = (text: Text): Text => (text.needsSigned ? asUnsigned(text) : text);
