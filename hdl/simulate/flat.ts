import type { Domain, Memory, Node, NumberType, Register } from "../builder/graph.ts";

/** Bits of a part: what the compiled code computes with at once. */
export const PART_BITS = 64;

/**
 * A design without hierarchy, as the compiled simulation and the interpreter take it: made of constants, inputs,
 * registers, read ports and operators alone. Wires and instances are resolved, resets are part of `next`, a memory
 * belongs to one domain each port. Domains are the top module's own, and those that primitives make inside.
 */
export interface FlatDesign {
  readonly name: string;
  readonly domains: readonly Domain[];
  /** Ports of the top module, resets included. Parts are input nodes. An inout brings an input of its name. */
  readonly inputs: readonly FlatSignal[];
  /** Ports of the top module. An inout `pad` brings the outputs `pad.out` and `pad.enable`. */
  readonly outputs: readonly FlatSignal[];
  /** Everything that has a name, ports of the top module included: for recording and for a look inside. */
  readonly signals: readonly FlatSignal[];
  readonly registers: readonly Register[];
  readonly memories: readonly FlatMemory[];
}

export interface FlatSignal {
  /** Instances from the top module's child to the signal's own module, then the signal's name. */
  readonly path: readonly string[];
  readonly type: NumberType;
  /** Whether it holds state, for a wave viewer. */
  readonly register: boolean;
  /**
   * Low part first, `PART_BITS` each but the last; all are unsigned but the last one, which has the signal's sign. A single
   * node in a design that has not been split. Null: optimised away.
   */
  readonly parts: readonly Node[] | null;
  readonly labels: readonly string[] | null;
}

export interface FlatMemory {
  readonly path: readonly string[];
  readonly type: NumberType;
  readonly depth: number;
  /** Low part first, as in signals. Null: optimised away. */
  readonly parts: readonly Memory[] | null;
}
