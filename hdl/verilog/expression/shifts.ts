import type { Node, Shift } from "../../builder/graph.ts";
import { isOperation } from "../../simulate/interpret.ts";
import { literal } from "../literal.ts";
import { bitsOf } from "../signals.ts";
import { stripped } from "../simplify/facts.ts";
import { atom, bit, changed, LEVEL, type Text, ternary, within } from "../text.ts";
import { signedText } from "./company.ts";
import type { Context, Writer } from "./writer.ts";

export function shiftLeft({ value, amount }: Shift, context: Context, writer: Writer): Text {
  return shifted(writer.of(value, context), "<<", writer.alone(amount));
}

/** The value has the result's type. */
export function shiftRight(node: Shift, context: Context, writer: Writer): Text {
  const { value, amount, type } = node;
  if (context.width < type.width) {
    const picked = context.width === 1 && !isOperation(value) ? pickedBit(value, amount, writer) : null;
    return picked ?? writer.named(node, context.width);
  }
  const text = writer.of(value, context);
  const by = writer.alone(amount);
  if (!type.signed) return shifted(text, ">>", by);
  const whole = text.width === type.width ? text : writer.named(value, type.width);
  return { ...shifted(signedText(whole), ">>>", by), needsSigned: true };
}

const shifted = (value: Text, symbol: string, by: Text): Text =>
  changed(value, `${within(value, LEVEL.shift)} ${symbol} ${within(by, LEVEL.shift)}`, LEVEL.shift);

/** One bit of a value at an index that may lie beyond; null where the value has no bits to pick. */
function pickedBit(value: Node, amount: Node, writer: Writer): Text | null {
  const signal = writer.signalOf(value);
  if (signal === null || signal.type.width < 2) return null;
  const { width, signed } = signal.type;
  const index = stripped(amount);
  const place = writer.index(index, (width - 1).toString(2).length);
  const picked = atom(`${signal.name}[${place}]`, 1, false);
  writer.read(signal, 0, width);
  if (2 ** index.type.width <= width) return picked;
  const end = literal(BigInt(width), { width: index.type.width, signed: false });
  const inside = bit(`${within(writer.alone(index), LEVEL.relation)} < ${end}`, LEVEL.relation);
  return ternary(inside, picked, atom(signed ? bitsOf(signal, width - 1, 1) : "1'b0", 1, false));
}
