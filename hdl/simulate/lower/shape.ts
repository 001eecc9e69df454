import type { NumberType } from "../../builder/graph.ts";
import { typeText } from "../../builder/type.ts";

/** How one part of an expression looks. */
export interface Look<T> {
  /** Its operation, its type and everything else that equal shapes share. */
  readonly text: string;
  /** None for a leaf. */
  readonly operands: readonly T[];
  /** The order of its operands does not matter. */
  readonly commutes: boolean;
  /** Among operands of one shape, in which order they are taken. */
  readonly rank: number;
}

/** Operations of a larger expression are not looked at together. */
const LARGEST_SHAPE = 100;

interface Entry<T> {
  readonly shape: number;
  readonly operands: readonly T[];
  readonly rank: number;
  readonly size: number;
}

/**
 * Shapes of expressions: two have the same one if they compute the same from leaves of the same types. So lanes are found
 * that do the same, each with data of its own.
 */
export class Shapes<T> {
  private readonly look: (part: T) => Look<T>;
  private readonly numbers = new Map<string, number>();
  private readonly entries = new Map<T, Entry<T>>();
  private count = 0;

  constructor(look: (part: T) => Look<T>) {
    this.look = look;
  }

  /** Equal numbers for equal shapes. Operands have been asked for before. */
  of(part: T): number {
    return this.entry(part).shape;
  }

  /** Operands in the order that they have in all expressions of this shape. */
  operandsOf(part: T): readonly T[] {
    return this.entry(part).operands;
  }

  private entry(part: T): Entry<T> {
    let entry = this.entries.get(part);
    if (entry === undefined) {
      entry = this.make(this.look(part));
      this.entries.set(part, entry);
    }
    return entry;
  }

  private make({ text, operands, commutes, rank: own }: Look<T>): Entry<T> {
    const inner = operands.map((operand) => this.entry(operand));
    const rank = inner.reduce((least, entry) => Math.min(least, entry.rank), own);
    const size = inner.reduce((sum, entry) => sum + entry.size, 1);
    if (size > LARGEST_SHAPE) return { shape: this.count++, operands: [], rank, size: 1 };
    const sorted = commutes ? operands.toSorted((a, b) => this.compare(a, b)) : operands;
    const key = `${text}(${sorted.map((operand) => this.of(operand)).join()})`;
    const shape = this.numbers.get(key) ?? this.count++;
    this.numbers.set(key, shape);
    return { shape, operands: sorted, rank, size };
  }

  private compare(a: T, b: T): number {
    const [x, y] = [this.entry(a), this.entry(b)];
    return x.shape - y.shape || x.rank - y.rank;
  }
}

/** What graph nodes and terms have in common. */
interface Part<T> {
  readonly kind: string;
  readonly type: NumberType;
  readonly operands: readonly (T & {
    readonly kind: string;
    readonly type: NumberType;
    readonly value?: unknown;
  })[];
  readonly low?: number;
}

const COMMUTING = new Set(["add", "multiply", "and", "or", "xor", "equal"]);
const ORDERED = new Set(["subtract", "less", "not", "convert", "concat", "mux", "slice", "any", "all"]);

/** How an operation looks that can be computed for many lanes at once; null for those that cannot. */
export function operationLook<T>({ kind, type, operands, low = 0 }: Part<T>): Look<T> | null {
  // Where bits are put together, it matters how many they are; elsewhere a constant's own width does not.
  const widths = kind === "concat" ? operands.map((operand) => operand.type.width).join() : "";
  const text = `${kind} ${typeText(type)} ${low} ${widths}`;
  const rank = Number.MAX_SAFE_INTEGER;
  if (COMMUTING.has(kind)) return { text, operands, commutes: true, rank };
  if (ORDERED.has(kind)) return { text, operands, commutes: false, rank };
  const [value, amount] = operands;
  if ((kind === "shift-left" || kind === "shift-right") && value !== undefined && amount?.kind === "constant")
    return { text: `${text} by ${amount.value}`, operands: [value], commutes: false, rank };
  return null;
}

export const leafLook = (text: string, rank: number): Look<never> => ({
  text,
  operands: [],
  commutes: false,
  rank,
});
