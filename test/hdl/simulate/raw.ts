import type { Domain, Input, Module, Node, NumberType, Wire } from "../../../hdl/builder/graph.ts";
import { UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";

export const wireOf = (name: string, driver: Node): Wire => ({
  kind: "wire",
  name,
  source: UNKNOWN_SOURCE,
  type: driver.type,
  driver,
});

/** A module without state, as data: inputs `in0`, `in1` ..., outputs `out0`, `out1` ... */
export function combinational(
  types: readonly NumberType[],
  outputs: (...inputs: readonly Input[]) => readonly Node[],
): Module {
  const inputs = types.map(
    (type, i): Input => ({ kind: "input", name: `in${i}`, source: UNKNOWN_SOURCE, type, domain: null }),
  );
  return {
    kind: "module",
    name: "top",
    description: null,
    source: UNKNOWN_SOURCE,
    inputs,
    outputs: outputs(...inputs).map((node, i) => wireOf(`out${i}`, node)),
    inouts: [],
    wires: [],
    registers: [],
    memories: [],
    instances: [],
    domains: [],
    resets: new Set<Domain>(),
    derivedDomains: [],
  };
}
