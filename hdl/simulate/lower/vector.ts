import type { NumberType } from "../../builder/graph.ts";
import { type Context, fetchPlaceText, valueText } from "./expression.ts";
import type { CellBytes } from "./layout.ts";
import { type LaneBits, type Pack, VECTOR_BITS } from "./pack.ts";
import type { Shapes } from "./shape.ts";
import type { Term } from "./term.ts";
import { allOnes } from "./text.ts";

/** The step that computes and stores all lanes of a pack. */
export function packText({ bits, lanes, shapes }: Pack, context: Context): string {
  const vector = new Vector(bits, shapes, context).text(lanes.map(({ value }) => value));
  const names = lanes.map(({ cell }) => cell.name);
  return `${storeText(lanes[0]!.cell, bits, vector)} ;; ${names[0]} to ${names.at(-1)}`;
}

/** Writes expressions that compute one term for each lane. */
class Vector {
  private readonly bits: LaneBits;
  /** Prefix of operations on lanes, such as `i16x8`. */
  private readonly of: string;
  private readonly shapes: Shapes<Term>;
  private readonly context: Context;

  constructor(bits: LaneBits, shapes: Shapes<Term>, context: Context) {
    this.bits = bits;
    this.of = `i${bits}x${VECTOR_BITS / bits}`;
    this.shapes = shapes;
    this.context = context;
  }

  text(lanes: readonly Term[]): string {
    const [first] = lanes;
    if (first === undefined) throw new Error("a vector without lanes");
    if (first.kind === "constant")
      return this.constants(lanes.map((lane) => (lane.kind === "constant" ? lane.value : 0n)));
    if (lanes.every((lane) => lane === first)) return `(${this.of}.splat ${this.scalar(first)})`;
    // Read early, each lane by itself.
    if (lanes.some((lane) => this.context.kept.has(lane))) return this.gathered(lanes);
    if (first.kind === "load") return loadText(first.cell, this.bits, "(i32.const 0)");
    if (first.kind === "fetch") return loadText(first.area, this.bits, fetchPlaceText(first, this.context));
    const text = this.operation(first, lanes);
    return lanes.some(({ id }) => this.context.masked[id] === 1) ? this.mask(text, first.type) : text;
  }

  private operation(first: Term, lanes: readonly Term[]): string {
    const { of, bits } = this;
    const operand = (i: number): readonly Term[] => lanes.map((lane) => this.shapes.operandsOf(lane)[i]!);
    const { kind, type } = first;
    switch (kind) {
      case "add":
        return `(${of}.add ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "subtract":
        return `(${of}.sub ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "multiply":
        return `(${of}.mul ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "and":
      case "or":
      case "xor":
        return `(v128.${kind} ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "not":
        return `(v128.xor ${this.text(operand(0))} ${this.all(allOnes(type))})`;
      case "equal":
      case "less":
      case "any":
      case "all":
        return `(v128.and ${this.truth(lanes)} ${this.all(1n)})`;
      case "mux":
        return `(v128.bitselect ${this.text(operand(1))} ${this.text(operand(2))} ${this.truth(operand(0))})`;
      case "shift-left":
      case "shift-right":
        return this.shift(first, this.text(operand(0)));
      case "slice": {
        const text = this.text(operand(0));
        return first.low === 0 ? text : `(${of}.shr_u ${text} (i32.const ${first.low}))`;
      }
      case "convert":
        return this.text(operand(0));
      case "concat":
        return this.concat(first, operand);
      default:
        throw new Error(`there are no vectors of ${kind} in lanes of ${bits} bits`);
    }
  }

  /** All bits of a lane where the single bit is 1. */
  private truth(lanes: readonly Term[]): string {
    const { of } = this;
    const [first] = lanes;
    const operand = (i: number): readonly Term[] => lanes.map((lane) => this.shapes.operandsOf(lane)[i]!);
    const isComputed = first !== undefined && this.shapes.operandsOf(first).length > 0;
    if (first === undefined || !isComputed) return `(${of}.neg ${this.text(lanes)})`;
    const [value] = operand(0);
    switch (first.kind) {
      case "equal":
        return `(${of}.eq ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "less":
        return `(${of}.lt_${value!.type.signed ? "s" : "u"} ${this.text(operand(0))} ${this.text(operand(1))})`;
      case "any":
        return `(${of}.ne ${this.text(operand(0))} ${this.all(0n)})`;
      case "all":
        return `(${of}.eq ${this.text(operand(0))} ${this.all(allOnes(value!.type))})`;
      case "not":
        return `(v128.not ${this.truth(operand(0))})`;
      default:
        return `(${of}.neg ${this.text(lanes)})`;
    }
  }

  private shift({ kind, operands }: Term, value: string): string {
    const [shifted, amount] = operands;
    const by = amount?.kind === "constant" ? amount.value : 0n;
    const most = BigInt(this.bits - 1);
    if (kind === "shift-right" && shifted?.type.signed)
      return `(${this.of}.shr_s ${value} (i32.const ${by < most ? by : most}))`;
    if (by > most) return this.all(0n);
    return `(${this.of}.${kind === "shift-left" ? "shl" : "shr_u"} ${value} (i32.const ${by}))`;
  }

  private concat(first: Term, operand: (i: number) => readonly Term[]): string {
    const demand = this.context.demands[first.id]!;
    let low = first.type.width;
    const texts = first.operands.flatMap((part, i) => {
      const { width, signed } = part.type;
      low -= width;
      const wanted = Math.min(demand, first.type.width) - low;
      if (wanted <= 0) return [];
      const isTop = demand <= first.type.width && wanted <= width;
      const plain = this.text(operand(i));
      const text = isTop || !signed ? plain : this.mask(plain, { width, signed: false });
      return [low === 0 ? text : `(${this.of}.shl ${text} (i32.const ${low}))`];
    });
    return texts.reduce((left, right) => `(v128.or ${left} ${right})`);
  }

  private mask(text: string, { width, signed }: NumberType): string {
    const by = this.bits - width;
    if (by === 0) return text;
    if (!signed) return `(v128.and ${text} ${this.all((1n << BigInt(width)) - 1n)})`;
    return `(${this.of}.shr_s (${this.of}.shl ${text} (i32.const ${by})) (i32.const ${by}))`;
  }

  private all(value: bigint): string {
    return this.constants(new Array<bigint>(VECTOR_BITS / this.bits).fill(value));
  }

  private constants(values: readonly bigint[]): string {
    return `(v128.const ${this.of} ${values.map((value) => BigInt.asIntN(this.bits, value)).join(" ")})`;
  }

  private gathered(lanes: readonly Term[]): string {
    return lanes.reduce(
      (vector, lane, i) => `(${this.of}.replace_lane ${i} ${vector} ${this.scalar(lane)})`,
      this.all(0n),
    );
  }

  private scalar(term: Term): string {
    return valueText(term, 32, this.context);
  }
}

/** Neighbouring cells as lanes of so many bits, extended by their sign. */
function loadText(
  {
    address,
    bytes,
    type,
  }: { readonly address: number; readonly bytes: CellBytes; readonly type: NumberType },
  bits: LaneBits,
  at: string,
): string {
  const sign = type.signed ? "s" : "u";
  const place = `offset=${address} ${at}`;
  switch (bits / (8 * bytes)) {
    case 1:
      return `(v128.load ${place})`;
    case 2:
      return `(v128.load${8 * bytes}x${64 / (8 * bytes)}_${sign} ${place})`;
    default:
      return `(i32x4.extend_low_i16x8_${sign} (i16x8.extend_low_i8x16_${sign} (v128.load32_zero ${place})))`;
  }
}

/** Stores the low bits of each lane in neighbouring cells. */
function storeText(
  { address, bytes }: { readonly address: number; readonly bytes: CellBytes },
  bits: LaneBits,
  vector: string,
): string {
  const place = `offset=${address}`;
  const laneBytes = bits / 8;
  if (laneBytes === bytes) return `(v128.store ${place} (i32.const 0) ${vector})`;
  const lanes = VECTOR_BITS / bits;
  const low = Array.from({ length: 16 }, (_, i) =>
    i < lanes * bytes ? Math.floor(i / bytes) * laneBytes + (i % bytes) : 0,
  );
  const none = "(v128.const i32x4 0 0 0 0)";
  return `(v128.store${8 * lanes * bytes}_lane ${place} 0 (i32.const 0) (i8x16.shuffle ${low.join(" ")} ${vector} ${none}))`;
}
