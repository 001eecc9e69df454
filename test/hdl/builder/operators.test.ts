import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  concat,
  firstOne,
  fromGray,
  module,
  mux,
  oneHot,
  priority,
  type Signal,
  Signed,
  type StructShape,
  select,
  signed,
  signedConstant,
  sum,
  toGray,
  Unsigned,
  unsigned,
  unsignedConstant,
} from "../../../hdl/builder/index.ts";
import { largest, smallest, wrap } from "../../../hdl/builder/type.ts";
import { simulate } from "../../../hdl/simulate/index.ts";
import { Run } from "./run.ts";

const WIDTHS = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(16, 31, 32, 33, 53, 63, 64, 65, 100, 130) },
);

interface Type {
  readonly width: number;
  readonly signed: boolean;
}

const shapeOf = ({ width, signed: isSigned }: Type) => (isSigned ? signed(width) : unsigned(width));

const numberOf = (type: Type): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: smallest(type), max: largest(type) }),
    fc.constantFrom(smallest(type), largest(type), 0n, wrap(-1n, type), wrap(1n, type)),
  );

/** What the operators give, each as an output, and what integers give. */
type Case = readonly [name: string, signal: Signal, expected: (x: bigint, y: bigint) => bigint];

/** Compares cases built of two signals with integers, over random types and values. */
function check(
  types: fc.Arbitrary<readonly [Type, Type]>,
  build: (a: Signal, b: Signal, types: readonly [Type, Type]) => readonly Case[],
): void {
  const samples = types.chain(([left, right]) =>
    fc.tuple(
      fc.constant([left, right] as const),
      fc.array(fc.tuple(numberOf(left), numberOf(right)), { minLength: 4, maxLength: 8 }),
    ),
  );
  fc.assert(
    fc.property(samples, ([pair, values]) => {
      const made: Case[] = [];
      // The outputs are known once the operators have given their types: a module before tells them.
      const inputs = { a: shapeOf(pair[0]), b: shapeOf(pair[1]) };
      module("types", { inputs, outputs: {} }, ({ a, b }) => void made.push(...build(a, b, pair)));
      const outputs = Object.fromEntries(made.map(([name, { type }]) => [name, shapeOf(type)]));
      const design = module("operators", { inputs, outputs }, (io) => {
        const { a, b } = io as { a: Signal; b: Signal };
        for (const [name, signal] of build(a, b, pair)) {
          const output: { set(value: Signal): void } = (io as never)[name];
          output.set(signal);
        }
      });
      const run = new Run(design);
      const compiled = simulate<StructShape, StructShape>(design);
      for (const [x, y] of values) {
        run.set({ a: x, b: y });
        compiled.drive({ a: x, b: y });
        for (const [name, , expected] of made) {
          const right = [name, x, y, expected(x, y)];
          expect([name, x, y, run.big(name)]).toEqual(right);
          expect([name, x, y, compiled.getBig(name)]).toEqual(right);
        }
      }
    }),
    { numRuns: 50 },
  );
}

const anyTypes = fc.tuple(
  fc.record({ width: WIDTHS, signed: fc.boolean() }),
  fc.record({ width: WIDTHS, signed: fc.boolean() }),
);
const pairs = (isSigned: boolean): fc.Arbitrary<readonly [Type, Type]> =>
  fc.tuple(WIDTHS, WIDTHS).map(([w, v]) => [
    { width: w, signed: isSigned },
    { width: v, signed: isSigned },
  ]);
const twins: fc.Arbitrary<readonly [Type, Type]> = fc
  .record({ width: WIDTHS, signed: fc.boolean() })
  .map((type) => [type, type]);

const truth = (value: boolean): bigint => (value ? 1n : 0n);
const bitsOf = (value: bigint, { width }: Type): bigint => BigInt.asUintN(width, value);
const ones = (value: bigint): number => value.toString(2).replaceAll("0", "").length;

/** Both unsigned, or both signed. */
function same(a: Signal, b: Signal): readonly [Unsigned, Unsigned] {
  if (a instanceof Unsigned && b instanceof Unsigned) return [a, b];
  // Typed as unsigned, to call what both classes have.
  return [a, b] as unknown as readonly [Unsigned, Unsigned];
}

describe("operators equal the arithmetic of integers", () => {
  for (const isSigned of [false, true])
    test(`sums, products, comparisons of ${isSigned ? "signed" : "unsigned"} numbers`, () => {
      check(pairs(isSigned), (left, right) => {
        const [a, b] = same(left, right);
        const most = largest(a.type);
        const least = smallest(a.type);
        return [
          ["add", a.add(b), (x, y) => x + y],
          ["sub", a.sub(b), (x, y) => x - y],
          ["mul", a.mul(b), (x, y) => x * y],
          ["eq", a.eq(b), (x, y) => truth(x === y)],
          ["ne", a.ne(b), (x, y) => truth(x !== y)],
          ["lt", a.lt(b), (x, y) => truth(x < y)],
          ["le", a.le(b), (x, y) => truth(x <= y)],
          ["gt", a.gt(b), (x, y) => truth(x > y)],
          ["ge", a.ge(b), (x, y) => truth(x >= y)],
          ["addLiteral", a.add(12345), (x) => x + 12345n],
          ["subLiteral", a.sub(77), (x) => x - 77n],
          ["mulLiteral", a.mul(1000n), (x) => x * 1000n],
          ["eqLiteral", a.eq(most), (x) => truth(x === most)],
          ["ltLiteral", a.lt(most), (x) => truth(x < most)],
          ["gtLiteral", a.gt(least), (x) => truth(x > least)],
          ["sum", sum([a, b, a, b, a]), (x, y) => 3n * x + 2n * y],
        ];
      });
    });

  test("wrapping sums and bitwise operators", () => {
    check(twins, (left, right, [type]) => {
      const [a, b] = same(left, right);
      const most = largest(type);
      return [
        ["addWrap", a.addWrap(b), (x, y) => wrap(x + y, type)],
        ["subWrap", a.subWrap(b), (x, y) => wrap(x - y, type)],
        ["addWrapLiteral", a.addWrap(most), (x) => wrap(x + most, type)],
        ["and", a.and(b), (x, y) => x & y],
        ["or", a.or(b), (x, y) => x | y],
        ["xor", a.xor(b), (x, y) => x ^ y],
        ["andLiteral", a.and(most), (x) => x & most],
        ["mux", mux(b.bit(0), a, b), (x, y) => (y & 1n ? x : y)],
        ["muxLiteral", mux(b.bit(0), most, a), (x, y) => (y & 1n ? most : x)],
      ];
    });
  });

  test("operators on one number", () => {
    check(twins, (left, right, [type]) => {
      const [a] = same(left, right);
      const { width } = type;
      const half = Math.ceil(width / 2);
      const narrow = { width: half, signed: type.signed };
      const clamp = (x: bigint): bigint =>
        x > largest(narrow) ? largest(narrow) : x < smallest(narrow) ? smallest(narrow) : x;
      return [
        ["not", a.not(), (x) => wrap(~x, type)],
        ["all", a.all(), (x) => truth(bitsOf(x, type) === (1n << BigInt(width)) - 1n)],
        ["any", a.any(), (x) => truth(x !== 0n)],
        ["parity", a.parity(), (x) => BigInt(ones(bitsOf(x, type)) % 2)],
        ["top", a.bit(width - 1), (x) => bitsOf(x, type) >> BigInt(width - 1)],
        ["high", a.bits(width - 1, half - 1), (x) => bitsOf(x, type) >> BigInt(half - 1)],
        ["low", a.bits(half - 1, 0), (x) => BigInt.asUintN(half, x)],
        ["truncate", a.truncate(half), (x) => wrap(x, narrow)],
        ["extend", a.extend(width + 3), (x) => x],
        ["saturate", a.saturate(half), clamp],
        ["shl", a.shl(5), (x) => x << 5n],
        ["shr", a.shr(2), (x) => x >> 2n],
        ["shrAll", a.shr(width + 1), (x) => x >> BigInt(width + 1)],
        ["asUnsigned", a.asUnsigned(), (x) => bitsOf(x, type)],
        ["asSigned", a.asSigned(), (x) => wrap(x, { width, signed: true })],
        ["repeat", a.repeat(2), (x) => (bitsOf(x, type) << BigInt(width)) | bitsOf(x, type)],
      ];
    });
  });

  test("signs", () => {
    check(pairs(true), (a, b) => {
      if (!(a instanceof Signed && b instanceof Signed)) throw new Error("both are signed");
      return [
        ["negate", a.negate(), (x) => -x],
        ["abs", a.abs(), (x) => (x < 0n ? -x : x)],
        ["isNegative", a.isNegative(), (x) => truth(x < 0n)],
      ];
    });
    check(pairs(false), (a, b) => {
      if (!(a instanceof Unsigned && b instanceof Unsigned)) throw new Error("both are unsigned");
      return [
        ["toSigned", a.toSigned(), (x) => x],
        ["difference", a.toSigned().sub(b.toSigned()), (x, y) => x - y],
      ];
    });
  });

  test("bits side by side, and shifts by a signal", () => {
    check(anyTypes, (a, b, [left, right]) => {
      const amount = b.asUnsigned().truncate(Math.min(4, right.width));
      const many = b.asUnsigned();
      const shift = (y: bigint): bigint => BigInt.asUintN(Math.min(4, right.width), y);
      const [x0] = same(a, b);
      return [
        ["concat", concat(a, b), (x, y) => (bitsOf(x, left) << BigInt(right.width)) | bitsOf(y, right)],
        ["shl", x0.shl(amount), (x, y) => x << shift(y)],
        ["shr", x0.shr(amount), (x, y) => x >> shift(y)],
        // BigInt shifts by any amount below 2^30 or so; beyond, all bits are gone.
        [
          "shrFar",
          x0.shr(many),
          (x, y) => (bitsOf(y, right) > 200n ? (x < 0n ? -1n : 0n) : x >> bitsOf(y, right)),
        ],
        ["bit", a.bit(amount), (x, y) => (bitsOf(x, left) >> shift(y)) & 1n],
      ];
    });
  });

  test("selections", () => {
    check(
      fc.tuple(fc.constant({ width: 8, signed: true }), fc.constant({ width: 3, signed: false })),
      (left, right) => {
        if (!(left instanceof Signed && right instanceof Unsigned)) throw new Error("signed and unsigned");
        const cases = [left, left.not(), 5, -7n, left.negate().truncate(8)];
        const value = (i: number, x: bigint): bigint => [x, ~x, 5n, -7n, BigInt.asIntN(8, -x)][i]!;
        const bits = [0, 1, 2].map((i) => right.bit(i));
        const cased = bits.map((bit, i) => [bit, cases[i]!] as const);
        const lowest = (y: bigint): number => [0, 1, 2].find((i) => (y >> BigInt(i)) & 1n) ?? -1;
        const single = [0, 1, 2].map((i) => [right.eq(1 << i), cases[i]!] as const);
        return [
          ["select", select(right, cases), (x, y) => value(Math.min(Number(y), 4), x)],
          ["priority", priority(cased, left), (x, y) => (lowest(y) < 0 ? x : value(lowest(y), x))],
          ["oneHot", oneHot(single), (x, y) => ([1n, 2n, 4n].includes(y) ? value(lowest(y), x) : 0n)],
          ["firstOne", firstOne(right), (_, y) => BigInt(Math.max(0, lowest(y)))],
        ];
      },
    );
  });

  test("Gray code", () => {
    check(pairs(false), (left, right) => {
      if (!(left instanceof Unsigned && right instanceof Unsigned)) throw new Error("both are unsigned");
      const next = left.addWrap(1);
      return [
        ["back", fromGray(toGray(left)), (x) => x],
        ["step", sum([...bits(toGray(left).xor(toGray(next)))]), () => 1n],
      ];
    });
  });
});

const bits = (value: Unsigned): Unsigned[] => Array.from({ length: value.width }, (_, i) => value.bit(i));

describe("widths follow the rule", () => {
  test("each result is as wide as its largest and smallest value need", () => {
    fc.assert(
      fc.property(WIDTHS, WIDTHS, fc.boolean(), (w, v, isSigned) => {
        let types: Record<string, Type> = {};
        const shape = isSigned ? signed : unsigned;
        module("types", { inputs: { left: shape(w), right: shape(v) }, outputs: {} }, ({ left, right }) => {
          const [a, b] = same(left, right);
          types = {
            add: a.add(b).type,
            sub: a.sub(b).type,
            mul: a.mul(b).type,
            shl: a.shl(3).type,
            shlSignal: a.shl(unsignedConstant(0, 1).or(b.bit(0))).type,
            shr: a.shr(1).type,
          };
        });
        const most = Math.max(w, v);
        expect(types).toEqual({
          add: { width: most + 1, signed: isSigned },
          sub: { width: most + 1, signed: true },
          mul: { width: w + v, signed: isSigned },
          shl: { width: w + 3, signed: isSigned },
          shlSignal: { width: w + 1, signed: isSigned },
          shr: { width: Math.max(1, w - 1), signed: isSigned },
        });
      }),
    );
  });

  test("a literal is as wide as it needs to be", () => {
    const width = (signal: Signal): number => signal.width;
    module("literals", { inputs: { a: unsigned(8), s: signed(8) }, outputs: {} }, ({ a, s }) => {
      expect([a.add(255), a.add(256), a.mul(3), a.mul(0), a.add(0)].map(width)).toEqual([9, 10, 10, 9, 9]);
      expect([s.add(-128), s.add(128), s.mul(-1), s.mul(1)].map(width)).toEqual([9, 10, 9, 10]);
      expect([signedConstant(-128, 8), unsignedConstant(255, 8)].map(width)).toEqual([8, 8]);
    });
  });

  test("a sum of many grows with the logarithm of their number", () => {
    module("sums", { inputs: { a: unsigned(8) }, outputs: {} }, ({ a }) => {
      const widths = [1, 2, 3, 4, 5, 8, 9, 16, 1000].map(
        (n) => sum(Array.from({ length: n }, () => a)).width,
      );
      expect(widths).toEqual([8, 9, 10, 10, 11, 11, 12, 12, 18]);
    });
  });
});
