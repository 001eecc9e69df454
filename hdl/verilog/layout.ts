/** A line of the module's body: text, a remark at its end, and whether Verilator should not ask why nobody reads it. */
export interface Line {
  readonly text: string;
  readonly remark?: string;
  readonly unread?: boolean;
  /** What begins with this line. */
  readonly heading?: string;
}

export const INDENT = "    ";
const LONGEST_LINE = 100;

/** Rows of columns, each as wide as its longest entry; the last one is not padded. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => (widths[i] === 0 ? "" : cell.padEnd((widths[i] ?? 0) + 1)))
      .join("")
      .trimEnd(),
  );
}

/** Assignments of one line each with their `=` under each other. */
export function assignments(texts: readonly string[]): string[] {
  const made: string[] = [];
  let run: string[][] = [];
  const flush = (): void => {
    made.push(...aligned(run));
    run = [];
  };
  for (const text of texts) {
    const [, target, value] = /^(assign \S+) (= .*;)$/.exec(text) ?? [];
    if (target !== undefined && value !== undefined) {
      run.push([target, value]);
      continue;
    }
    flush();
    made.push(text);
  }
  flush();
  return made;
}

/** Lines with their remarks under each other, and lint comments around those that nobody reads. */
export function lines(all: readonly Line[]): string[] {
  const column = Math.max(
    0,
    ...all.flatMap(({ text, remark }) => (remark === undefined ? [] : [text.length])),
  );
  const made: string[] = [];
  let quiet = false;
  for (const { text, remark, unread = false, heading } of all) {
    if (heading !== undefined) {
      if (quiet) made.push("// verilator lint_on UNUSED");
      quiet = false;
      made.push(...(made.length === 0 ? [] : [""]), `// ${heading}`);
    }
    if (unread !== quiet) made.push(`// verilator lint_${unread ? "off" : "on"} UNUSED`);
    quiet = unread;
    const wide = Math.min(column, LONGEST_LINE - 20);
    made.push(...(remark === undefined ? text : `${text.padEnd(wide)}  // ${remark}`).split("\n"));
  }
  if (quiet) made.push("// verilator lint_on UNUSED");
  return made;
}

export const indented = (texts: readonly string[]): string[] =>
  texts.map((text) => (text === "" ? "" : INDENT + text));

/** Breaks a statement that is too long, where its parentheses are the least deep. */
export function wrapped(text: string, room = LONGEST_LINE - 8): string[] {
  const made: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const at = breakBefore(rest, room);
    if (at === null) break;
    made.push(rest.slice(0, at).trimEnd());
    rest = INDENT + rest.slice(at).trimStart();
  }
  return [...made, rest];
}

function breakBefore(text: string, room: number): number | null {
  let depth = 0;
  let best: { readonly at: number; readonly depth: number } | null = null;
  const start = text.length - text.trimStart().length;
  for (let i = start; i < room && i < text.length; i++) {
    const letter = text[i];
    if (letter === "(" || letter === "{" || letter === "[") depth++;
    if (letter === ")" || letter === "}" || letter === "]") depth--;
    // After a comma, or before an operator.
    const here =
      letter === " " && (text[i - 1] === "," || /^ (\|\||&&|[-+*|&^?:]|<<|>>>?) /.test(text.slice(i, i + 5)));
    if (here && i > start + 20 && (best === null || depth <= best.depth)) best = { at: i, depth };
  }
  return best?.at ?? null;
}

/** A description as comment lines. */
export function comment(text: string): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const made: string[] = [];
    let line = "";
    for (const word of paragraph.split(/\s+/)) {
      if (line !== "" && line.length + word.length > LONGEST_LINE - 5) {
        made.push(line);
        line = "";
      }
      line = line === "" ? word : `${line} ${word}`;
    }
    return [...made, line].map((one) => `// ${one}`.trimEnd());
  });
}
