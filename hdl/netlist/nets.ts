import type { Node } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { located, NetlistError } from "./errors.ts";
import type { Bit, Bits } from "./json.ts";

/** What unknown bits (x and z, and nets that nothing drives) become: 0, or anything, the same for the same seed. */
export type Unknown = { readonly kind: "zero" } | { readonly kind: "random"; readonly seed: number };

/** Logic, made when its operands are. */
interface Step {
  readonly gives: Bits;
  /** Nets that have to be there first. */
  readonly needs: Bits;
  readonly make: () => void;
  readonly what: string;
  state: "waiting" | "open" | "done";
}

/** The nets of a module: for each the node that has it as one of its bits. All nodes are unsigned. */
export class Nets {
  private readonly nodes: (Node | undefined)[] = [];
  private readonly places: number[] = [];
  /** One-bit nodes of nets that have been asked for. */
  private readonly single: (Node | undefined)[] = [];
  private readonly steps: (Step | undefined)[] = [];
  private readonly all: Step[] = [];
  /** Nets whose values have been asked for. */
  private readonly asked: true[] = [];
  /** Clocks, and where they come from. */
  private readonly clocks = new Map<number, string>();
  private readonly where: string;
  private readonly nextUnknown: () => "0" | "1";

  constructor(where: string, unknown: Unknown) {
    this.where = where;
    this.nextUnknown = unknownBits(unknown);
  }

  /** A node that is there from the beginning: an input, a register, what a memory or an instance gives. */
  leaf(bits: Bits, node: Node, what: string): void {
    bits.forEach((net, i) => {
      if (typeof net === "number") this.put(net, node, i, what);
    });
  }

  /** Logic: `make` is called when the values of `needs` are there, and gives a node of the width of `bits`. */
  logic(bits: Bits, needs: readonly Bits[], make: () => Node, what: string): void {
    const step: Step = {
      gives: bits,
      needs: needs.flat(),
      make: () => {
        const node = located(what, make);
        if (node.type.width !== bits.length)
          throw new NetlistError(
            `${what}: the result has ${node.type.width} bits, its nets are ${bits.length}`,
          );
        this.leaf(bits, node, what);
      },
      what,
      state: "waiting",
    };
    this.all.push(step);
    for (const net of bits) {
      if (typeof net !== "number") continue;
      if (this.steps[net] !== undefined) throw this.drivenTwice(net, what, this.steps[net].what);
      this.steps[net] = step;
    }
  }

  /** A net that is a clock, and therefore has no value. */
  clock(net: number, from: string): void {
    this.clocks.set(net, from);
  }

  /** Makes all logic, operands first. */
  make(): void {
    for (const root of this.all) {
      // A stack of its own: logic can be deeper than the language's stack.
      const stack: { readonly step: Step; next: number }[] = [];
      const enter = (step: Step): void => {
        if (step.state === "done") return;
        if (step.state === "open")
          throw this.loop(
            stack.map((frame) => frame.step),
            step,
          );
        if (this.isClock(step)) return;
        step.state = "open";
        stack.push({ step, next: 0 });
      };
      enter(root);
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        const { step } = frame;
        const net = step.needs[frame.next++];
        if (net === undefined) {
          step.make();
          step.state = "done";
          stack.pop();
        } else if (typeof net === "number") {
          const before = this.steps[net];
          if (before !== undefined) enter(before);
        }
      }
    }
  }

  /** Whether all bits have a value; an unknown constant has one. */
  areDriven(bits: Bits): boolean {
    return bits.every((bit) => typeof bit !== "number" || this.nodes[bit] !== undefined);
  }

  /** Whether something follows the value of one of these nets; known when everything is made. */
  areUsed(bits: Bits): boolean {
    return bits.some((bit) => typeof bit === "number" && this.asked[bit]);
  }

  /** One bit's value. */
  bit(bit: Bit): Node {
    if (typeof bit !== "number") return op.constant(this.known(bit) === "1" ? 1n : 0n, op.BIT);
    this.asked[bit] = true;
    const known = this.single[bit];
    if (known !== undefined) return known;
    const node = this.nodes[bit];
    const made = node === undefined ? this.undriven(bit) : bitOf(node, this.places[bit] ?? 0);
    this.single[bit] = made;
    return made;
  }

  /** A word's value, unsigned and as wide as the word; a word without bits, such as the address of a single word, is 0. */
  word(bits: Bits): Node {
    const [first] = bits;
    if (first === undefined) return op.constant(0n, op.BIT);
    if (bits.length === 1) return this.bit(first);
    const extended = extensionOf(bits);
    if (extended > 2) {
      const low = this.word(bits.slice(0, bits.length - extended + 1));
      return extend(low, bits.length, true);
    }
    const parts: Node[] = [];
    for (let at = 0; at < bits.length; ) {
      const length = this.run(bits, at);
      parts.push(this.part(bits, at, length));
      at += length;
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : op.concat(parts.reverse());
  }

  /** How many bits from `at` on stand side by side in one node, or are constants. */
  private run(bits: Bits, at: number): number {
    const first = bits[at];
    let length = 1;
    if (typeof first !== "number") {
      while (at + length < bits.length && typeof bits[at + length] !== "number") length++;
      return length;
    }
    const node = this.nodes[first];
    const place = this.places[first] ?? 0;
    if (node === undefined) return 1;
    for (; at + length < bits.length; length++) {
      const net = bits[at + length];
      if (typeof net !== "number" || this.nodes[net] !== node || this.places[net] !== place + length) break;
    }
    return length;
  }

  private part(bits: Bits, at: number, length: number): Node {
    const first = bits[at];
    if (first === undefined) throw new RangeError("beyond the word");
    if (typeof first !== "number") {
      let value = 0n;
      for (let i = at + length - 1; i >= at; i--) {
        const bit = bits[i];
        value = (value << 1n) | (typeof bit === "string" && this.known(bit) === "1" ? 1n : 0n);
      }
      return op.constant(value, op.unsignedType(length));
    }
    if (length === 1) return this.bit(first);
    for (const bit of bits.slice(at, at + length)) if (typeof bit === "number") this.asked[bit] = true;
    const node = this.nodes[first];
    const low = this.places[first] ?? 0;
    if (node === undefined) return this.bit(first);
    return node.type.width === length ? node : op.slice(node, low + length - 1, low);
  }

  /** Whether a step is a buffer on the way of a clock. */
  private isClock({ gives }: Step): boolean {
    return gives.length > 0 && gives.every((bit) => typeof bit === "number" && this.clocks.has(bit));
  }

  private known(bit: "0" | "1" | "x" | "z"): "0" | "1" {
    return bit === "0" || bit === "1" ? bit : this.nextUnknown();
  }

  /** A constant of the pattern's bits, the highest first. */
  constant(pattern: string): bigint {
    const bits = pattern.replace(/[xz]/g, () => this.nextUnknown());
    return BigInt(`0b0${bits}`);
  }

  private undriven(net: number): Node {
    const clock = this.clocks.get(net);
    if (clock !== undefined)
      throw new NetlistError(
        `${this.where}: the clock from ${clock} is also used as a value; a clock has none here`,
      );
    return this.bit("x");
  }

  private put(net: number, node: Node, place: number, what: string): void {
    if (this.nodes[net] !== undefined) throw this.drivenTwice(net, what);
    if (this.steps[net] !== undefined && this.steps[net].what !== what)
      throw this.drivenTwice(net, what, this.steps[net].what);
    this.nodes[net] = node;
    this.places[net] = place;
  }

  private drivenTwice(net: number, what: string, other?: string): NetlistError {
    return new NetlistError(
      `${this.where}: net ${net} is driven by ${what} and by ${other ?? "another cell"}`,
    );
  }

  private loop(open: readonly Step[], again: Step): NetlistError {
    const names = open.slice(open.indexOf(again)).map((step) => step.what);
    return new NetlistError(
      `${this.where}: ${[...names, again.what].reverse().join(" follows ")}, without a register`,
    );
  }
}

/** The number in more bits, or its low bits in fewer; unsigned either way. */
export function extend(value: Node, width: number, signed: boolean): Node {
  const number = op.convert(value, { width: value.type.width, signed });
  return op.convert(op.convert(number, { width, signed }), op.unsignedType(width));
}

const bitOf = (node: Node, place: number): Node =>
  node.type.width === 1 ? node : op.slice(node, place, place);

/** How often the highest net stands at the top of the word. */
function extensionOf(bits: Bits): number {
  const top = bits.at(-1);
  let count = 0;
  if (typeof top === "number") while (count < bits.length && bits[bits.length - 1 - count] === top) count++;
  return count;
}

function unknownBits(unknown: Unknown): () => "0" | "1" {
  if (unknown.kind === "zero") return () => "0";
  // xorshift32 (Marsaglia 2003).
  let state = (unknown.seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0x10000 ? "1" : "0";
  };
}
