import type { Instance, InstanceOutput, Module, Node, Wire } from "../builder/graph.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import { isOperation } from "../simulate/interpret.ts";
import { mapOperands } from "../simulate/rewrite.ts";
import { isNever, type MemoryPorts, mapMemory, memoryNodes, memoryPorts } from "./memories.ts";
import type { Root } from "./plan.ts";
import { isConstant, type RegisterBlock, registerBlocks } from "./registers.ts";
import { Simplifier } from "./simplify.ts";
import { mapStatements, nodesIn } from "./statement.ts";

/** What a module computes, simplified: everything that takes a value. */
export interface Logic {
  readonly drivers: ReadonlyMap<Wire, Node>;
  readonly blocks: readonly RegisterBlock[];
  readonly memories: readonly MemoryPorts[];
  readonly inputs: ReadonlyMap<Instance, ReadonlyMap<string, Node>>;
  /** Wires that are tied to an output of an instance, and need no assignment. */
  readonly tied: ReadonlyMap<InstanceOutput, Wire>;
}

/** Registers that nothing changes and reads that never happen: their values, as far as anybody may count on them. */
export function neverChanging(module: Module): ReadonlyMap<Node, bigint> {
  const simplifier = new Simplifier();
  const numbers = new Map<Node, bigint>();
  for (const register of module.registers)
    if (isConstant(register, module)) numbers.set(register, register.initial ?? 0n);
  for (const read of module.memories.flatMap(({ reads }) => reads))
    if (read.enable !== null && isNever(simplifier.simplify(read.enable))) numbers.set(read, 0n);
  return numbers;
}

/** @param wires all wires of the module, those first whose names are the best ones for values with several */
export function logicOf(module: Module, wires: readonly Wire[], simplifier: Simplifier): Logic {
  const drivers = new Map(wires.map((wire) => [wire, simplifier.simplify(wire.driver)]));
  const tied = new Map<InstanceOutput, Wire>();
  for (const wire of [...wires.filter((one) => module.outputs.includes(one)), ...wires]) {
    const driver = drivers.get(wire);
    if (driver?.kind === "instance-output" && !tied.has(driver)) tied.set(driver, wire);
  }
  const logic: Logic = {
    drivers,
    blocks: registerBlocks(module, simplifier),
    memories: module.memories.map((memory) => memoryPorts(memory, simplifier)),
    inputs: new Map(
      module.instances.map((instance) => [
        instance,
        new Map([...instance.inputs].map(([port, node]) => [port, simplifier.simplify(node)])),
      ]),
    ),
    tied,
  };
  return withNames(logic);
}

/** A value that drives a wire is called by the wire's name wherever else it is used. */
function withNames(logic: Logic): Logic {
  const names = new Map<Node, Wire>();
  for (const [wire, driver] of logic.drivers)
    if (isWorthItsName(driver) && !names.has(driver)) names.set(driver, wire);
  const images = new Map<Node, Node>();
  const image = (node: Node): Node => names.get(node) ?? images.get(node) ?? node;
  const named = (root: Node): Node => {
    visitInOrder(
      [root],
      (node) => {
        if (!images.has(node)) images.set(node, isOperation(node) ? changed(node, image) : node);
      },
      (node) => (images.has(node) || !isOperation(node) ? [] : operandsOf(node)),
    );
    return images.get(root) ?? root;
  };
  const use = (root: Node): Node => {
    const whole = named(root);
    return names.get(root) ?? whole;
  };
  return {
    tied: logic.tied,
    drivers: new Map(
      [...logic.drivers].map(([wire, driver]) => [
        wire,
        names.get(driver) === wire ? named(driver) : use(driver),
      ]),
    ),
    blocks: logic.blocks.map((block) => ({ ...block, statements: mapStatements(block.statements, use) })),
    memories: logic.memories.map((memory) => mapMemory(memory, use)),
    inputs: new Map(
      [...logic.inputs].map(([instance, inputs]) => [
        instance,
        new Map([...inputs].map(([port, node]) => [port, use(node)])),
      ]),
    ),
  };
}

function changed(node: Node, image: (operand: Node) => Node): Node {
  return operandsOf(node).every((operand) => image(operand) === operand) ? node : mapOperands(node, image);
}

/** Bits of something are better read as what they are. */
function isWorthItsName(node: Node): boolean {
  return isOperation(node) && node.kind !== "slice" && node.kind !== "convert" && node.kind !== "concat";
}

/** Everything that takes a value, with names for values that need one. */
export function rootsOf({ drivers, blocks, memories, inputs, tied }: Logic): {
  readonly roots: readonly Root[];
  readonly wishes: ReadonlyMap<Node, string>;
} {
  const roots: Root[] = [];
  const wishes = new Map<Node, string>();
  const take = (node: Node, width: number, wish: string): void => {
    roots.push({ node, width, statement: false });
    if (!wishes.has(node)) wishes.set(node, wish);
  };
  const connected = new Set(tied.values());
  for (const [wire, node] of drivers)
    if (!connected.has(wire)) roots.push({ node, width: wire.type.width, statement: true });
  for (const { statements, resets } of blocks)
    for (const { node, width, target } of nodesIn(statements))
      take(node, width, target === null ? `${resets[0]?.name ?? "state"}_condition` : `${target.name}_next`);
  for (const memory of memories)
    for (const [node, wish] of memoryNodes(memory)) take(node, node.type.width, wish);
  for (const [instance, nodes] of inputs)
    for (const [port, node] of nodes) take(node, node.type.width, `${instance.name}_${port}`);
  return { roots, wishes };
}
