import { HardwareError } from "./errors.ts";
import type { Domain } from "./graph.ts";
import { unsigned } from "./shape.ts";
import type { Unsigned } from "./signal.ts";
import { makeRegisters, type VariableOf } from "./variable.ts";
import { when } from "./when.ts";

export interface StateMachine<S extends string> {
  /** The state's number, in the order of the names. */
  readonly state: Unsigned;
  /** One bit: the machine is in this state. */
  is(state: S): Unsigned;
  /** The next cycle's state, where the conditions around it hold. */
  go(state: S): void;
  /** What is assigned in each state. */
  on(bodies: { readonly [K in S]?: () => void }): void;
}

/** A register that counts through named states; it stays where it is until `go`. The first is the one after a reset. */
export function stateMachine<const S extends string>(
  name: string,
  states: readonly [S, ...S[]],
  options: { readonly domain?: Domain } = {},
): StateMachine<S> {
  if (new Set(states).size !== states.length)
    throw new HardwareError(`state machine ${name} has two states of one name`);
  const width = Math.max(1, Math.ceil(Math.log2(states.length)));
  const shape = unsigned(width);
  const register: VariableOf<typeof shape> = makeRegisters(
    name,
    shape,
    { reset: 0, initial: 0, ...options },
    { crossing: false, labels: states },
  );
  const numberOf = (state: S): number => {
    const number = states.indexOf(state);
    if (number < 0) throw new HardwareError(`${name} has no state ${state}; it has ${states.join(", ")}`);
    return number;
  };
  const is = (state: S): Unsigned => register.eq(numberOf(state));
  return {
    state: register,
    is,
    go: (state) => register.set(numberOf(state)),
    on: (bodies) => {
      const given = states.filter((state) => bodies[state] !== undefined);
      for (const state of Object.keys(bodies)) numberOf(state as S);
      const [first, ...others] = given;
      if (first === undefined) return;
      let chain = when(is(first), () => bodies[first]?.());
      for (const state of others) chain = chain.elseWhen(is(state), () => bodies[state]?.());
    },
  };
}
