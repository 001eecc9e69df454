import type { Arithmetic, Node } from "../../builder/graph.ts";
import { isOperation } from "../../simulate/interpret.ts";
import { literal } from "../literal.ts";
import { stripped } from "../simplify/facts.ts";
import { asUnsigned, atom, changed, LEVEL, type Text, within } from "../text.ts";
import { combined, type Operand, signedText } from "./company.ts";
import type { Context, Writer } from "./writer.ts";

export function sum({ kind, left, right }: Arithmetic, context: Context, writer: Writer): Text {
  const [l, r] = [stripped(left), stripped(right)];
  const minus = kind === "subtract";
  const { width } = context;
  if (minus && l.kind === "constant" && l.value === 0n) {
    const value = writer.of(r, context);
    return changed(value, `-${within(value, LEVEL.atom)}`, LEVEL.unary);
  }
  const first = { node: l, text: term(l, context, writer) };
  if (r.kind !== "constant") {
    const second = { node: r, text: term(r, context, writer) };
    return combined(minus ? "-" : "+", LEVEL.sum, [first, second], width, writer);
  }
  // Minus a negative number is plus a positive one.
  const magnitude = r.value < 0n ? -r.value : r.value;
  const { signed } = first.text;
  const second = { node: r, text: atom(literal(magnitude, { width, signed }), width, signed) };
  return combined(minus === r.value < 0n ? "+" : "-", LEVEL.sum, [first, second], width, writer);
}

/** An operand of a sum: one that is a bit narrower is left to the carry. */
function term(node: Node, context: Context, writer: Writer): Text {
  const { width, signed } = node.type;
  const narrow = node.kind !== "constant" && context.width > width;
  const signal = narrow ? writer.signalOf(node) : null;
  const isSum = node.kind === "add" || node.kind === "subtract";
  if (!narrow || (signal === null && isOperation(node) && !isSum)) return writer.of(node, context);
  const carried = context.width === width + 1;
  const text = writer.named(node, carried ? width : context.width);
  return carried && signed ? { ...text, needsSigned: true } : text;
}

export function product({ left, right, type }: Arithmetic, width: number, writer: Writer): Text {
  const operand = (node: Node): Operand => ({ node, text: factor(node, width, type.signed, writer) });
  return combined("*", LEVEL.product, [operand(stripped(left)), operand(stripped(right))], width, writer);
}

/** An operand of a product has its own width: Verilog extends it, by the sign that all operands have. */
function factor(node: Node, width: number, signed: boolean, writer: Writer): Text {
  const own = node.type.width;
  // Of a negative constant Verilog would extend what stands behind the minus.
  const negative = node.kind === "constant" && node.value < 0n;
  if (width <= own || negative) return writer.of(node, { width, assigned: false });
  const text = writer.alone(node);
  const whole = text.level === LEVEL.atom ? text : writer.named(node, own);
  if (!signed) return whole.signed ? asUnsigned(whole) : whole;
  return node.kind === "constant" ? whole : { ...signedText(whole), needsSigned: true };
}
