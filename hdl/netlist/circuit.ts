import type { Domain, Inout, Instance, Memory, NumberType, Register } from "../builder/graph.ts";
import { constant } from "../builder/operators.ts";
import { UNKNOWN_SOURCE } from "../builder/source.ts";
import type { Clocks } from "./clocks.ts";
import type { Bits } from "./json.ts";
import type { Names } from "./names.ts";
import type { Nets } from "./nets.ts";

/** A module while its cells are being read. */
export interface Circuit {
  readonly name: string;
  readonly nets: Nets;
  readonly clocks: Clocks;
  readonly names: Names;
  /** Bidirectional pins by net. */
  readonly pads: ReadonlyMap<number, Inout>;
  readonly registers: Register[];
  readonly memories: Memory[];
  readonly instances: Instance[];
  /** What is done when all logic is made. */
  readonly finish: (() => void)[];
}

/** A register for these nets, whose `next` is set later. */
export function newRegister(
  { names, registers }: Circuit,
  output: Bits,
  fallback: string,
  domain: Domain,
  initial: bigint | null,
): Register {
  const type: NumberType = { width: output.length, signed: false };
  const register: Register = {
    kind: "register",
    name: names.ofState(output, fallback),
    source: UNKNOWN_SOURCE,
    type,
    next: constant(0n, type),
    reset: null,
    initial,
    domain,
    crossing: true,
    labels: null,
  };
  registers.push(register);
  return register;
}
