import type { Memory } from "../builder/graph.ts";
import { unsignedType } from "../builder/operators.ts";
import { indented } from "./layout.ts";
import { literal } from "./literal.ts";

/** Contents in a file of their own, which `$readmemh` reads. */
export interface DataFile {
  readonly name: string;
  readonly text: string;
}

/** Lines that fill a memory at power-up. */
export interface Contents {
  readonly lines: readonly string[];
  /** The loop needs its variable. */
  readonly loops: boolean;
  readonly file: DataFile | null;
}

const ROW = 92;
/** Fewer words are listed, more are filled by a loop. */
const LISTED_ZEROS = 4;

/**
 * @param inline as many words stand in the module's own text; more go to a file of this name
 */
export function contents(
  { type, depth, initial, writes }: Memory,
  array: string,
  variable: string,
  inline: number,
  fileName: string,
): Contents | null {
  // What nobody ever writes or says may be anything: zero.
  const words = initial ?? (writes.length === 0 ? [] : null);
  if (words === null) return null;
  const hex = (word: bigint): string =>
    BigInt.asUintN(type.width, word)
      .toString(16)
      .padStart(Math.ceil(type.width / 4), "0");
  const said = words.findLastIndex((word) => word !== 0n) + 1;
  const listed = depth - said <= LISTED_ZEROS ? depth : said;
  const all = Array.from({ length: listed }, (_, i) => words[i] ?? 0n);
  const loops = listed < depth;
  const zeros = [
    `for (${variable} = ${listed}; ${variable} < ${depth}; ${variable} = ${variable} + 1)`,
    ...indented([`${array}[${variable}] = ${literal(0n, unsignedType(type.width))};`]),
  ];
  const inFile = listed > inline;
  const filled = inFile
    ? [`$readmemh("${fileName}", ${array}, 0, ${listed - 1});`]
    : rows(all.map((word, i) => `${array}[${i}] = ${type.width}'h${hex(word)};`));
  return {
    lines: ["initial begin", ...indented([...filled, ...(loops ? zeros : [])]), "end"],
    loops,
    file: inFile ? { name: fileName, text: all.map((word) => `${hex(word)}\n`).join("") } : null,
  };
}

function rows(texts: readonly string[]): string[] {
  const made: string[] = [];
  for (const text of texts) {
    const last = made.at(-1);
    if (last !== undefined && last.length + text.length < ROW) made[made.length - 1] = `${last} ${text}`;
    else made.push(text);
  }
  return made;
}
