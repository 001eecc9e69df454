import type { Draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Instance, Module, Node } from "./graph.ts";
import type { SourceLocation } from "./source.ts";
import { operandsOf, visitInOrder } from "./walk.ts";

/** A clock, or none: both edges of one clock are the same. */
const clockOf = (domain: Domain | null): string | null => domain?.clock ?? null;

type Domains = ReadonlySet<Domain | null>;
const NONE: Domains = new Set();

const known = new WeakMap<Module, ReadonlyMap<string, Domains>>();

/**
 * @param gates enables of registers; those of registers that take values of other clocks do not
 * @throws HardwareError where something takes a value that follows another clock, and does not say so
 */
export function checkCrossings(module: Module, gates: Draft["gates"]): void {
  const follows = clocksFollowed();
  const demand = (node: Node | null, domain: Domain, what: string, source: SourceLocation): void => {
    if (node === null) return;
    for (const other of follows(node))
      if (clockOf(other) !== domain.clock) {
        const whose = other === null ? "of no clock" : `of domain ${other.name}`;
        throw new HardwareError(
          `${what} of ${module.name} belongs to clock domain ${domain.name} and follows ${culprit(node, other)} ${whose}: bring it over by synchronize or sampleAcross`,
          source,
        );
      }
  };
  for (const register of module.registers) {
    const { name, next, domain, crossing, source } = register;
    if (!crossing) demand(next, domain, `register ${name}`, source);
    demand(gates.get(register) ?? null, domain, `the enable of register ${name}`, source);
  }
  for (const { name, reads, writes } of module.memories) {
    for (const { address, enable, domain, source } of reads)
      for (const node of [address, enable]) demand(node, domain, `a read of memory ${name}`, source);
    for (const { address, data, enable, mask, domain, source } of writes)
      for (const node of [address, data, enable, mask])
        demand(node, domain, `a write to memory ${name}`, source);
  }
  for (const { name, of, inputs, domains, source } of module.instances)
    for (const input of (of.kind === "module" ? of : of.model).inputs) {
      if (input.domain === null) continue;
      const domain = domains.get(input.domain) ?? input.domain;
      demand(inputs.get(input.name) ?? null, domain, `input ${input.name} of instance ${name}`, source);
    }
  for (const { domain, reset } of module.derivedDomains)
    demand(reset, domain, `the reset of domain ${domain.name}`, module.source);
}

/** A function that tells which clocks a node's value follows; it remembers what it has seen. */
function clocksFollowed(): (node: Node) => Domains {
  const sets = new Map<Node, Domains>();
  const single = new Map<Domain | null, Domains>();
  const only = (domain: Domain | null): Domains => {
    const set = single.get(domain) ?? new Set([domain]);
    single.set(domain, set);
    return set;
  };
  return (root) => {
    visitInOrder(
      [root],
      (node) => {
        const own = domainsOf(node);
        const [first] = own;
        const leaf = first === undefined ? NONE : own.size === 1 ? only(first) : own;
        // Nearly all nodes follow one clock, and share its set.
        const parts = new Set([leaf, ...operandsOf(node).map((operand) => sets.get(operand) ?? NONE)]);
        parts.delete(NONE);
        const [part = NONE] = parts;
        sets.set(node, parts.size <= 1 ? part : new Set([...parts].flatMap((one) => [...one])));
      },
      (node) => (sets.has(node) ? [] : operandsOf(node).filter((operand) => !sets.has(operand))),
    );
    return sets.get(root) ?? NONE;
  };
}

/** Domains that a leaf itself brings in. */
function domainsOf(node: Node): Domains {
  switch (node.kind) {
    case "input":
    case "register":
    case "read":
      return new Set([node.domain]);
    case "instance-output": {
      const { instance, port } = node;
      const { of } = instance;
      const inner = outputDomains(of.kind === "module" ? of : of.model).get(port) ?? NONE;
      return new Set([...inner].map((domain) => (domain === null ? null : outerDomain(instance, domain))));
    }
    default:
      return NONE;
  }
}

const foreign = new WeakMap<Instance, Map<Domain, Domain>>();

/** The parent's domain for one inside. A clock that is made inside is none of the parent's. */
function outerDomain(instance: Instance, inner: Domain): Domain {
  const mapped = instance.domains.get(inner);
  if (mapped !== undefined) return mapped;
  const own = foreign.get(instance) ?? new Map<Domain, Domain>();
  foreign.set(instance, own);
  const made = own.get(inner) ?? {
    ...inner,
    name: `${instance.name}.${inner.name}`,
    clock: `${instance.name}.${inner.clock}`,
  };
  own.set(inner, made);
  return made;
}

function outputDomains(module: Module): ReadonlyMap<string, Domains> {
  const found = known.get(module);
  if (found !== undefined) return found;
  const follows = clocksFollowed();
  const made = new Map(module.outputs.map((output) => [output.name, follows(output)]));
  known.set(module, made);
  return made;
}

/** Name of a signal of this domain that the node follows. */
function culprit(root: Node, domain: Domain | null): string {
  let name = "a value";
  visitInOrder([root], (node) => {
    if (domainsOf(node).has(domain)) name = leafName(node);
  });
  return name;
}

function leafName(node: Node): string {
  if (node.kind === "read") return `memory ${node.memory.name}`;
  if (node.kind === "instance-output") return `output ${node.port} of ${node.instance.name}`;
  return "name" in node ? `${node.kind} ${node.name}` : "a value";
}
