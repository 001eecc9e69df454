import type { InstanceOutput, Memory, Node } from "../../../hdl/builder/graph.ts";
import { findUnused } from "../../../hdl/builder/unused.ts";
import type { Unit } from "../../../src/verify/units.ts";

/** Where an arrow begins or ends: a unit's path, a memory's in a unit that is open, or a pin's name behind "pin:". */
export type Place = string;

/** Values that go from one place to another. */
export interface Arrow {
  readonly from: Place;
  readonly to: Place;
  /** The ports that it leaves, and those that it reaches, have so many bits together: the fewer of both. */
  readonly bits: number;
}

/** A signal at a place: what reaches it through wires, registers and operators of the units around. */
interface Sink {
  readonly to: Place;
  readonly port: string;
  readonly node: Node;
  readonly within: Scope;
}

/** An open unit, with the one around it. */
interface Scope {
  readonly unit: Unit;
  readonly around: Scope | null;
}

const isOpen = ({ parts }: Unit): boolean => parts.length > 0;
export const memoryPath = (unit: Unit, memory: Memory): Place =>
  unit.path === "" ? memory.name : `${unit.path}.${memory.name}`;

/** What says where, and not what. */
const ADDRESS = /(^|_)(address|place|group|number|piece|tag|mask|index)$/;

/** The arrows of a design: values of several bits, but no addresses; and pins. */
export function arrowsOf(top: Unit): Arrow[] {
  const found = new Map<string, Ends>();
  for (const sink of sinksOf({ unit: top, around: null })) {
    for (const { place, port, width } of sourcesOf(sink)) {
      if (place === sink.to) continue;
      const key = `${place} ${sink.to}`;
      const ends = found.get(key) ?? { from: place, to: sink.to, leaving: new Map(), reaching: new Map() };
      ends.leaving.set(port, width);
      ends.reaching.set(sink.port, sink.node.type.width);
      found.set(key, ends);
    }
  }
  return [...found.values()].map(({ from, to, leaving, reaching }) => ({
    from,
    to,
    bits: Math.min(total(leaving), total(reaching)),
  }));
}

interface Ends {
  readonly from: Place;
  readonly to: Place;
  readonly leaving: Map<string, number>;
  readonly reaching: Map<string, number>;
}

const total = (widths: ReadonlyMap<string, number>): number =>
  [...widths.values()].reduce((sum, width) => sum + width, 0);

function* sinksOf(scope: Scope): Generator<Sink> {
  const { unit } = scope;
  for (const part of unit.parts) {
    if (isOpen(part)) {
      yield* sinksOf({ unit: part, around: scope });
      continue;
    }
    const unused = unusedInputs(part);
    for (const [port, node] of part.instance?.inputs ?? [])
      if (!ADDRESS.test(port) && !unused.has(port)) yield { to: part.path, port, node, within: scope };
  }
  for (const memory of unit.module.memories)
    for (const { data } of memory.writes)
      yield { to: memoryPath(unit, memory), port: "data", node: data, within: scope };
  if (scope.around === null)
    for (const output of unit.module.outputs)
      yield { to: `pin:${output.name}`, port: output.name, node: output, within: scope };
}

const unusedInputs = ({ module }: Unit): ReadonlySet<string> =>
  new Set(
    findUnused(module)
      .filter((one) => one.kind === "input" && one.module === module.name)
      .map(({ name }) => name),
  );

function sourcesOf(sink: Sink): { place: Place; port: string; width: number }[] {
  const found: { place: Place; port: string; width: number }[] = [];
  const seen = new Map<Scope, Set<Node>>();
  const scopes = new Map<string, Scope>();
  const stack: { node: Node; within: Scope }[] = [];
  const visit = (node: Node, within: Scope): void => {
    const nodes = seen.get(within) ?? new Set();
    seen.set(within, nodes);
    if (nodes.has(node) || node.type.width < 2) return;
    nodes.add(node);
    stack.push({ node, within });
  };
  const leave = ({ instance, port }: InstanceOutput, within: Scope): void => {
    const part = within.unit.parts.find((one) => one.instance === instance);
    if (part === undefined) return;
    if (!isOpen(part)) {
      found.push({ place: part.path, port, width: instance.outputs.get(port)?.type.width ?? 0 });
      return;
    }
    // One scope for each, whoever comes: so that a loop ends.
    const inner = scopes.get(part.path) ?? { unit: part, around: within };
    scopes.set(part.path, inner);
    const output = part.module.outputs.find(({ name }) => name === port);
    if (output !== undefined) visit(output, inner);
  };
  for (let scope: Scope | null = sink.within; scope !== null; scope = scope.around)
    scopes.set(scope.unit.path, scope);
  visit(sink.node, sink.within);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { node, within } = at;
    if (node.kind === "read")
      found.push({
        place: memoryPath(within.unit, node.memory),
        port: node.memory.name,
        width: node.type.width,
      });
    else if (node.kind === "instance-output") leave(node, within);
    else if (node.kind === "input") {
      if (within.around === null)
        found.push({ place: `pin:${node.name}`, port: node.name, width: node.type.width });
      else {
        const outer = within.unit.instance?.inputs.get(node.name);
        if (outer !== undefined) visit(outer, within.around);
      }
    } else for (const value of valuesOf(node)) visit(value, within);
  }
  return found;
}

/** What a node's value is made of: not what chooses it. */
function valuesOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "register":
      return [node.next];
    case "wire":
      return [node.driver];
    case "mux":
      return [node.then, node.otherwise];
    case "select":
      return node.cases;
    case "shift-left":
    case "shift-right":
    case "not":
    case "slice":
    case "convert":
      return [node.value];
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
      return [node.left, node.right];
    case "concat":
      return node.parts;
    default:
      return [];
  }
}

/** Lines of single bits between a design's pins and its units; pads of one unit are one place. */
export function pinArrowsOf(top: Unit): Arrow[] {
  const arrows: Arrow[] = [];
  const scope = { unit: top, around: null };
  for (const output of top.module.outputs) {
    const from = behind(output, scope);
    if (from !== null) arrows.push({ from, to: pin(output.name), bits: output.type.width });
  }
  for (const { to, node, within } of inputsWithin(scope)) {
    const from = behind(node, within);
    if (from?.startsWith(PIN)) arrows.push({ from, to, bits: node.type.width });
  }
  for (const { path, instance } of top.parts) {
    const pads = [...(instance?.inouts.values() ?? [])];
    if (pads.length > 0) arrows.push({ from: path, to: pin(padsName(pads)), bits: pads.length });
  }
  return arrows;
}

const PIN = "pin:";
const pin = (name: string): Place => `${PIN}${name}`;

/** What the names of some pads have in common, and how many they are. */
function padsName(pads: readonly { readonly name: string }[]): string {
  const [first = ""] = pads.map(({ name }) => name);
  let length = first.length;
  for (const { name } of pads) while (!name.startsWith(first.slice(0, length))) length--;
  return `${first.slice(0, length).replace(/_$/, "")} pads`;
}

function* inputsWithin(scope: Scope): Generator<Sink> {
  for (const part of scope.unit.parts) {
    if (isOpen(part)) yield* inputsWithin({ unit: part, around: scope });
    else
      for (const [port, node] of part.instance?.inputs ?? [])
        yield { to: part.path, port, node, within: scope };
  }
}

/** The place that a signal comes from unchanged, or null. */
function behind(node: Node, scope: Scope): Place | null {
  if (node.kind === "wire") return behind(node.driver, scope);
  if (node.kind === "input") {
    if (scope.around === null) return pin(node.name);
    const outer = scope.unit.instance?.inputs.get(node.name);
    return outer === undefined ? null : behind(outer, scope.around);
  }
  if (node.kind !== "instance-output") return null;
  const part = scope.unit.parts.find(({ instance }) => instance === node.instance);
  if (part === undefined) return null;
  if (!isOpen(part)) return part.path;
  const output = part.module.outputs.find(({ name }) => name === node.port);
  return output === undefined ? null : behind(output, { unit: part, around: scope });
}
