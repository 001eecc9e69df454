import { HardwareError } from "./errors.ts";
import type { Domain, Module, Node } from "./graph.ts";
import type { SourceLocation } from "./source.ts";
import { operandsOf, visitInOrder } from "./walk.ts";

/** A clock, or none: both edges of one clock are the same. */
const clockOf = (domain: Domain | null): string => domain?.clock ?? "no clock";

const known = new WeakMap<Module, ReadonlyMap<string, ReadonlySet<Domain | null>>>();

/** @throws HardwareError where something takes a value that follows another clock, and does not say so */
export function checkCrossings(module: Module): void {
  const follows = clocksFollowed();
  const demand = (node: Node | null, domain: Domain, what: string, source: SourceLocation): void => {
    if (node === null) return;
    for (const other of follows(node))
      if (clockOf(other) !== domain.clock)
        throw new HardwareError(
          `${what} of ${module.name} belongs to clock domain ${domain.name} and follows ${other === null ? "an input of no clock" : `domain ${other.name}`}: bring it over by synchronize or sampleAcross`,
          source,
        );
  };
  for (const { name, next, domain, crossing, source } of module.registers)
    if (!crossing) demand(next, domain, `register ${name}`, source);
  for (const { name, reads, writes } of module.memories) {
    for (const { address, enable, domain, source } of reads)
      for (const node of [address, enable]) demand(node, domain, `a read of ${name}`, source);
    for (const { address, data, enable, mask, domain, source } of writes)
      for (const node of [address, data, enable, mask]) demand(node, domain, `a write to ${name}`, source);
  }
  for (const { name, of, inputs, domains, source } of module.instances) {
    for (const input of (of.kind === "module" ? of : of.model).inputs) {
      if (input.domain === null) continue;
      const domain = domains.get(input.domain) ?? input.domain;
      demand(inputs.get(input.name) ?? null, domain, `input ${input.name} of ${name}`, source);
    }
  }
}

/** A function that tells which clocks a node's value follows; it remembers what it has seen. */
function clocksFollowed(): (node: Node) => ReadonlySet<Domain | null> {
  const sets = new Map<Node, ReadonlySet<Domain | null>>();
  const empty: ReadonlySet<Domain | null> = new Set();
  const leaf = (node: Node): ReadonlySet<Domain | null> => {
    switch (node.kind) {
      case "input":
      case "register":
      case "read":
        return new Set([node.domain]);
      case "instance-output": {
        const { of, domains } = node.instance;
        const inner = outputDomains(of.kind === "module" ? of : of.model).get(node.port) ?? empty;
        return new Set(
          [...inner].map((domain) => (domain === null ? null : (domains.get(domain) ?? domain))),
        );
      }
      default:
        return empty;
    }
  };
  return (root) => {
    visitInOrder(
      [root],
      (node) => {
        const parts = new Set([leaf(node), ...operandsOf(node).map((operand) => sets.get(operand) ?? empty)]);
        parts.delete(empty);
        const [only = empty] = parts;
        sets.set(node, parts.size <= 1 ? only : new Set([...parts].flatMap((part) => [...part])));
      },
      (node) => (sets.has(node) ? [] : operandsOf(node).filter((operand) => !sets.has(operand))),
    );
    return sets.get(root) ?? empty;
  };
}

function outputDomains(module: Module): ReadonlyMap<string, ReadonlySet<Domain | null>> {
  const found = known.get(module);
  if (found !== undefined) return found;
  const follows = clocksFollowed();
  const made = new Map(module.outputs.map((output) => [output.name, follows(output)]));
  known.set(module, made);
  return made;
}
