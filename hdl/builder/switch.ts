import { HardwareError } from "./errors.ts";
import * as op from "./operators.ts";
import { type Signal, Unsigned } from "./signal.ts";
import { when } from "./when.ts";

/**
 * What is assigned for each value of `signal`: bodies by number, and `otherwise` for numbers that have none. What the bodies of
 * all numbers assign is driven.
 */
export function switchOn(
  signal: Signal,
  cases: Readonly<Record<number, () => void>>,
  otherwise?: () => void,
): void {
  const branches = Object.entries(cases).map(([number, body]): Branch => {
    if (!/^-?\d+$/.test(number)) throw new HardwareError(`a case for ${number}; cases are whole numbers`);
    const value = op.literalBeside(BigInt(number), signal.type);
    return [new Unsigned(op.compare("equal", signal.node, value)), body];
  });
  const complete = BigInt(branches.length) === 1n << BigInt(signal.width);
  if (complete && otherwise !== undefined)
    throw new HardwareError(`all ${branches.length} numbers have a case, so that otherwise never counts`);
  whenEach(branches, complete, otherwise);
}

type Branch = readonly [condition: Unsigned, body: () => void];

/** Bodies of conditions that exclude each other. `complete`: one of them always holds, so that the last needs no test. */
export function whenEach(branches: readonly Branch[], complete: boolean, otherwise?: () => void): void {
  const [first, ...others] = branches;
  if (first === undefined) {
    otherwise?.();
    return;
  }
  let chain = when(...first);
  for (const [i, [condition, body]] of others.entries()) {
    if (complete && i === others.length - 1) chain.otherwise(body);
    else chain = chain.elseWhen(condition, body);
  }
  if (otherwise !== undefined) chain.otherwise(otherwise);
}
