import { HardwareError } from "./errors.ts";
import type { Instance, Module, Node } from "./graph.ts";
import { sinksOf } from "./leaves.ts";
import type { SourceLocation } from "./source.ts";
import { operandsOf, visitInOrder } from "./walk.ts";

/** Inputs that each output follows within a cycle. */
type Dependence = ReadonlyMap<string, ReadonlySet<string>>;

const known = new WeakMap<Module, Dependence>();

/** @throws HardwareError where a value follows itself within a cycle; it names the signals along the way */
export function checkLoops(module: Module): void {
  visitInOrder(
    sinksOf(module).map(({ node }) => node),
    () => {},
    follow,
    (cycle) => {
      const named = cycle.flatMap(namedPart);
      const names = named.map(({ name }) => name);
      throw new HardwareError(
        `combinational loop in ${module.name}: ${[...names, names[0]].join(" follows ")}; a register on the way would end it`,
        named[0]?.source ?? module.source,
      );
    },
  );
}

/** A loop goes through wires and instances: operators alone follow what was there before them. */
function namedPart(node: Node): { readonly name: string; readonly source: SourceLocation }[] {
  if (node.kind === "wire") return [node];
  if (node.kind !== "instance-output") return [];
  return [{ name: `${node.instance.name}.${node.port}`, source: node.instance.source }];
}

/** Operands, and through an instance the inputs that its output follows. */
function follow(node: Node): readonly Node[] {
  if (node.kind !== "instance-output") return operandsOf(node);
  const { instance, port } = node;
  return [...(dependenceOf(instance).get(port) ?? [])].flatMap((input) => instance.inputs.get(input) ?? []);
}

function dependenceOf({ of }: Instance): Dependence {
  return moduleDependence(of.kind === "module" ? of : of.model);
}

function moduleDependence(module: Module): Dependence {
  const found = known.get(module);
  if (found !== undefined) return found;
  const sets = new Map<Node, ReadonlySet<string>>();
  const empty: ReadonlySet<string> = new Set();
  visitInOrder(
    module.outputs,
    (node) => {
      if (node.kind === "input") return void sets.set(node, new Set([node.name]));
      const parts = new Set(follow(node).map((operand) => sets.get(operand) ?? empty));
      // Most nodes follow what one of their operands follows: share the set.
      const biggest = [...parts].reduce((a, b) => (b.size > a.size ? b : a), empty);
      const more = [...parts].some((part) => [...part].some((name) => !biggest.has(name)));
      sets.set(node, more ? new Set([...parts].flatMap((part) => [...part])) : biggest);
    },
    follow,
  );
  const dependence = new Map(module.outputs.map((output) => [output.name, sets.get(output) ?? empty]));
  known.set(module, dependence);
  return dependence;
}
