import type { Module } from "../../hdl/builder/index.ts";
import { InputError } from "../../models/errors.ts";
import type { Machine } from "../compile/machine.ts";
import { type Board, checkPart } from "../devices/board.ts";
import { misfits, misfitText } from "../devices/board-fit.ts";
import type { Fpga } from "../devices/device.ts";
import { type CellEstimate, estimateCells } from "../estimate/estimate.ts";
import type { Circuit } from "../verify/circuit.ts";
import { costedUnits, partFor } from "../verify/unit-costs.ts";
import { flashImage } from "./design.ts";
import { type CellUse, cellUse } from "./fit.ts";

/** What a design would take of a part, before it is synthesised. */
export interface Estimate {
  readonly cells: CellEstimate["cells"];
  /** Kinds of cells of which a part has too few, even if the estimate of logic is as wrong as it has ever been. */
  readonly over: readonly CellUse[];
}

export function estimateFor(top: Module, device: Fpga): Estimate {
  const { cells, spread } = estimateCells(top);
  const least = { ...cells, lut4: cells.lut4 * (1 - spread.lut4.largest) };
  const over = new Set(
    cellUse(device, least)
      .filter(isOver)
      .map(({ what }) => what),
  );
  return { cells, over: cellUse(device, cells).filter(({ what }) => over.has(what)) };
}

const isOver = ({ used, available }: CellUse): boolean => used > available;

/**
 * Refuses a board with every reason, and, where the machine was made for another part, with what it would take of this one.
 * @throws InputError
 */
export function demandBoard(circuit: Circuit, board: Board, device: Fpga): void {
  const { machine } = circuit.sizes;
  checkPart(board, device);
  const found = misfits(machine, board, flashImage(circuit).length);
  if (found.length === 0) return;
  const isElsewhere = found.some(({ kind }) => kind === "device");
  const room = isElsewhere ? roomText(partFor(circuit), device) : "";
  throw new InputError(
    `Machine ${machine.name} does not fit ${board.name}: ${found.map(misfitText).join("; ")}.${room}`,
  );
}

function roomText(top: Module, device: Fpga): string {
  const { over } = estimateFor(top, device);
  if (over.length === 0) return "";
  return ` Of ${device.name} it would take ${over.map(useText).join(", ")} (estimated).${partsText(top, device)}`;
}

/** @throws InputError with the numbers, and with the units that a part could hold, where it cannot hold them all */
export function demandRoom(top: Module, machine: Machine, device: Fpga): Estimate {
  const estimate = estimateFor(top, device);
  if (estimate.over.length > 0)
    throw new InputError(
      `Machine ${machine.name} does not fit ${device.name}: it takes ${estimate.over.map(useText).join(", ")} (estimated).${partsText(top, device)}`,
    );
  return estimate;
}

const useText = ({ what, used, available }: CellUse): string =>
  `${used.toLocaleString("en-US")} ${what} of ${available.toLocaleString("en-US")}`;

/** Smaller units are not worth a word. */
const LEAST_LUTS = 100;

/** Which of a design's larger units a part could hold by themselves; nothing where it could hold each. */
function partsText(top: Module, device: Fpga): string {
  const units = costedUnits(top)
    .filter(({ depth }) => depth === 0)
    .map(({ module }) => ({ name: module.name, ...estimateFor(module, device) }))
    .filter(({ cells, over }) => cells.lut4 >= LEAST_LUTS || over.length > 0);
  const list = (fits: boolean): string[] =>
    units
      .filter(({ over }) => (over.length === 0) === fits)
      .map(({ name, cells }) => `${name} (${cells.lut4.toLocaleString("en-US")} LUT4s)`);
  const [fitting, others] = [list(true), list(false)];
  if (others.length === 0) return "";
  if (fitting.length === 0) return " None of its units fits by itself.";
  return ` By themselves ${fitting.join(", ")} would fit, but not ${others.join(", ")}.`;
}
