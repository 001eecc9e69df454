import { basename, dirname, join, sep } from "node:path";
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

/** Frames of these folders are not the user's; units and cells of parts, beside them, are. */
const TOOLS = ["builder", "simulate", "verilog"].map(
  (folder) => join(dirname(dirname(fileURLToPath(import.meta.url))), folder) + sep,
);

/** The innermost line on the stack outside the builder and its consumers. */
export function callerLocation(): SourceLocation {
  // Frames cost time. The builder's own are few, but where it walks nested shapes by recursion.
  for (const frames of [6, 100])
    for (const line of stackLines(frames)) {
      const frame = frameOf(line);
      if (frame !== null && !TOOLS.some((folder) => frame.file.startsWith(folder))) return frame;
    }
  return UNKNOWN_SOURCE;
}

function stackLines(frames: number): readonly string[] {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  Error.captureStackTrace(holder, callerLocation);
  const stack = holder.stack ?? "";
  Error.stackTraceLimit = limit;
  return stack.split("\n");
}

/** The place in a line such as `    at name (file:///folder/file.ts:12:3)`, which is `at <place>` where there is no name. */
function frameOf(line: string): SourceLocation | null {
  const [, inner] = /^ *at .*?\((.*)\)$/.exec(line) ?? /^ *at (?:async )?(.*)$/.exec(line) ?? [];
  const [, place, row] = /^(.+):(\d+):\d+$/.exec(inner ?? "") ?? [];
  if (place === undefined || place.startsWith("node:") || place.includes("<anonymous>")) return null;
  return { file: place.startsWith("file:") ? fileURLToPath(place) : place, line: Number(row) };
}
