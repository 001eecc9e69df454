import {
  HardwareError,
  instance,
  type Literal,
  type Signal,
  Signed,
  type Unsigned,
} from "../../builder/index.ts";
import { mac16 } from "./mac16.ts";
import { MAC16_IDLE } from "./mac16-ports.ts";

export interface MultiplierOptions {
  /** Clock enable of all registers; 1 if not given. */
  readonly enable?: Unsigned | Literal;
}

/**
 * The exact product of two numbers of at most 16 bits in one SB_MAC16, all of whose multiplier's registers are used: a new
 * product every cycle, 3 cycles after its operands. It is as wide as both together, and unsigned if both are.
 */
export function multiplier16(name: string, a: Unsigned, b: Unsigned, options?: MultiplierOptions): Unsigned;
export function multiplier16(name: string, a: Signed, b: Signal, options?: MultiplierOptions): Signed;
export function multiplier16(name: string, a: Signal, b: Signed, options?: MultiplierOptions): Signed;
export function multiplier16(
  name: string,
  a: Signal,
  b: Signal,
  { enable = 1 }: MultiplierOptions = {},
): Signal {
  const cell = mac16({
    a: { signed: a instanceof Signed, registered: true },
    b: { signed: b instanceof Signed, registered: true },
    pipeline: { top8x8: true, bottom8x8: true, cross: true, product16x16: true },
    top: { output: "product16x16" },
    bottom: { output: "product16x16" },
  });
  const operands = { A: operand(`multiplier ${name}`, a, 16), B: operand(`multiplier ${name}`, b, 16) };
  const product = instance(name, cell, { ...MAC16_IDLE, ...operands, CE: enable }).O.truncate(
    a.width + b.width,
  );
  return a instanceof Signed || b instanceof Signed ? product.asSigned() : product;
}

/** A number's bits on one of the cell's inputs. */
export function operand(what: string, value: Signal, width: number): Unsigned {
  if (value.width > width)
    throw new HardwareError(`${what} takes numbers of at most ${width} bits, and was given ${value.width}`);
  return value instanceof Signed ? value.extend(width).asUnsigned() : value.asUnsigned().extend(width);
}
