/** Compiled simulation of modules; `docs/hardware.md` shows how to test with it. */
export { SimulationError } from "./errors.ts";
export type { MemoryAccess } from "./memory-access.ts";
export type { Observed } from "./observe.ts";
export type { Captured, Numbers, Play, Values } from "./play.ts";
export type { RecordOptions } from "./recording.ts";
export { type SettlesOptions, settlesEqually } from "./settles.ts";
export { type Model, Simulation, type SimulationOf, type SimulationOptions, simulate } from "./simulation.ts";
