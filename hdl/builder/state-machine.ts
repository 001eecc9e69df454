import { HardwareError } from "./errors.ts";
import type { Domain } from "./graph.ts";
import { unsigned } from "./shape.ts";
import type { Unsigned } from "./signal.ts";
import { whenEach } from "./switch.ts";
import { indexWidth } from "./type.ts";
import { makeRegisters } from "./variable.ts";

export interface StateMachine<S extends string> {
  /** The state's number, in the order of the names. */
  readonly state: Unsigned;
  /** One bit: the machine is in this state. */
  is(state: S): Unsigned;
  /** The next cycle's state, where the conditions around it hold. */
  go(state: S): void;
  /** What is assigned in each state. What all states assign is driven. */
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
  const shape = unsigned(indexWidth(states.length));
  const special = { crossing: false, labels: states };
  const register = makeRegisters(name, shape, { reset: 0, initial: 0, ...options }, special);
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
      // A state that is misspelt has no number.
      for (const state of Object.keys(bodies)) numberOf(state as S);
      const branches = states.flatMap((state) => {
        const body = bodies[state];
        return body === undefined ? [] : [[is(state), body] as const];
      });
      whenEach(branches, branches.length === states.length);
    },
  };
}
