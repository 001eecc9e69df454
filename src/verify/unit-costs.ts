import { ice40Part } from "../../hdl/boards/ice40-part.ts";
import type { Module } from "../../hdl/builder/index.ts";
import { WHOLE_FLASH } from "../../hdl/units/channel/spi-flash.ts";
import type { Circuit } from "./circuit.ts";
import { isFrame, type Unit, unitTree } from "./units.ts";

/** Of the serial line: 115,385 baud of 24 MHz. */
const CYCLES_PER_BIT = 208;

/**
 * A machine's circuit with all that is around it on an iCE40.
 * @throws HardwareError for a machine with other memories than such a part has
 */
export function partFor({ sizes, program }: Circuit): Module {
  const { machine } = sizes;
  return ice40Part({
    sizes,
    fingerprint: program.fingerprint,
    clockHz: Math.round(machine.clockMHz * 1e6),
    cyclesPerBit: CYCLES_PER_BIT,
    filled: [],
    flash: WHOLE_FLASH,
  });
}

/** A unit of a machine, to be synthesised on its own. */
export interface CostedUnit {
  /** Names of the instances on the way to it, joined by points. */
  readonly path: string;
  /** Units around it that are in the list too. */
  readonly depth: number;
  readonly module: Module;
}

/** All units of a design that are told apart, each behind the one that it is a part of. */
export function costedUnits(top: Module): CostedUnit[] {
  const list = (unit: Unit, depth: number): CostedUnit[] => [
    ...(isFrame(unit) ? [] : [{ path: unit.path, depth, module: unit.module }]),
    ...unit.parts.flatMap((part) => list(part, isFrame(unit) ? depth : depth + 1)),
  ];
  return list(unitTree(top), 0);
}
