import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../models/errors.ts";
import { packageRoot } from "../../models/package-root.ts";
import { type Machine, parseMachine } from "../compile/machine.ts";
import { type Board, checkPart, oneLine, parseBoard } from "./board.ts";
import { checkFit, type Device, type Fpga, isFpga, parseDevice } from "./device.ts";
import { type MemoryDescription, parseMemory } from "./memory.ts";

/** Descriptions larger than this are refused unread. */
const MAX_DESCRIPTION_BYTES = 1 << 20;
const MAX_BOARD_BYTES = 1 << 16;

type Kind = "boards" | "devices" | "machines" | "memories";

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

/** Names of the memories that ship. */
export const memoryNames = (): string[] => namesIn("memories");

/** The name that is meant, whatever its capitals; undefined: none of these. */
const nameAmong = (names: readonly string[], asked: string): string | undefined =>
  names.find((name) => name === asked.toLowerCase());

/** The machine that ships under this name, in any capitals. */
export const machineNameOf = (asked: string): string | undefined => nameAmong(machineNames(), asked);

/** Where a memory that ships is described. */
export const memoryPath = (name: string): string => join(folder("memories"), `${name}.json`);

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

/**
 * A device that ships, by its name, or one from a file, by its path.
 * @throws InputError naming what is wrong
 */
export function deviceNamed(nameOrPath: string): Device {
  const names = deviceNames();
  const ships = nameAmong(names, nameOrPath);
  if (ships === undefined && !isPath(nameOrPath)) {
    throw new InputError(
      `There is no device "${oneLine(nameOrPath)}": choose ${names.join(", ")}, or give a file.`,
    );
  }
  const path = ships === undefined ? nameOrPath : join(folder("devices"), `${ships}.json`);
  return parseDevice(readDescription(path), oneLine(nameOrPath));
}

/**
 * A memory that ships, by its name, or one from a file, by its path.
 * @throws InputError naming what is wrong
 */
export function memoryNamed(nameOrPath: string): MemoryDescription {
  const names = memoryNames();
  const ships = nameAmong(names, nameOrPath);
  if (ships === undefined && !isPath(nameOrPath)) {
    throw new InputError(
      `There is no memory "${oneLine(nameOrPath)}": choose ${names.join(", ")}, or give a file.`,
    );
  }
  return parseMemory(
    readDescription(ships === undefined ? nameOrPath : memoryPath(ships)),
    oneLine(nameOrPath),
  );
}

/** A device that can hold a machine: as `deviceNamed`. */
export function fpgaNamed(nameOrPath: string): Fpga {
  const device = deviceNamed(nameOrPath);
  if (!isFpga(device)) {
    const fpgas = deviceNames().filter((name) => isFpga(deviceNamed(name)));
    throw new InputError(
      `${device.name} is a ${device.kind.toUpperCase()}, which holds no machine: choose ${fpgas.join(", ")}.`,
    );
  }
  return device;
}

const isPath = (text: string): boolean => /[./\\]/.test(text);

/**
 * A board that ships, by its name, or one from a file, by its path, with a part that there is.
 * @throws InputError naming what is wrong
 */
export function boardNamed(nameOrPath: string): Board {
  const names = boardNames();
  const ships = nameAmong(names, nameOrPath);
  if (ships === undefined && !isPath(nameOrPath)) {
    throw new InputError(
      `There is no board "${oneLine(nameOrPath)}": choose ${names.join(", ")}, or give a file.`,
    );
  }
  const path = ships === undefined ? nameOrPath : join(folder("boards"), `${ships}.json`);
  const board = parseBoard(readDescription(path, MAX_BOARD_BYTES), nameOrPath);
  checkPart(board, fpgaNamed(board.device));
  return board;
}

/** A machine that ships, by its name, or one from a file, by its path. */
export function machineFrom(nameOrPath: string): Machine {
  const names = machineNames();
  const ships = nameAmong(names, nameOrPath);
  if (ships !== undefined)
    return parseMachine(readDescription(join(folder("machines"), `${ships}.json`)), ships);
  if (!isPath(nameOrPath)) {
    throw new InputError(`There is no machine "${nameOrPath}": choose ${names.join(", ")}, or give a file.`);
  }
  return parseMachine(readDescription(nameOrPath), nameOrPath);
}

/**
 * The machine that a person asked for, checked against its device.
 * @param choice what was said of machine and device; a machine's name in the device's place means the machine; with
 * neither it is the smallest machine that ships
 */
export function chooseMachine(choice: { readonly machine?: string; readonly device?: string }): {
  machine: Machine;
  device: Fpga;
} {
  if (
    choice.machine === undefined &&
    choice.device !== undefined &&
    machineNameOf(choice.device) !== undefined
  )
    return chooseMachine({ machine: choice.device });
  const asked = choice.device === undefined ? undefined : fpgaNamed(choice.device);
  if (choice.machine === undefined && asked !== undefined && asked.machine === null)
    throw new InputError(
      `No machine for ${asked.name} ships: describe one in a file and give it with --machine.`,
    );
  const machine = machineFrom(choice.machine ?? asked?.machine ?? "up5k-flash");
  if (asked !== undefined && asked.name !== machine.device) {
    throw new InputError(`Machine ${machine.name} is made for ${machine.device}, not for ${asked.name}.`);
  }
  const device = asked ?? fpgaNamed(machine.device);
  checkFit(machine, device);
  return { machine, device };
}
