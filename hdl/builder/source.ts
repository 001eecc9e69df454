import { basename, dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of the user's code. */
export interface SourceLocation {
  /** Absolute path; empty where it is not known. */
  readonly file: string;
  readonly line: number;
}

export const UNKNOWN_SOURCE: SourceLocation = { file: "", line: 0 };

/** File name and line, the same on every machine. */
export function sourceText({ file, line }: SourceLocation): string {
  return file === "" ? "somewhere" : `${basename(file)}:${line}`;
}

/** Frames of this folder are not the user's. */
const BUILDER = dirname(fileURLToPath(import.meta.url)) + sep;

/** The innermost line on the stack outside the builder. */
export function callerLocation(): SourceLocation {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  // The builder's own frames are few, but `when` bodies nest.
  Error.stackTraceLimit = 30;
  Error.captureStackTrace(holder, callerLocation);
  const stack = holder.stack ?? "";
  Error.stackTraceLimit = limit;
  for (const line of stack.split("\n")) {
    const [, place, row] = /(?:\(|at )(?:async )?((?:file:\/\/)?[^()]*?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (place === undefined || row === undefined || place.startsWith("node:")) continue;
    const file = place.startsWith("file://") ? fileURLToPath(place) : place;
    if (!file.startsWith(BUILDER)) return { file, line: Number(row) };
  }
  return UNKNOWN_SOURCE;
}
