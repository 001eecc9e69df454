import { InputError } from "../../models/errors.ts";
import type { Board } from "../devices/board.ts";
import { flashWindow } from "../devices/board-fit.ts";
import { BITSTREAM, FLASH, MODEL } from "./files.ts";

/** A call of a board's programmer, in the folder of a build. */
export interface ProgrammerCall {
  readonly tool: Board["programmer"]["tool"];
  readonly args: readonly string[];
  /** The build's file that it writes; null: it sets the flash up. */
  readonly file: string | null;
  readonly why: string;
}

/**
 * How a build comes into a board's flash.
 * @param modelAt where the model's image lies in the flash; null where it is not there
 */
export function programmerCalls({ programmer, flash }: Board, modelAt: number | null): ProgrammerCall[] {
  const { tool, arguments: first, dataArguments } = programmer;
  const call = (args: readonly string[], file: string | null, why: string): ProgrammerCall => ({
    ...{ tool, file, why },
    args: file === null ? args : [...args, file],
  });
  if (modelAt === null) return [call(first, BITSTREAM, "bitstream")];
  const enables = tool === "iceprog" && flash?.quadEnabled === false ? [call(["-Q"], null, "quad mode")] : [];
  if (dataArguments === null) return [...enables, call(first, FLASH, "flash")];
  const second = dataArguments.map((one) => (one === "{offset}" ? String(modelAt) : one));
  return [...enables, call(first, BITSTREAM, "bitstream"), call(second, MODEL, "model")];
}

/** What a person has to know of a board's flash before the design can read it. */
export function flashNotes({ programmer, flash, uart }: Board): string[] {
  return [
    ...(flash?.quadEnabled === true || programmer.tool === "iceprog"
      ? []
      : ["The flash has to answer on four lines (its QE bit); this programmer cannot set that."]),
    ...[flash?.note, uart?.note].filter((note) => note !== null && note !== undefined),
  ];
}

/**
 * Where a build says that its model lies, if that is where its circuit looks for it.
 * @throws InputError where it is not
 */
export function checkedPlace({ name, flash }: Board, modelAt: number, modelBytes: number): number {
  const base = flash === null ? null : (flashWindow(flash, modelBytes)?.base ?? null);
  if (base !== modelAt)
    throw new InputError(
      `The manifest says that the model lies at byte ${modelAt} of the flash of ${name}; its circuit reads it at ${base ?? "none"}.`,
    );
  return modelAt;
}
