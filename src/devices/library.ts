import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import { packageRoot } from "../../models/package-root.ts";
import { type Machine, parseMachine } from "../compile/machine.ts";
import { type Board, checkPart, oneLine, parseBoard } from "./board.ts";
import { checkFit, type Device, deviceSchema } from "./device.ts";

/** Descriptions larger than this are refused unread. */
const MAX_DESCRIPTION_BYTES = 1 << 20;
const MAX_BOARD_BYTES = 1 << 16;

type Kind = "boards" | "devices" | "machines";

const folder = (kind: Kind): string => join(packageRoot(), "src", "devices", "data", kind);

const namesIn = (kind: Kind): string[] =>
  readdirSync(folder(kind))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();

/** Names of the devices that ship. */
export const deviceNames = (): string[] => namesIn("devices");

/** Names of the boards that ship. */
export const boardNames = (): string[] => namesIn("boards");

/** Names of the machines that ship. */
export const machineNames = (): string[] => namesIn("machines");

/** @throws InputError for what is no file: a device could be endless */
export function regularFile(path: string): Stats {
  const stats = statSync(path);
  if (!stats.isFile()) throw new InputError(`${oneLine(path)} is no file.`);
  return stats;
}

/** @throws InputError for a file that is missing, too large, or no JSON */
export function readDescription(path: string, maxBytes = MAX_DESCRIPTION_BYTES): unknown {
  let text: string;
  const shown = oneLine(path);
  try {
    const { size } = regularFile(path);
    if (size > maxBytes)
      throw new InputError(`${shown} is ${size} bytes long; a description has at most ${maxBytes}.`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${shown} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}.`,
    );
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new InputError(`${shown} is not valid JSON.`);
  }
}

export function deviceNamed(name: string): Device {
  const names = deviceNames();
  if (!names.includes(name))
    throw new InputError(`There is no device "${name}": choose ${names.join(", ")}.`);
  const result = deviceSchema.safeParse(readDescription(join(folder("devices"), `${name}.json`)));
  if (!result.success) throw new InputError(`Device ${name}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/**
 * A board that ships, by its name, or one from a file, by its path, with a part that there is.
 * @throws InputError naming what is wrong
 */
export function boardNamed(nameOrPath: string): Board {
  const names = boardNames();
  const ships = names.includes(nameOrPath);
  if (!ships && !/[./\\]/.test(nameOrPath)) {
    throw new InputError(
      `There is no board "${oneLine(nameOrPath)}": choose ${names.join(", ")}, or give a file.`,
    );
  }
  const path = ships ? join(folder("boards"), `${nameOrPath}.json`) : nameOrPath;
  const board = parseBoard(readDescription(path, MAX_BOARD_BYTES), nameOrPath);
  checkPart(board, deviceNamed(board.device));
  return board;
}

/** A machine that ships, by its name, or one from a file, by its path. */
export function machineFrom(nameOrPath: string): Machine {
  const names = machineNames();
  if (names.includes(nameOrPath)) {
    return parseMachine(readDescription(join(folder("machines"), `${nameOrPath}.json`)), nameOrPath);
  }
  if (!/[./\\]/.test(nameOrPath)) {
    throw new InputError(`There is no machine "${nameOrPath}": choose ${names.join(", ")}, or give a file.`);
  }
  return parseMachine(readDescription(nameOrPath), nameOrPath);
}

/**
 * The machine that a person asked for, checked against its device.
 * @param choice what was said of machine and device; with neither it is the smallest machine that ships
 */
export function chooseMachine(choice: { readonly machine?: string; readonly device?: string }): {
  machine: Machine;
  device: Device;
} {
  const asked = choice.device === undefined ? undefined : deviceNamed(choice.device);
  if (choice.machine === undefined && asked !== undefined && asked.machine === null)
    throw new InputError(
      `No machine for ${asked.name} ships: describe one in a file and give it with --machine.`,
    );
  const machine = machineFrom(choice.machine ?? asked?.machine ?? "up5k-flash");
  if (asked !== undefined && asked.name !== machine.device) {
    throw new InputError(`Machine ${machine.name} is made for ${machine.device}, not for ${asked.name}.`);
  }
  const device = asked ?? deviceNamed(machine.device);
  checkFit(machine, device);
  return { machine, device };
}
