import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node, NumberType, Operation } from "../../../hdl/builder/graph.ts";
import {
  bit,
  clockDomain,
  memory,
  module,
  register,
  SYNC,
  signed,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import * as op from "../../../hdl/builder/operators.ts";
import { fits, wrap } from "../../../hdl/builder/type.ts";
import { operandsOf } from "../../../hdl/builder/walk.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { evaluate, Interpreter, isOperation } from "../../../hdl/simulate/interpret.ts";
import { runs } from "./behaviour.ts";
import { combinational } from "./raw.ts";

describe("evaluate", () => {
  it("agrees with gates, bit by bit", () => {
    fc.assert(
      fc.property(operations, ({ node, values }) => {
        const value = evaluate(node, (operand) => values.get(operand)!);
        expect(fits(value, node.type)).toBe(true);
        const bits = gates(node, (operand) => bitsOf(values.get(operand)!, operand.type));
        expect(bitsOf(value, node.type)).toEqual(bits);
      }),
      runs(2000),
    );
  });
});

describe("Interpreter", () => {
  it("memories read what stood there before, write lanes, and let the later port win; addresses beyond read zero", () => {
    const inputs = {
      address: unsigned(4),
      read: bit,
      first: unsigned(16),
      second: unsigned(16),
      mask: unsigned(2),
      both: unsigned(2),
    };
    const top = module("top", { inputs, outputs: { data: unsigned(16) } }, (io) => {
      const words = memory("words", unsigned(16), { depth: 10, initial: [0x1111, 0x2222] });
      when(io.both.bit(0), () => words.write(io.address, io.first));
      when(io.both.bit(1), () => words.write(io.address, io.second, { mask: io.mask }));
      io.data.set(words.read(io.address, { enable: io.read }));
    });
    const run = new Interpreter(flatten(top));
    const cycle = (values: Readonly<Record<string, number>>): number => {
      for (const [name, value] of Object.entries(values)) run.set(name, BigInt(value));
      run.step();
      return Number(run.get("data"));
    };
    const write = { first: 0xaaaa, second: 0xbbbb, mask: 0b10, both: 3 };
    expect(cycle({ address: 1, read: 1, ...write })).toBe(0x2222);
    expect(cycle({ both: 0 })).toBe(0xbbaa);
    expect(cycle({ address: 0, read: 0 })).toBe(0xbbaa);
    expect(cycle({ read: 1 })).toBe(0x1111);
    expect(cycle({ address: 12, ...write })).toBe(0);
    expect(run.words("words")).toEqual([0x1111n, 0xbbaan, ...Array.from({ length: 8 }, () => 0n)]);
  });

  it("registers of several clocks with an edge at the same time see each other as they were", () => {
    const other = clockDomain("other");
    const ports = { inputs: {}, outputs: { x: unsigned(4), y: unsigned(4) } };
    const top = module("top", ports, ({ x, y }) => {
      const a = register("a", unsigned(4), { initial: 3 });
      x.set(a);
      a.set(a.addWrap(1));
      const b = register("b", unsigned(4), { initial: 8, domain: other });
      b.set(b.subWrap(1));
      y.set(b);
    });
    const run = new Interpreter(flatten(top));
    run.step(new Set([SYNC]));
    expect([run.get("x"), run.get("y")]).toEqual([4n, 8n]);
    run.step(new Set([SYNC, other]));
    expect([run.get("x"), run.get("y")]).toEqual([5n, 7n]);
    run.step();
    expect([run.get("a"), run.get("b")]).toEqual([6n, 6n]);
  });

  it("what nobody has initialised begins with what it is given", () => {
    const top = module(
      "top",
      { inputs: { on: bit }, outputs: { x: signed(8), y: unsigned(8) } },
      ({ on, x, y }) => {
        const kept = register("kept", signed(8));
        kept.set(kept);
        x.set(kept);
        const words = memory("words", unsigned(8), { depth: 2 });
        when(on, () => words.write(on, 0));
        y.set(words.read(on));
      },
    );
    const run = new Interpreter(flatten(top), { random: (bits) => (1n << BigInt(bits)) - 1n });
    expect(run.get("x")).toBe(-1n);
    run.step();
    expect(run.get("y")).toBe(255n);
    expect(new Interpreter(flatten(top)).get("x")).toBe(0n);
  });

  it("refuses values beyond an input's range, and names that are not there", () => {
    const top = module("top", { inputs: { a: signed(4) }, outputs: { y: signed(4) } }, ({ a, y }) =>
      y.set(a),
    );
    const run = new Interpreter(flatten(top));
    expect(() => run.set("a", 8n)).toThrow("8 does not fit a: signed 4");
    expect(() => run.set("b", 0n)).toThrow("top has no input b");
    expect(() => run.get("b")).toThrow("top has no signal b");
  });
});

/** An operation, and a value for each of its operands. */
interface Sample {
  readonly node: Operation;
  readonly values: ReadonlyMap<Node, bigint>;
}

const width = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }) },
  fc.integer({ min: 1, max: 70 }),
);
const type = fc.record({ width, signed: fc.boolean() });

const leafOf = (type: NumberType): Node => combinational([type], () => []).inputs[0]!;
const leaf = type.map(leafOf);
const bitLeaf = fc.constant(op.BIT).map(leafOf);
const amount = fc.integer({ min: 1, max: 4 }).map((bits) => leafOf(op.unsignedType(bits)));
const twins = type.map((one) => [leafOf(one), leafOf(one)] as const);
const pair = fc
  .tuple(width, width, fc.boolean())
  .map(([a, b, signed]) => [leafOf({ width: a, signed }), leafOf({ width: b, signed })] as const);

const nodes: fc.Arbitrary<Node> = fc.oneof(
  fc.tuple(fc.constantFrom(op.add, op.subtract, op.multiply), pair).map(([make, [a, b]]) => make(a, b)),
  fc
    .tuple(fc.constantFrom("equal" as const, "less" as const), pair)
    .map(([kind, [a, b]]) => op.compare(kind, a, b)),
  fc
    .tuple(fc.constantFrom("and" as const, "or" as const, "xor" as const), twins)
    .map(([kind, [a, b]]) => op.bitwise(kind, a, b)),
  leaf.map(op.not),
  fc
    .tuple(fc.constantFrom(op.shiftLeft, op.shiftRight), leaf, amount)
    .map(([make, value, by]) => make(value, by)),
  fc
    .tuple(fc.constantFrom("all" as const, "any" as const, "parity" as const), leaf)
    .map(([kind, value]) => op.reduce(kind, value)),
  fc.tuple(bitLeaf, twins).map(([condition, [a, b]]) => op.mux(condition, a, b)),
  fc.tuple(fc.integer({ min: 2, max: 4 }), type, fc.integer({ min: 1, max: 4 })).map(([bits, one, count]) =>
    op.select(
      leafOf(op.unsignedType(bits)),
      Array.from({ length: count }, () => leafOf(one)),
    ),
  ),
  fc.array(leaf, { minLength: 1, maxLength: 4 }).map(op.concat),
  fc.tuple(leaf, fc.nat(), fc.nat()).map(([value, a, b]) => {
    const low = a % value.type.width;
    return op.slice(value, low + (b % (value.type.width - low)), low);
  }),
  fc.tuple(leaf, type).map(([value, to]): Node => ({ kind: "convert", type: to, value })),
);

const operations: fc.Arbitrary<Sample> = nodes.filter(isOperation).chain((node) => {
  const operands = operandsOf(node);
  return fc
    .tuple(...operands.map(({ type: { width } }) => fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n })))
    .map((values) => ({
      node,
      values: new Map(operands.map((operand, i) => [operand, wrap(values[i]!, operand.type)])),
    }));
});

/** Low bit first. */
type Bits = readonly boolean[];

const bitsOf = (value: bigint, { width }: NumberType): Bits =>
  Array.from({ length: width }, (_, i) => ((value >> BigInt(i)) & 1n) === 1n);

/** More or fewer bits, with the sign above. */
const resized = (bits: Bits, width: number, signed: boolean): Bits =>
  Array.from({ length: width }, (_, i) => bits[i] ?? (signed && bits.at(-1) === true));

function ripple(a: Bits, b: Bits, carry: boolean): Bits {
  let c = carry;
  return a.map((x, i) => {
    const y = b[i] === true;
    const sum = (x !== y) !== c;
    c = (x && y) || (c && (x || y));
    return sum;
  });
}

const inverted = (bits: Bits): Bits => bits.map((one) => !one);

/** What gates make of the operands' bits. */
function gates(node: Operation, of: (operand: Node) => Bits): Bits {
  const { width } = node.type;
  const sized = (operand: Node): Bits => resized(of(operand), width, operand.type.signed);
  switch (node.kind) {
    case "add":
      return ripple(sized(node.left), sized(node.right), false);
    case "subtract":
      return ripple(sized(node.left), inverted(sized(node.right)), true);
    case "multiply": {
      const a = sized(node.left);
      let sum: Bits = resized([], width, false);
      for (const [i, one] of sized(node.right).entries())
        if (one) sum = ripple(sum, [...resized([], i, false), ...a], false);
      return sum;
    }
    case "and":
      return of(node.left).map((x, i) => x && of(node.right)[i] === true);
    case "or":
      return of(node.left).map((x, i) => x || of(node.right)[i] === true);
    case "xor":
      return of(node.left).map((x, i) => x !== of(node.right)[i]);
    case "not":
      return inverted(of(node.value));
    case "equal":
    case "less": {
      // The sign of the difference, in a bit more than both have.
      const size = Math.max(node.left.type.width, node.right.type.width) + 1;
      const [a, b] = [node.left, node.right].map((one) => resized(of(one), size, one.type.signed));
      const difference = ripple(a!, inverted(b!), true);
      return [node.kind === "less" ? difference.at(-1) === true : !difference.includes(true)];
    }
    case "shift-left": {
      const by = of(node.amount).reduce((sum, one, i) => sum + (one ? 2 ** i : 0), 0);
      return resized([...resized([], by, false), ...of(node.value)], width, node.value.type.signed);
    }
    case "shift-right": {
      const by = of(node.amount).reduce((sum, one, i) => sum + (one ? 2 ** i : 0), 0);
      const { signed } = node.value.type;
      return resized(of(node.value), by + width, signed).slice(by);
    }
    case "all":
      return [!of(node.value).includes(false)];
    case "any":
      return [of(node.value).includes(true)];
    case "parity":
      return [of(node.value).reduce((odd, one) => odd !== one, false)];
    case "mux":
      return of(node.condition)[0] === true ? of(node.then) : of(node.otherwise);
    case "select": {
      const index = of(node.index).reduce((sum, one, i) => sum + (one ? 2 ** i : 0), 0);
      return of(node.cases[index] ?? node.cases.at(-1)!);
    }
    case "concat":
      return node.parts.toReversed().flatMap(of);
    case "slice":
      return of(node.value).slice(node.low, node.low + width);
    case "convert":
      return sized(node.value);
  }
}
