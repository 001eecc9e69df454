import type { Draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { DerivedDomain, Domain, Module } from "./graph.ts";

/**
 * Clocks and resets of a module: those of all registers, memory ports and instances come in by ports, but for those that are
 * made inside.
 * @throws HardwareError where two domains, or a domain's port and something else, share a name
 */
export function clocksOf(draft: Draft): Pick<Module, "domains" | "resets" | "derivedDomains"> {
  const { domains, resets } = domainsUsed(draft);
  checkDistinct(draft, domains);
  const derivedDomains = deriveBothEdges(draft, domains);
  for (const { domain, reset } of derivedDomains)
    if (reset === null && resets.has(domain))
      throw new HardwareError(
        `domain ${domain.name} of ${draft.name} has registers with a reset; give driveClock one`,
        draft.source,
      );
  const derived = new Set(derivedDomains.map(({ domain }) => domain));
  const ours = [...domains].filter((domain) => !derived.has(domain));
  checkPorts(draft, ours, resets);
  return { domains: ours, resets: new Set(ours.filter((domain) => resets.has(domain))), derivedDomains };
}

interface DomainsUsed {
  readonly domains: ReadonlySet<Domain>;
  readonly resets: ReadonlySet<Domain>;
}

/** The module's own domain comes first. */
function domainsUsed({ domain: home, registers, memories, instances }: Draft): DomainsUsed {
  const domains = new Set<Domain>();
  const resets = new Set<Domain>();
  for (const { domain, reset } of registers) {
    domains.add(domain);
    if (reset !== null) resets.add(domain);
  }
  for (const { reads, writes } of memories)
    for (const { domain } of [...reads, ...writes]) domains.add(domain);
  for (const { of, domains: map } of instances) {
    const inner = of.kind === "module" ? of : of.model;
    for (const domain of inner.domains) domains.add(map.get(domain) ?? domain);
    for (const domain of inner.resets) resets.add(map.get(domain) ?? domain);
  }
  return { domains: domains.has(home) ? new Set([home, ...domains]) : domains, resets };
}

/** The same object means the same clock; what looks the same has to be it. */
function checkDistinct({ name, source, inputs, derivedDomains }: Draft, domains: Iterable<Domain>): void {
  const all = new Set([
    ...domains,
    ...inputs.flatMap(({ domain }) => domain ?? []),
    ...derivedDomains.map(({ domain }) => domain),
  ]);
  const names = new Map<string, Domain>();
  const clocks = new Map<string, Domain>();
  for (const domain of all) {
    const clock = `${domain.edge} ${domain.clock}`;
    const other = names.get(domain.name) ?? clocks.get(clock);
    if (other !== undefined)
      throw new HardwareError(
        `${name} has two clock domains called ${domain.name}, with clock ${domain.clock}: make it once, and use that object`,
        source,
      );
    names.set(domain.name, domain);
    clocks.set(clock, domain);
  }
}

/** Registers at the other edge of a clock that is made inside follow the same clock. */
function deriveBothEdges({ derivedDomains }: Draft, domains: ReadonlySet<Domain>): readonly DerivedDomain[] {
  const made = new Set(derivedDomains.map(({ domain }) => domain));
  return derivedDomains.flatMap((derived) => [
    derived,
    ...[...domains]
      .filter((domain) => domain.clock === derived.domain.clock && !made.has(domain))
      .map((domain) => ({ ...derived, domain })),
  ]);
}

function checkPorts({ name, names, source }: Draft, domains: readonly Domain[], resets: ReadonlySet<Domain>) {
  for (const domain of domains)
    for (const port of [domain.clock, ...(resets.has(domain) ? [domain.reset] : [])])
      if (names.has(port))
        throw new HardwareError(
          `${name} uses the name ${port}, which is the port of clock domain ${domain.name}; give it another`,
          names.get(port) ?? source,
        );
}
