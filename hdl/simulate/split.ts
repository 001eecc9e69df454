import type { Node } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { operandsOf } from "../builder/walk.ts";
import { type FlatDesign, PART_BITS } from "./flat.ts";
import { sharing } from "./optimise/nodes.ts";
import { simplify } from "./optimise/simplify.ts";
import { EVERYTHING, type Kept, liveNodes, mapOperands, mapSignals, rewrite } from "./rewrite.ts";
import { wideOperation } from "./split/operation.ts";
import { State } from "./split/state.ts";
import { Bits, type Wide } from "./split/wide.ts";

/**
 * The same design without any node of more than `PART_BITS` bits. A wide signal becomes parts: all are unsigned but the
 * last one, which has the signal's sign. What is not `kept` is gone unless something else needs all of it.
 */
export function split(design: FlatDesign, kept: Kept = EVERYTHING): FlatDesign {
  const bits = new Bits(sharing(simplify));
  const state = new State();
  const wides = new Map<Node, Wide>();
  const of = (node: Node): Wide => {
    const wide = wides.get(node);
    if (wide === undefined) throw new Error(`${node.kind} is used before it is made`);
    return wide;
  };
  for (const node of liveNodes(design, kept)) wides.set(node, inParts(node, of, bits, state));
  for (const memory of design.memories)
    if (kept.memories(memory)) for (const part of memory.parts ?? []) state.memory(part);
  state.connect(of, bits);

  const parted: FlatDesign = {
    ...design,
    ...mapSignals(design, ({ parts }) =>
      parts?.every((node) => wides.has(node)) ? parts.flatMap((node) => of(node).parts) : null,
    ),
    registers: design.registers.flatMap((register) => state.registersOf(register)),
    memories: design.memories.map((memory) => {
      const parts = memory.parts?.flatMap((part) => state.memoriesOf(part)) ?? [];
      return { ...memory, parts: parts.length === 0 ? null : parts };
    }),
  };
  // Parts that nobody needs are let go.
  return rewrite(parted, kept, { node: mapOperands });
}

function inParts(node: Node, of: (node: Node) => Wide, bits: Bits, state: State): Wide {
  const { type } = node;
  switch (node.kind) {
    case "constant":
      return bits.build(type, (low, width) =>
        bits.constant(BigInt.asUintN(width, node.value >> BigInt(low)), op.unsignedType(width)),
      );
    case "input":
      return { type, parts: state.input(node) };
    case "register":
      return { type, parts: state.register(node) };
    case "read":
      return { type, parts: state.read(node) };
    case "wire":
    case "instance-output":
      throw new Error(`${node.kind} in a flat design`);
    default: {
      const narrow = [node, ...operandsOf(node)].every((one) => one.type.width <= PART_BITS);
      if (!narrow) return wideOperation(node, of, bits);
      return { type, parts: [bits.make(mapOperands(node, (operand) => of(operand).parts[0]!))] };
    }
  }
}
