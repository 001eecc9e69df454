import type { Inout, Input, Instance, Memory, Module, Node, ReadPort, Register, Wire } from "./graph.ts";
import type { SourceLocation } from "./source.ts";
import { operandsOf, visitInOrder } from "./walk.ts";

/** Something with a name that nothing outside of it reads. */
export interface Unused {
  readonly kind: "input" | "inout" | "wire" | "register" | "memory" | "read" | "instance";
  readonly module: string;
  readonly name: string;
  readonly source: SourceLocation;
}

/** Everything in a module, and in the modules inside it, that has no influence on an output or on a pin. */
export function findUnused(module: Module, seen = new Set<Module>()): Unused[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const used = usedIn(module);
  const report = (
    kind: Unused["kind"],
    things: readonly (Input | Inout | Wire | Register | Memory | ReadPort | Instance)[],
  ): Unused[] =>
    things
      .filter((thing) => !used.has(thing))
      .map(({ name, source }) => ({ kind, module: module.name, name, source }));
  return [
    ...report("input", module.inputs),
    ...report("inout", module.inouts),
    ...report("wire", module.wires),
    ...report("register", module.registers),
    ...report("memory", module.memories),
    ...report(
      "read",
      module.memories.flatMap((memory) => (used.has(memory) ? memory.reads : [])),
    ),
    ...report("instance", module.instances),
    ...module.instances.flatMap(({ of }) => (of.kind === "module" ? findUnused(of, seen) : [])),
  ];
}

/** Whether it does something that no output shows: on a pin, or in a cell that has no outputs. */
function acts({ of, inouts, outputs }: Instance): boolean {
  if (inouts.size > 0 || outputs.size === 0) return true;
  return of.kind === "module" && of.instances.some(acts);
}

/** Nodes, memories and instances that something visible follows. */
function usedIn(module: Module): ReadonlySet<object> {
  const used = new Set<object>();
  const queue: Node[] = [...module.outputs];
  const take = (nodes: Iterable<Node | null>): void => {
    for (const node of nodes) if (node !== null) queue.push(node);
  };
  const useInstance = (instance: Instance): void => {
    if (used.has(instance)) return;
    used.add(instance);
    for (const pad of instance.inouts.values()) used.add(pad);
    take(instance.inputs.values());
  };
  for (const { clock, reset } of module.derivedDomains) take([clock, reset]);
  for (const instance of module.instances) if (acts(instance)) useInstance(instance);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (used.has(node)) continue;
    visitInOrder(
      [node],
      (inner) => {
        used.add(inner);
        if (inner.kind === "register") take([inner.next]);
        else if (inner.kind === "instance-output") useInstance(inner.instance);
        else if (inner.kind === "read") {
          take([inner.address, inner.enable]);
          if (used.has(inner.memory)) return;
          used.add(inner.memory);
          for (const { address, data, enable, mask } of inner.memory.writes)
            take([address, data, enable, mask]);
        }
      },
      (inner) => operandsOf(inner).filter((operand) => !used.has(operand)),
    );
  }
  return used;
}
