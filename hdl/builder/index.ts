/** Typed hardware in TypeScript; `docs/hardware.md` shows how to use it. */
export { clockDomain, currentDomain, driveClock, fallingEdge, inDomain, SYNC } from "./domain.ts";
export { HardwareError } from "./errors.ts";
export type { Domain, Inout, Module, Primitive } from "./graph.ts";
export { type Cell, type InstanceOptions, instance } from "./instance.ts";
export { type MemoryOf, type MemoryOptions, memory, type ReadOptions, type WriteOptions } from "./memory.ts";
export { type Design, type Interface, module, type Ports } from "./module.ts";
export { primitive } from "./primitive.ts";
export { firstOne, mux, oneHot, priority, select } from "./select.ts";
export {
  array,
  bit,
  type InputOf,
  type Shape,
  type StructShape,
  signed,
  unsigned,
  type Value,
  type ValueOf,
} from "./shape.ts";
export {
  concat,
  type Literal,
  Signal,
  Signed,
  signedConstant,
  Unsigned,
  unsignedConstant,
} from "./signal.ts";
export { type StateMachine, stateMachine } from "./state-machine.ts";
export { sampleAcross, synchronize } from "./synchronize.ts";
export { findUnused, type Unused } from "./unused.ts";
export {
  assign,
  delayed,
  named,
  type RegisterOptions,
  register,
  type Settable,
  type VariableOf,
  wire,
} from "./variable.ts";
export { type WhenChain, when } from "./when.ts";
