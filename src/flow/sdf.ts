/** Delays of a placed design. Times in nanoseconds; of minimum, typical and maximum the last. */
export interface Delays {
  readonly cells: ReadonlyMap<string, CellDelays>;
  readonly wires: readonly Wire[];
}

export interface CellDelays {
  readonly type: string;
  readonly arcs: Arc[];
  readonly checks: Check[];
}

/** From an input, or from a clock, to an output. */
export interface Arc {
  readonly from: string;
  readonly to: string;
  readonly delay: number;
}

/** What has to be there how long before which clock edge. */
export interface Check {
  readonly data: string;
  readonly clock: string;
  readonly edge: "rising" | "falling";
  readonly setup: number;
}

export interface Pin {
  readonly cell: string;
  readonly port: string;
}

export interface Wire {
  readonly from: Pin;
  readonly to: Pin;
  readonly delay: number;
}

type Expression = string | readonly Expression[];

/**
 * Reads nextpnr's SDF (IEEE 1497, of which it uses INTERCONNECT, IOPATH and SETUPHOLD; holds are left out).
 * @throws Error where the text is no SDF
 */
export function parseSdf(text: string): Delays {
  const cells = new Map<string, CellDelays>();
  const wires: Wire[] = [];
  for (const part of listOf(parse(text))) {
    const [kind, ...fields] = listOf(part);
    if (kind !== "CELL") continue;
    const cell: CellDelays = { type: "", arcs: [], checks: [] };
    const at = { name: "", type: "" };
    for (const field of fields) readField(field, at, cell, wires);
    if (at.name !== "") cells.set(at.name, { ...cell, type: at.type });
  }
  return { cells, wires };
}

function readField(
  field: Expression,
  at: { name: string; type: string },
  cell: CellDelays,
  wires: Wire[],
): void {
  const [kind, ...rest] = listOf(field);
  const [first = "", second = "", third = [], fourth = []] = rest;
  switch (kind) {
    case "CELLTYPE":
      at.type = textOf(first);
      break;
    case "INSTANCE":
      at.name = plain(textOf(first));
      break;
    case "DELAY":
    case "ABSOLUTE":
    case "TIMINGCHECK":
      for (const inner of rest) readField(inner, at, cell, wires);
      break;
    case "INTERCONNECT":
      wires.push({ from: pinOf(textOf(first)), to: pinOf(textOf(second)), delay: longest(third, fourth) });
      break;
    case "IOPATH":
      cell.arcs.push({ from: textOf(first), to: textOf(second), delay: longest(third, fourth) });
      break;
    case "SETUPHOLD": {
      const [, data = ""] = listOf(first);
      const [edge, clock = ""] = listOf(second);
      cell.checks.push({
        data: textOf(data),
        clock: textOf(clock),
        edge: edge === "negedge" ? "falling" : "rising",
        setup: longest(third, third),
      });
    }
  }
}

const listOf = (expression: Expression): readonly Expression[] =>
  typeof expression === "string" ? [] : expression;
const textOf = (expression: Expression): string => (typeof expression === "string" ? expression : "");

/** The longest of two values like (927:927:927), in nanoseconds; the file counts in picoseconds. */
function longest(rising: Expression, falling: Expression): number {
  const slow = (value: Expression): number =>
    Number(
      textOf(listOf(value)[0] ?? "")
        .split(":")
        .at(-1) || Number.NaN,
    );
  return Math.max(slow(rising), slow(falling)) / 1000;
}

function pinOf(path: string): Pin {
  const at = path.search(/\/[^/]*$/);
  return { cell: plain(path.slice(0, at)), port: plain(path.slice(at + 1)) };
}

const plain = (name: string): string => name.replace(/\\(.)/g, "$1");

function parse(text: string): Expression {
  const open: Expression[][] = [[]];
  for (const [, bracket, quoted, word] of text.matchAll(/([()])|"([^"]*)"|((?:\\.|[^\s()"\\])+)/g)) {
    if (bracket === "(") open.push([]);
    else if (bracket === ")") {
      const closed = open.pop();
      const around = open.at(-1);
      if (closed === undefined || around === undefined)
        throw new Error("a list of the SDF ends before it begins");
      around.push(closed);
    } else open.at(-1)?.push(quoted ?? word ?? "");
  }
  const [file] = open[0] ?? [];
  if (open.length !== 1 || file === undefined) throw new Error("a list of the SDF does not end");
  return file;
}
