import { checkName, draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Domain } from "./graph.ts";
import * as op from "./operators.ts";
import { type Literal, Unsigned } from "./signal.ts";

/** The clock of every module that says nothing else: ports `clock` and `reset`. */
export const SYNC: Domain = { name: "sync", clock: "clock", reset: "reset", edge: "rising" };

/** A clock of its own, with ports `<name>_clock` and `<name>_reset` unless they are given other names. */
export function clockDomain(
  name: string,
  {
    clock = `${name}_clock`,
    reset = `${name}_reset`,
  }: { readonly clock?: string; readonly reset?: string } = {},
): Domain {
  checkName(name, "a clock domain");
  checkName(clock, "a clock");
  checkName(reset, "a reset");
  return { name, clock, reset, edge: "rising" };
}

/** The domain of the other edge of the same clock; that of a falling one is the rising one. */
export function fallingEdge(domain: Domain): Domain {
  const known = falling.get(domain);
  if (known !== undefined) return known;
  const made: Domain = {
    ...domain,
    name: `${domain.name}_falling`,
    edge: domain.edge === "rising" ? "falling" : "rising",
  };
  falling.set(domain, made);
  falling.set(made, domain);
  return made;
}

const falling = new WeakMap<Domain, Domain>();

/** Registers, memory ports and instances made in `body` belong to `domain`. */
export function inDomain<T>(domain: Domain, body: () => T): T {
  const at = draft("inDomain");
  const outer = at.domain;
  at.domain = domain;
  try {
    return body();
  } finally {
    at.domain = outer;
  }
}

/** The domain that new registers belong to. */
export const currentDomain = (): Domain => draft("a clock domain").domain;

/**
 * Makes `domain`'s clock inside this module (by a PLL or an oscillator), so that it is no port. `reset` follows the new
 * clock.
 */
export function driveClock(domain: Domain, clock: Unsigned, reset: Unsigned | Literal | null = null): void {
  const at = draft("driveClock");
  if (at.derivedDomains.some((derived) => derived.domain.clock === domain.clock))
    throw new HardwareError(`the clock of domain ${domain.name} is driven twice in ${at.name}`);
  op.demandBit("a clock", clock.node);
  const resetNode =
    reset === null ? null : reset instanceof Unsigned ? reset.node : op.literalOf(reset, op.BIT, "a reset");
  if (resetNode !== null) op.demandBit("a reset", resetNode);
  at.derivedDomains.push({ domain, clock: clock.node, reset: resetNode });
}
