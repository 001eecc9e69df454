import { HardwareError } from "./errors.ts";
import type { Domain } from "./graph.ts";
import * as op from "./operators.ts";
import { shapeOf, unsigned, type Value } from "./shape.ts";
import type { Literal, Unsigned } from "./signal.ts";
import { type DelayOptions, makeRegisters, registerOf } from "./variable.ts";

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
  for (let i = 1; i <= stages; i++) {
    const special = { crossing: i === 1, labels: null };
    last = makeRegisters(`${name}_${i}`, unsigned(1), { ...rest, next: last }, special);
  }
  return last;
}

/**
 * Takes a value of another domain into a register here, on the word of the one who writes this that it stands still, or
 * changes by one bit (Gray code), whenever it is taken.
 */
export function sampleAcross<V extends Value>(name: string, value: V, options: DelayOptions = {}): V {
  // The register has the value's own shape.
  return registerOf(name, shapeOf(value), value, options, true) as V;
}
