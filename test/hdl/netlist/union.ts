import type {
  Domain,
  Input,
  Instance,
  InstanceOutput,
  Module,
  Node,
  Wire,
} from "../../../hdl/builder/graph.ts";
import { UNKNOWN_SOURCE as source } from "../../../hdl/builder/source.ts";

/** A module that holds all of these side by side, under their names, with common clocks: one run of a tool does for all. */
export function union(modules: ReadonlyMap<string, Module>): Module {
  const domains = new Map<string, Domain>();
  const shared = (domain: Domain): Domain => {
    const key = `${domain.clock} ${domain.edge}`;
    const known = domains.get(key) ?? { ...domain, name: key.replace(" ", "_") };
    domains.set(key, known);
    return known;
  };
  const inputs: Input[] = [];
  const outputs: Wire[] = [];
  const instances: Instance[] = [];
  const resets = new Set<Domain>();
  for (const [name, of] of modules) {
    const inside = new Map<string, Node>();
    const results = new Map<string, InstanceOutput>();
    const instance: Instance = {
      kind: "instance",
      name,
      source,
      of,
      inputs: inside,
      outputs: results,
      inouts: new Map(),
      domains: new Map(of.domains.map((domain) => [domain, shared(domain)])),
    };
    instances.push(instance);
    for (const domain of of.resets) resets.add(shared(domain));
    for (const { name: port, type, domain } of of.inputs) {
      const follows = domain === null || !of.domains.includes(domain) ? null : shared(domain);
      const input: Input = { kind: "input", name: `${name}_${port}`, type, domain: follows, source };
      inputs.push(input);
      inside.set(port, input);
    }
    for (const { name: port, type } of of.outputs) {
      const driver: InstanceOutput = { kind: "instance-output", type, instance, port };
      results.set(port, driver);
      outputs.push({ kind: "wire", name: `${name}_${port}`, source, type, driver });
    }
  }
  return {
    kind: "module",
    name: "all",
    description: null,
    source,
    inputs,
    outputs,
    inouts: [],
    wires: [],
    registers: [],
    memories: [],
    instances,
    domains: [...domains.values()],
    resets,
    derivedDomains: [],
  };
}
