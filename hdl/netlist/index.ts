/** Netlists of Yosys as circuits: to be simulated, and compared with what they were made from. */
export { NetlistError } from "./errors.ts";
export { type BitstreamOptions, readBitstream } from "./icestorm/unpack.ts";
export type { CellLibrary } from "./instances.ts";
export { type Bit, type Bits, type Netlist, type NetlistModule, parseNetlist, topOf } from "./json.ts";
export type { Unknown } from "./nets.ts";
export { CellParameters } from "./parameters.ts";
export { unpackPlaced } from "./placed.ts";
export { circuitOf, type NetlistOptions, readNetlist } from "./read.ts";
