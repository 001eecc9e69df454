import { InputError } from "../../models/errors.ts";
import type { Board } from "../devices/board.ts";
import { BITSTREAM, FLASH, MODEL } from "./files.ts";

/** A call of a board's programmer, in the folder of a build. */
export interface ProgrammerCall {
  readonly tool: Board["programmer"]["tool"];
  readonly args: readonly string[];
  readonly why: string;
}

/**
 * How a build comes into a board's flash.
 * @param modelAt where the model's image lies in the flash; null where it is not there
 */
export function programmerCalls({ programmer, flash }: Board, modelAt: number | null): ProgrammerCall[] {
  const { tool, arguments: first, dataArguments } = programmer;
  const call = (args: readonly string[], why: string): ProgrammerCall => ({ tool, args, why });
  if (modelAt === null) return [call([...first, BITSTREAM], "bitstream")];
  const enables =
    tool === "iceprog" && flash?.quadEnabled === false
      ? [call(["-Q"], "lets the flash answer on four lines, for good")]
      : [];
  if (dataArguments === null) return [...enables, call([...first, FLASH], "bitstream and model")];
  const second = dataArguments.map((one) => (one === "{offset}" ? String(modelAt) : one));
  return [...enables, call([...first, BITSTREAM], "bitstream"), call([...second, MODEL], "model")];
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

/** @throws InputError where a build's file has other bytes than its manifest says */
export function demandUnchanged(changed: readonly string[]): void {
  const ours = changed.filter((name) => [BITSTREAM, FLASH, MODEL].includes(name));
  if (ours.length > 0)
    throw new InputError(
      `${ours.join(" and ")} ${ours.length === 1 ? "has" : "have"} other bytes than the manifest says: build again.`,
    );
}
