import { describe, expect, it } from "vitest";
import {
  bit,
  concat,
  module,
  mux,
  named,
  type Signed,
  select,
  signed,
  type Unsigned,
  unsigned,
} from "../../../hdl/builder/index.ts";
import { assignmentsOf, bodyOf } from "./text.ts";

const INPUTS = {
  a: unsigned(8),
  b: unsigned(8),
  wide: unsigned(12),
  s: signed(8),
  t: signed(8),
  sum: signed(20),
  x: bit,
  y: bit,
  index: unsigned(3),
};
type Inputs = {
  readonly a: Unsigned;
  readonly b: Unsigned;
  readonly wide: Unsigned;
  readonly s: Signed;
  readonly t: Signed;
  readonly sum: Signed;
  readonly x: Unsigned;
  readonly y: Unsigned;
  readonly index: Unsigned;
};

/** What is written for one value, the wires that it needs first. */
function written(value: (io: Inputs) => Unsigned | Signed): string[] {
  let width = 0;
  let isSigned = false;
  module("probe", { inputs: INPUTS, outputs: {} }, (io) => {
    const { type } = value(io);
    ({ width, signed: isSigned } = type);
  });
  const shape = isSigned ? signed(width) : unsigned(width);
  const made = module("probe", { inputs: INPUTS, outputs: { out: shape } }, ({ out, ...io }) => {
    (out as { set(value: unknown): void }).set(value(io));
  });
  return assignmentsOf(made);
}

describe("widths", () => {
  it("a sum has its carry from the assignment", () => {
    expect(written(({ a, b }) => a.add(b))).toEqual(["assign out = a + b;"]);
    expect(written(({ s, t }) => s.sub(t))).toEqual(["assign out = s - t;"]);
  });

  it("a sum that is cut off is computed without the bit that nobody looks at", () => {
    expect(written(({ a }) => a.addWrap(1))).toEqual(["assign out = a + 8'd1;"]);
    expect(written(({ a, b }) => a.add(b).truncate(8))).toEqual(["assign out = a + b;"]);
    expect(written(({ a, wide }) => wide.add(a).truncate(8))).toEqual(["assign out = wide[7:0] + a;"]);
  });

  it("a sum in a place that gives no width has a name of its width", () => {
    expect(written(({ a, b, x }) => concat(a.add(b), x))).toEqual([
      "wire [8:0] a_plus_b = a + b;",
      "assign out = {a_plus_b, x};",
    ]);
    expect(written(({ a, b }) => a.add(b).lt(300))).toEqual([
      "wire [8:0] a_plus_b = a + b;",
      "assign out = a_plus_b < 9'd300;",
    ]);
  });

  it("or operands of its width", () => {
    expect(written(({ a, b, wide }) => a.add(b).extend(12).lt(wide))).toEqual([
      "assign out = {4'd0, a} + {4'd0, b} < wide;",
    ]);
  });

  it("what is narrower is extended, by zeros or by its sign", () => {
    expect(written(({ a, wide }) => wide.add(a))).toEqual(["assign out = wide + {5'd0, a};"]);
    expect(written(({ s, sum }) => sum.addWrap(s.extend(20)))).toEqual([
      "assign out = sum + {{12{s[7]}}, s};",
    ]);
    expect(written(({ a }) => a.toSigned())).toEqual(["assign out = {1'b0, a};"]);
  });

  it("a product takes its operands as they are, extended by the sign that they all have", () => {
    expect(written(({ s, t, sum }) => sum.add(s.mul(t)).truncate(20))).toEqual(["assign out = sum + s * t;"]);
    expect(written(({ a, s }) => s.mul(a.toSigned()))).toEqual(["assign out = s * $signed({1'b0, a});"]);
    expect(written(({ s, wide }) => s.asUnsigned().mul(wide))).toEqual(["assign out = $unsigned(s) * wide;"]);
  });
});

describe("signs", () => {
  it("comparisons of signed numbers have signed operands only", () => {
    expect(written(({ s, t }) => s.lt(t))).toEqual(["assign out = s < t;"]);
    expect(written(({ s, sum }) => s.extend(20).lt(sum))).toEqual([
      "assign out = $signed({{12{s[7]}}, s}) < sum;",
    ]);
    expect(written(({ s }) => s.ge(-3))).toEqual(["assign out = s >= -8'sd3;"]);
  });

  it("comparisons of unsigned numbers have an unsigned one", () => {
    expect(written(({ s, t }) => s.asUnsigned().lt(t.asUnsigned()))).toEqual([
      "assign out = $unsigned(s) < t;",
    ]);
  });

  it("an arithmetic shift stays one beside unsigned values", () => {
    expect(written(({ s, index }) => s.shr(index))).toEqual(["assign out = s >>> index;"]);
    expect(written(({ s, a, x, index }) => mux(x, s.shr(index).asUnsigned(), a))).toEqual([
      "assign out = x ? s >>> index : $signed(a);",
    ]);
    expect(written(({ s, a, b, x, index }) => mux(x, s.shr(index).asUnsigned(), a.and(b)))).toEqual([
      "assign out = x ? $signed(s >>> index) : a & b;",
    ]);
  });

  it("copies of a sign count in a parity, and in nothing else", () => {
    expect(written(({ s }) => s.extend(11).parity())).toEqual(["assign out = ^{{3{s[7]}}, s};"]);
    expect(written(({ a }) => a.extend(11).parity())).toEqual(["assign out = ^a;"]);
    expect(written(({ s }) => s.extend(11).any())).toEqual(["assign out = |s;"]);
  });
});

describe("readability", () => {
  it("constants stand where a person would put them", () => {
    expect(written(({ a }) => a.gt(3))).toEqual(["assign out = a > 8'd3;"]);
    expect(written(({ s }) => s.add(-3))).toEqual(["assign out = s - 9'sd3;"]);
    expect(written(({ s }) => s.negate())).toEqual(["assign out = -{s[7], s};"]);
    expect(written(({ a }) => a.ne(255))).toEqual(["assign out = a != 8'd255;"]);
    expect(written(({ wide }) => wide.any().not())).toEqual(["assign out = wide == 12'd0;"]);
  });

  it("shifts by constants are wiring", () => {
    expect(written(({ a }) => a.shl(3))).toEqual(["assign out = {a, 3'd0};"]);
    expect(written(({ a }) => a.shr(3))).toEqual(["assign out = a[7:3];"]);
    expect(written(({ s }) => s.shr(3))).toEqual(["assign out = s[7:3];"]);
  });

  it("bits are logic, wider values are masked", () => {
    expect(written(({ x, y }) => x.and(y.not()))).toEqual(["assign out = x && !y;"]);
    expect(written(({ a, b }) => a.and(b.not()))).toEqual(["assign out = a & ~b;"]);
    expect(written(({ x, y, a }) => x.and(y).or(a.all()))).toEqual(["assign out = (x && y) || (&a);"]);
  });

  it("a bit at an index beyond the highest is 0", () => {
    expect(written(({ a, index }) => a.bit(index))).toEqual(["assign out = a[index];"]);
    expect(written(({ wide, a }) => wide.bit(a))).toEqual(["assign out = a < 8'd12 ? wide[a[3:0]] : 1'b0;"]);
  });

  it("a value that is used twice is computed once", () => {
    expect(written(({ a, b }) => concat(a.mul(b), a.mul(b).bits(3, 0)))).toEqual([
      "wire [15:0] a_times_b = a * b;",
      "assign out = {a_times_b, a_times_b[3:0]};",
    ]);
  });

  it("a value that has been named is called so", () => {
    expect(
      written(({ a, b }) => {
        const product = a.mul(b);
        return concat(named("area", product), product);
      }),
    ).toEqual(["wire [15:0] area = a * b;", "assign out = {area, area};"]);
  });

  it("a selection is a case, with the last one for all beyond", () => {
    const made = module(
      "probe",
      { inputs: INPUTS, outputs: { out: unsigned(8) } },
      ({ out, index, a, b, s }) => out.set(select(index, [a, b, s.asUnsigned(), a.xor(b)])),
    );
    expect(bodyOf(made)).toEqual([
      "always @* begin",
      "case (index)",
      "3'd0:    out = a;",
      "3'd1:    out = b;",
      "3'd2:    out = s;",
      "default: out = a ^ b;",
      "endcase",
      "end",
    ]);
  });

  it("conditions one after another stand under each other", () => {
    const made = module("probe", { inputs: INPUTS, outputs: { out: unsigned(8) } }, ({ out, x, y, a, b }) =>
      out.set(mux(x, a, mux(y.and(a.eq(b)), b, a.not()))),
    );
    expect(bodyOf(made)).toEqual(["assign out =", "x           ? a :", "y && a == b ? b :", "~a;"]);
  });
});
