import type { Node, NumberType, Wire } from "../../hdl/builder/graph.ts";
import * as op from "../../hdl/builder/operators.ts";
import { UNKNOWN_SOURCE } from "../../hdl/builder/source.ts";
import { sameType } from "../../hdl/builder/type.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";
import { randomValue, randomWidth } from "./random-value.ts";

/** Makes operations on nodes that were made before, so that no loop can arise. */
export class RandomOperations {
  /** What new operations may take. */
  readonly nodes: Node[] = [];
  readonly wires: Wire[] = [];
  private readonly random: Random;
  private readonly maxWidth: number;

  constructor(random: Random, maxWidth: number) {
    this.random = random;
    this.maxWidth = maxWidth;
  }

  type(max = this.maxWidth): NumberType {
    return { width: randomWidth(this.random, max), signed: this.random.chance(0.4) };
  }

  constant(type: NumberType): Node {
    return op.constant(randomValue(this.random, type), type);
  }

  /** A node made before, or a constant. */
  pick(): Node {
    const { random, nodes } = this;
    if (random.chance(0.07)) return this.constant(this.type());
    return random.chance(0.5) ? random.pick(nodes) : nodes[Math.max(0, nodes.length - 1 - random.below(8))]!;
  }

  /** A node of at most `max` bits. */
  private operand(max = this.maxWidth): Node {
    const node = this.pick();
    return node.type.width <= max ? node : this.as(node, this.type(max));
  }

  of(type: NumberType): Node {
    const same = this.nodes.filter((node) => sameType(node.type, type));
    return same.length > 0 && this.random.chance(0.5) ? this.random.pick(same) : this.as(this.pick(), type);
  }

  private as(value: Node, type: NumberType): Node {
    return op.convert(value, type);
  }

  bit(): Node {
    return this.random.chance(0.5) ? this.of(op.BIT) : this.comparison();
  }

  /** Two nodes of the same signedness, of at most `max` bits. */
  private pair(max: number): readonly [Node, Node] {
    const left = this.operand(max);
    const right = this.operand(max);
    const { signed } = left.type;
    return [left, this.as(right, { width: right.type.width, signed })];
  }

  operation(): Node {
    const { random } = this;
    const makers = [
      () => this.arithmetic(),
      () => this.arithmetic(),
      () => this.bitwise(),
      () => this.comparison(),
      () => op.not(this.pick()),
      () => this.shift(),
      () => op.reduce(random.pick(["all", "any", "parity"]), this.pick()),
      () => this.mux(),
      () => this.muxChain(),
      () => this.switchChain(),
      () => this.select(),
      () => this.concat(),
      () => this.slice(),
      () => this.as(this.pick(), this.type()),
      () => this.wire(),
    ];
    return random.pick(makers)();
  }

  private arithmetic(): Node {
    const make = this.random.pick([op.add, op.subtract, op.multiply]);
    const max = this.maxWidth;
    return make(...this.pair(Math.max(1, make === op.multiply ? max >> 1 : max - 1)));
  }

  private bitwise(): Node {
    const left = this.pick();
    return op.bitwise(this.random.pick(["and", "or", "xor"]), left, this.of(left.type));
  }

  private comparison(): Node {
    const [left, right] = this.pair(this.maxWidth);
    const other = this.random.chance(0.2) ? this.constant(left.type) : right;
    return op.compare(this.random.pick(["equal", "less"]), left, other);
  }

  private shift(): Node {
    const { random } = this;
    const max = this.maxWidth;
    const constant = random.chance(0.5);
    if (random.chance(0.5)) {
      const value = this.operand();
      if (constant) return op.shiftRight(value, op.literal(random.below(value.type.width + 2), false));
      const any = random.chance(0.2);
      return op.shiftRight(
        value,
        any ? this.as(this.pick(), op.unsignedType(1 + random.below(8))) : this.amount(6),
      );
    }
    const bits = 1 + random.below(4);
    const value = this.operand(Math.max(1, max - 2 ** bits + 1));
    const room = max - value.type.width;
    if (constant || room < 2 ** bits - 1)
      return op.shiftLeft(value, op.literal(random.below(Math.min(40, room + 1)), false));
    return op.shiftLeft(value, this.amount(bits));
  }

  /** An unsigned number of at most so many bits. */
  private amount(bits: number): Node {
    return this.of(op.unsignedType(1 + this.random.below(bits)));
  }

  private mux(): Node {
    const value = this.pick();
    return op.mux(this.bit(), value, this.of(value.type));
  }

  /** Conditions one after another, as nested `when` makes them. */
  private muxChain(): Node {
    let chain = this.pick();
    for (let i = 2 + this.random.below(4); i > 0; i--) chain = this.either(chain, this.of(chain.type));
    return chain;
  }

  either(a: Node, b: Node): Node {
    return this.random.chance(0.5) ? op.mux(this.bit(), a, b) : op.mux(this.bit(), b, a);
  }

  /** One value compared with constants. */
  private switchChain(): Node {
    const on = this.operand(this.random.chance(0.8) ? 5 : this.maxWidth);
    let chain = this.pick();
    for (let i = 2 + this.random.below(6); i > 0; i--)
      chain = op.mux(op.compare("equal", on, this.constant(on.type)), this.of(chain.type), chain);
    return chain;
  }

  private select(): Node {
    const { random } = this;
    const index = random.chance(0.1) ? this.of(op.unsignedType(this.type().width)) : this.amount(4);
    const first = this.pick();
    const others = random.below(Math.min(10, 2 ** index.type.width));
    return op.select(index, [first, ...Array.from({ length: others }, () => this.of(first.type))]);
  }

  private concat(): Node {
    const max = this.maxWidth;
    const count = Math.min(max, this.random.below(10) === 0 ? 1 : 2 + this.random.below(4));
    return op.concat(Array.from({ length: count }, () => this.operand(Math.floor(max / count))));
  }

  private slice(): Node {
    const value = this.pick();
    const low = this.random.below(value.type.width);
    return op.slice(value, low + this.random.below(value.type.width - low), low);
  }

  private wire(): Node {
    const driver = this.pick();
    const wire: Wire = {
      kind: "wire",
      name: `wire${this.wires.length}`,
      source: UNKNOWN_SOURCE,
      type: driver.type,
      driver,
    };
    this.wires.push(wire);
    return wire;
  }
}
