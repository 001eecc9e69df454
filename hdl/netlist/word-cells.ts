import type { Node } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import type { Cell } from "./cell.ts";
import { NetlistError } from "./errors.ts";
import { extend, type Nets } from "./nets.ts";

/**
 * Yosys' combinational word cells, as its manual and `kernel/calc.cc` define them: both operands are signed or both are not,
 * are extended so, and a result is cut off or extended to `Y_WIDTH`. In a `$pmux` with several bits set the lowest one counts,
 * where Yosys says x.
 */
export function readWordCell(cell: Cell, nets: Nets): boolean {
  const read = Object.hasOwn(CELLS, cell.type) ? CELLS[cell.type] : undefined;
  if (read === undefined) return false;
  const operands = read.ports.map((port) => cell.bits(port));
  for (const [port, value] of Object.entries(read.outputs)) {
    const bits = cell.bits(port);
    const make = (): Node => value(new Operands(cell, nets, bits.length));
    if (bits.length > 0) nets.logic(bits, operands, make, cell.where);
  }
  return true;
}

/** The operands of a cell as nodes. */
class Operands {
  /** Of the result. */
  readonly width: number;
  readonly cell: Cell;
  private readonly nets: Nets;

  constructor(cell: Cell, nets: Nets, width: number) {
    this.cell = cell;
    this.nets = nets;
    this.width = width;
  }

  /** As its bits stand. */
  word(port: string): Node {
    return this.nets.word(this.cell.bits(port));
  }

  isSigned(port: "A" | "B"): boolean {
    return this.cell.parameters.flag(`${port}_SIGNED`);
  }

  /** With the signedness that the cell says. */
  number(port: "A" | "B"): Node {
    const word = this.word(port);
    return op.convert(word, { width: word.type.width, signed: this.isSigned(port) });
  }

  pair(): readonly [Node, Node] {
    if (this.isSigned("A") !== this.isSigned("B"))
      throw new NetlistError(`${this.cell.where}: one operand is signed and the other is not`);
    return [this.number("A"), this.number("B")];
  }

  /** In the result's width. */
  extended(port: "A" | "B", width = this.width): Node {
    return extend(this.word(port), width, this.isSigned(port));
  }

  any(port: string): Node {
    return op.reduce("any", this.word(port));
  }

  /** Unsigned, of the result's width. */
  fit(value: Node): Node {
    return op.convert(value, op.unsignedType(this.width));
  }
}

interface WordCell {
  readonly ports: readonly string[];
  readonly outputs: Readonly<Record<string, (operands: Operands) => Node>>;
}

type Value = (operands: Operands) => Node;

const cell = (ports: readonly string[], value: Value): WordCell => ({
  ports,
  outputs: { Y: (operands) => operands.fit(value(operands)) },
});
const unary = (value: Value): WordCell => cell(["A"], value);
const binary = (value: Value): WordCell => cell(["A", "B"], value);
const arithmetic = (operator: (a: Node, b: Node) => Node): WordCell =>
  binary((operands) => operator(...operands.pair()));
const bitwise = (kind: "and" | "or" | "xor"): WordCell =>
  binary((operands) => op.bitwise(kind, operands.extended("A"), operands.extended("B")));
const reduction = (kind: "all" | "any" | "parity"): WordCell =>
  unary((operands) => op.reduce(kind, operands.word("A")));

const equal = arithmetic((a, b) => op.compare("equal", a, b));
const different = arithmetic((a, b) => op.not(op.compare("equal", a, b)));

/** Bits that count up to `most`; an amount of more has `beyond` set. */
function amountOf(amount: Node, most: number): { readonly low: Node; readonly beyond: Node | null } {
  const width = Math.max(1, 32 - Math.clz32(most));
  if (amount.type.width <= width) return { low: amount, beyond: null };
  return {
    low: op.slice(amount, width - 1, 0),
    beyond: op.reduce("any", op.slice(amount, amount.type.width - 1, width)),
  };
}

const zero = (width: number): Node => op.constant(0n, op.unsignedType(width));

/** The low bits of an unsigned word times 2^amount. */
function shiftedLeft(word: Node, amount: Node): Node {
  const { width } = word.type;
  const { low, beyond } = amountOf(amount, width);
  const shifted = op.convert(op.shiftLeft(word, low), word.type);
  return beyond === null ? shifted : op.mux(beyond, zero(width), shifted);
}

/** A word or a signed number divided by 2^amount. */
function shiftedRight(value: Node, amount: Node): Node {
  const { low, beyond } = amountOf(amount, value.type.width);
  const shifted = op.convert(op.shiftRight(value, low), value.type);
  if (beyond === null) return shifted;
  // A number without bits left is its sign.
  const none = value.type.signed
    ? op.convert(op.shiftRight(value, op.literal(value.type.width, false)), value.type)
    : op.constant(0n, value.type);
  return op.mux(beyond, none, shifted);
}

function amount(operands: Operands): Node {
  if (operands.isSigned("B"))
    throw new NetlistError(`${operands.cell.where}: the amount of a shift is signed; it should be unsigned`);
  return operands.word("B");
}

const left: Value = (operands) => shiftedLeft(operands.extended("A"), amount(operands));

const logicalRight: Value = (operands) => {
  const width = Math.max(operands.width, operands.word("A").type.width);
  return shiftedRight(operands.extended("A", width), amount(operands));
};

const arithmeticRight: Value = (operands) =>
  operands.isSigned("A") ? shiftedRight(operands.number("A"), amount(operands)) : logicalRight(operands);

/** To the right by B, or to the left where a signed B is negative. */
const either: Value = (operands) => {
  const width = Math.max(operands.width, operands.word("A").type.width);
  const word = operands.extended("A", width);
  const by = operands.number("B");
  if (!by.type.signed) return shiftedRight(word, by);
  const magnitude = op.convert(
    op.subtract(op.constant(0n, { width: 1, signed: true }), by),
    op.unsignedType(by.type.width),
  );
  const negative = op.slice(by, by.type.width - 1, by.type.width - 1);
  return op.mux(
    negative,
    shiftedLeft(word, magnitude),
    shiftedRight(word, op.convert(by, op.unsignedType(by.type.width))),
  );
};

/** A word's parts of the result's width, the lowest first. */
function partsOf({ cell, width }: Operands, word: Node, count: number): Node[] {
  if (word.type.width !== count * width)
    throw new NetlistError(`${cell.where}: ${word.type.width} bits are not ${count} words of ${width} bits`);
  return Array.from({ length: count }, (_, i) => op.slice(word, (i + 1) * width - 1, i * width));
}

const choose: Value = (operands) => op.mux(operands.word("S"), operands.word("B"), operands.word("A"));

const parallel: Value = (operands) => {
  const select = operands.word("S");
  const cases = partsOf(operands, operands.word("B"), select.type.width);
  return cases.reduceRight(
    (otherwise, one, i) => op.mux(op.slice(select, i, i), one, otherwise),
    operands.word("A"),
  );
};

const indexed: Value = (operands) => {
  const select = operands.word("S");
  return op.select(select, partsOf(operands, operands.word("A"), 2 ** select.type.width));
};

const distributed: Value = (operands) => {
  const word = operands.word("A");
  const select = operands.word("S");
  const parts = Array.from({ length: operands.width / word.type.width }, (_, i) => {
    const here = op.compare("equal", select, op.constant(BigInt(i), select.type));
    return op.mux(here, word, op.constant(0n, word.type));
  });
  return op.concat(parts.reverse());
};

/** A, and B or its complement where BI is set. */
function addends(operands: Operands): { readonly a: Node; readonly b: Node } {
  const b = operands.extended("B");
  return { a: operands.extended("A"), b: op.mux(operands.word("BI"), op.not(b), b) };
}

/** The carries out of all places of a sum of two words and a carry in. */
function carries(a: Node, b: Node, carry: Node): Node {
  const { width } = a.type;
  const wide = op.unsignedType(width + 1);
  // A bit of a sum is its operands' bits and the carry in; the carry out of a place is the carry into the next one.
  const total = op.convert(op.add(op.add(a, b), carry), wide);
  const bits = op.bitwise("xor", op.convert(a, wide), op.convert(b, wide));
  return op.slice(op.bitwise("xor", total, bits), width, 1);
}

/** A carry leaves a place where it is generated, or propagated: as in the sum of these two words. */
const lookAhead: WordCell = {
  ports: ["P", "G", "CI"],
  outputs: {
    CO: (operands) => {
      const generated = operands.word("G");
      return carries(op.bitwise("or", operands.word("P"), generated), generated, operands.word("CI"));
    },
  },
};

const alu: WordCell = {
  ports: ["A", "B", "BI", "CI"],
  outputs: {
    Y: (operands) => {
      const { a, b } = addends(operands);
      return operands.fit(op.add(op.add(a, b), operands.word("CI")));
    },
    X: (operands) => {
      const { a, b } = addends(operands);
      return op.bitwise("xor", a, b);
    },
    CO: (operands) => {
      const { a, b } = addends(operands);
      return carries(a, b, operands.word("CI"));
    },
  },
};

const fullAdder: WordCell = {
  ports: ["A", "B", "C"],
  outputs: {
    Y: (o) => op.bitwise("xor", op.bitwise("xor", o.word("A"), o.word("B")), o.word("C")),
    X: (o) =>
      op.bitwise(
        "or",
        op.bitwise("and", o.word("A"), o.word("B")),
        op.bitwise("and", o.word("C"), op.bitwise("or", o.word("A"), o.word("B"))),
      ),
  },
};

const CELLS: Readonly<Record<string, WordCell>> = {
  $not: unary((operands) => op.not(operands.extended("A"))),
  $pos: unary((operands) => operands.extended("A")),
  $buf: unary((operands) => operands.word("A")),
  $neg: unary((operands) =>
    op.subtract(op.constant(0n, { width: 1, signed: operands.isSigned("A") }), operands.number("A")),
  ),
  $add: arithmetic(op.add),
  $sub: arithmetic(op.subtract),
  $mul: arithmetic(op.multiply),
  $and: bitwise("and"),
  $or: bitwise("or"),
  $xor: bitwise("xor"),
  $xnor: binary((o) => op.not(op.bitwise("xor", o.extended("A"), o.extended("B")))),
  $eq: equal,
  $eqx: equal,
  $ne: different,
  $nex: different,
  $lt: arithmetic((a, b) => op.compare("less", a, b)),
  $gt: arithmetic((a, b) => op.compare("less", b, a)),
  $ge: arithmetic((a, b) => op.not(op.compare("less", a, b))),
  $le: arithmetic((a, b) => op.not(op.compare("less", b, a))),
  $logic_not: unary((operands) => op.not(operands.any("A"))),
  $logic_and: binary((operands) => op.bitwise("and", operands.any("A"), operands.any("B"))),
  $logic_or: binary((operands) => op.bitwise("or", operands.any("A"), operands.any("B"))),
  $reduce_and: reduction("all"),
  $reduce_or: reduction("any"),
  $reduce_bool: reduction("any"),
  $reduce_xor: reduction("parity"),
  $reduce_xnor: unary((operands) => op.not(op.reduce("parity", operands.word("A")))),
  $shl: binary(left),
  $sshl: binary(left),
  $shr: binary(logicalRight),
  $sshr: binary(arithmeticRight),
  $shift: binary(either),
  $shiftx: binary(either),
  $mux: cell(["A", "B", "S"], choose),
  $pmux: cell(["A", "B", "S"], parallel),
  $bmux: cell(["A", "S"], indexed),
  $demux: cell(["A", "S"], distributed),
  $alu: alu,
  $fa: fullAdder,
  $lcu: lookAhead,
};
