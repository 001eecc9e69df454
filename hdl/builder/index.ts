/** Typed hardware in TypeScript; `docs/hardware.md` shows how to use it. */
export { type Assignable, type AssignedTo, assign, assignAt } from "./assign.ts";
export { clockDomain, currentDomain, driveClock, fallingEdge, inDomain, SYNC } from "./domain.ts";
export { HardwareError } from "./errors.ts";
export type { Domain, Inout, Module, Primitive } from "./graph.ts";
export { fromGray, toGray } from "./gray.ts";
export { type Cell, type InstanceOptions, instance } from "./instance.ts";
export { type MemoryOf, type MemoryOptions, memory, type ReadOptions, type WriteOptions } from "./memory.ts";
export { type Design, type Interface, module, type Ports } from "./module.ts";
export { pack, unpack } from "./pack.ts";
export { drivePad, readPad } from "./pad.ts";
export { primitive } from "./primitive.ts";
export { firstOne, lookup, mux, oneHot, priority, select, sum } from "./select.ts";
export {
  type ArrayShape,
  array,
  bit,
  type InputOf,
  type NumbersOf,
  type Settable,
  type Shape,
  type SignedShape,
  type StructShape,
  signed,
  type UnsignedShape,
  unsigned,
  type Value,
  type ValueOf,
  type VariableOf,
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
export { type SourceLocation, sourceText } from "./source.ts";
export { type StateMachine, stateMachine } from "./state-machine.ts";
export { switchOn } from "./switch.ts";
export { type SynchronizeOptions, sampleAcross, synchronize } from "./synchronize.ts";
export { indexWidth } from "./type.ts";
export { findUnused, type Unused } from "./unused.ts";
export { type DelayOptions, delayed, named, type RegisterOptions, register, wire } from "./variable.ts";
export { type WhenChain, when } from "./when.ts";
