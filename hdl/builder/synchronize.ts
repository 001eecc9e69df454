import { HardwareError } from "./errors.ts";
import type { Domain } from "./graph.ts";
import * as op from "./operators.ts";
import { type InputOf, type NumbersOf, type Shape, shapeOf, unsigned, type Value } from "./shape.ts";
import type { Literal, Unsigned } from "./signal.ts";
import { makeRegisters } from "./variable.ts";

export interface SynchronizeOptions {
  /** Registers in a row; two if not given. */
  readonly stages?: number;
  readonly reset?: Literal;
  readonly initial?: Literal;
  readonly domain?: Domain;
}

/**
 * Brings a bit from another clock, or from none, into this domain: registers in a row, so that one that has become
 * metastable has a cycle to settle.
 */
export function synchronize(name: string, value: Unsigned, options: SynchronizeOptions = {}): Unsigned {
  const { stages = 2, ...rest } = options;
  op.demandBit("synchronize", value.node);
  if (!Number.isInteger(stages) || stages < 1)
    throw new HardwareError(`${name} synchronised by ${stages} registers; it takes 1 at least, 2 as a rule`);
  let last: Unsigned = value;
  for (let i = 1; i <= stages; i++)
    last = makeRegisters(
      `${name}_${i}`,
      unsigned(1),
      { ...rest, next: last },
      { crossing: i === 1, labels: null },
    );
  return last;
}

export interface SampleOptions {
  readonly reset?: Literal;
  readonly initial?: Literal;
  readonly enable?: Unsigned;
  readonly domain?: Domain;
}

/**
 * Takes a value of another domain into a register here, on the word of the one who writes this that it stands still, or
 * changes by one bit (Gray code), whenever it is taken.
 */
export function sampleAcross<V extends Value>(name: string, value: V, options: SampleOptions = {}): V {
  const shape: Shape = shapeOf(value);
  const register: Value = makeRegisters(
    name,
    shape,
    // The value has its own shape; a single number is a reset of any.
    { ...options, next: value } as { next: InputOf<Shape>; reset?: NumbersOf<Shape> },
    { crossing: true, labels: null },
  );
  return register as V;
}
