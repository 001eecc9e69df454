import { HardwareError } from "../builder/errors.ts";
import type { Memory, Node } from "../builder/graph.ts";
import { sameType } from "../builder/type.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import type { FlatDesign, FlatMemory, FlatSignal } from "./flat.ts";
import { type PortTranslation, StateCopies } from "./rewrite/state.ts";

/** The same operation on other operands. */
export function mapOperands(node: Node, image: (operand: Node) => Node): Node {
  switch (node.kind) {
    case "constant":
    case "input":
    case "register":
    case "read":
    case "instance-output":
      return node;
    case "wire":
      return { ...node, driver: image(node.driver) };
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
    case "equal":
    case "less":
      return { ...node, left: image(node.left), right: image(node.right) };
    case "not":
    case "all":
    case "any":
    case "parity":
    case "slice":
    case "convert":
      return { ...node, value: image(node.value) };
    case "shift-left":
    case "shift-right":
      return { ...node, value: image(node.value), amount: image(node.amount) };
    case "mux": {
      const [condition, then, otherwise] = [image(node.condition), image(node.then), image(node.otherwise)];
      return { kind: "mux", type: node.type, condition, then, otherwise };
    }
    case "select":
      return { ...node, index: image(node.index), cases: node.cases.map(image) };
    case "concat":
      return { ...node, parts: node.parts.map(image) };
  }
}

/** What a design has to go on showing besides its ports. */
export interface Kept {
  readonly signals: (signal: FlatSignal) => boolean;
  readonly memories: (memory: FlatMemory) => boolean;
}

export const EVERYTHING: Kept = { signals: () => true, memories: () => true };

/**
 * All nodes that ports and kept signals follow, through registers and memories too, operands before their users.
 * @throws HardwareError where a value follows itself within a cycle
 */
export function liveNodes(design: FlatDesign, kept: Kept): readonly Node[] {
  const roots: Node[] = [];
  const memories = new Set<Memory>();
  const takeMemory = (memory: Memory): void => {
    if (memories.has(memory)) return;
    memories.add(memory);
    for (const { address, data, enable, mask } of memory.writes)
      roots.push(address, data, enable, ...(mask === null ? [] : [mask]));
  };
  for (const signal of [...design.inputs, ...design.outputs]) roots.push(...(signal.parts ?? []));
  for (const signal of design.signals) if (kept.signals(signal)) roots.push(...(signal.parts ?? []));
  for (const memory of design.memories) if (kept.memories(memory)) memory.parts?.forEach(takeMemory);
  const order: Node[] = [];
  const visit = (node: Node): void => {
    order.push(node);
    // The walk goes on with roots that are found on the way.
    if (node.kind === "register") roots.push(node.next);
    if (node.kind === "read") {
      roots.push(node.address, ...(node.enable === null ? [] : [node.enable]));
      takeMemory(node.memory);
    }
  };
  visitInOrder(roots, visit, operandsOf, (cycle) => {
    const names = cycle.flatMap((node) => (node.kind === "wire" ? [node.name] : []));
    const source = cycle.flatMap((node) => (node.kind === "wire" ? [node.source] : []))[0];
    throw new HardwareError(
      `combinational loop in ${design.name}: ${[...names, ...names.slice(0, 1)].join(" follows ")}; a register on the way would end it`,
      source,
    );
  });
  return order;
}

export interface Translation extends PortTranslation {
  /** A node's image, where the images of its operands are known. `old` is the node itself if it is no state. */
  readonly node: (node: Node, image: (operand: Node) => Node, old: Node) => Node;
}

/**
 * Makes a design anew with each live node replaced by its image. Registers and read ports come to the translation as
 * fresh copies; those that it returns unchanged are part of the new design. What is not alive, or has an image of another
 * type, is gone.
 */
export function rewrite(
  design: FlatDesign,
  kept: Kept,
  translation: Translation,
  live = liveNodes(design, kept),
): FlatDesign {
  const state = new StateCopies();
  const images = new Map<Node, Node>();
  const image = (node: Node): Node => {
    const found = images.get(node);
    if (found === undefined) throw new Error(`${node.kind} is used before it is made`);
    return found;
  };
  for (const old of live) {
    const copy = state.copy(old);
    const result = translation.node(copy, image, old);
    images.set(old, result);
    if (result === copy) state.take(old, copy);
  }
  for (const memory of design.memories)
    if (kept.memories(memory)) for (const part of memory.parts ?? []) state.memory(part);
  state.connect(image, translation);
  return {
    ...design,
    ...mapSignals(design, ({ parts }) => {
      const found = parts?.flatMap((part) => {
        const now = images.get(part);
        return now !== undefined && sameType(now.type, part.type) ? [now] : [];
      });
      return found?.length === parts?.length ? (found ?? null) : null;
    }),
    registers: state.registersOf(design),
    memories: state.memoriesOf(design),
  };
}

/** A design's signals with other parts; what was one object stays one. */
export function mapSignals(
  design: FlatDesign,
  partsOf: (signal: FlatSignal) => readonly Node[] | null,
): Pick<FlatDesign, "inputs" | "outputs" | "signals"> {
  const made = new Map<FlatSignal, FlatSignal>();
  const renewed = (signal: FlatSignal): FlatSignal => {
    const now = made.get(signal) ?? { ...signal, parts: partsOf(signal) };
    made.set(signal, now);
    return now;
  };
  return {
    inputs: design.inputs.map(renewed),
    outputs: design.outputs.map(renewed),
    signals: design.signals.map(renewed),
  };
}
