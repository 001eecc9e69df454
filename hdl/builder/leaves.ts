import type { Module, Node } from "./graph.ts";

/** Everything in a module that takes a value: what drives it, and a name for it in errors. */
export interface Sink {
  readonly name: string;
  readonly node: Node;
}

/** All roots of logic: registers, ports of memories and instances, outputs, inner wires. */
export function sinksOf(module: Module): Sink[] {
  return [
    ...module.registers.map(({ name, next }) => ({ name, node: next })),
    ...module.memories.flatMap((memory) => [
      ...memory.reads.flatMap(({ name, address, enable }) =>
        [address, enable].flatMap((node) => (node === null ? [] : [{ name, node }])),
      ),
      ...memory.writes.flatMap(({ address, data, enable, mask }) =>
        [address, data, enable, mask].flatMap((node) => (node === null ? [] : [{ name: memory.name, node }])),
      ),
    ]),
    ...module.instances.flatMap(({ name, inputs }) =>
      [...inputs].map(([port, node]) => ({ name: `${name}.${port}`, node })),
    ),
    ...module.derivedDomains.flatMap(({ domain, clock, reset }) =>
      [clock, reset].flatMap((node) => (node === null ? [] : [{ name: domain.name, node }])),
    ),
    ...[...module.outputs, ...module.wires].map((wire): Sink => ({ name: wire.name, node: wire })),
  ];
}
