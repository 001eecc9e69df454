import pc from "picocolors";

/** Lines for people: a label, and what it is about. */
export function line(label: string, text: string): string {
  return `${pc.dim(label.padEnd(12))} ${text}`;
}

const WIDTH = 120;
const INDENT = 13;

/** The same, broken between words to stay within 120 columns. */
export function longLine(label: string, text: string): string {
  const rows = [""];
  for (const word of text.split(" ")) {
    const last = rows.at(-1)!;
    if (last === "") rows[rows.length - 1] = word;
    else if (INDENT + last.length + 1 + word.length <= WIDTH) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return line(label, rows.join(`\n${" ".repeat(INDENT)}`));
}

/** A number with thousands separated: 298,027. */
export const whole = (n: number): string => Math.round(n).toLocaleString("en-US");

/** A number of tokens: 1 token, 2,048 tokens. */
export const tokens = (n: number): string => `${whole(n)} ${n === 1 ? "token" : "tokens"}`;

/** A number to about three digits. */
export function short(n: number): string {
  if (n === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(n))));
  return n.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 6), minimumFractionDigits: 0 });
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Columns of text, aligned; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const numeric = rows[0]!.map((_, column) =>
    rows.slice(1).every((row) => /^[-\d.,%~ ]*( %)?$/.test(row[column]!)),
  );
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      );
      const text = cells.join("  ").trimEnd();
      return index === 0 ? pc.dim(text) : text;
    })
    .join("\n");
}

/** The same for a page of the documentation; columns with these titles hold text, the others numbers. */
export function markdownTable(rows: readonly (readonly string[])[], texts: readonly string[]): string {
  const [head = [], ...others] = rows;
  const rule = head.map((title) => (texts.includes(title) ? "---" : "---:"));
  return [head, rule, ...others]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** Prints one JSON object and nothing else; a bigint keeps every digit. */
export function printJson(value: unknown): void {
  const marked = (_: string, field: unknown) => (typeof field === "bigint" ? `\0${field}` : field);
  const text = JSON.stringify(value, marked, 2).replaceAll(/"\\u0000(\d+)"/g, "$1");
  process.stdout.write(`${text}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line about work under way, for a person who waits: never on standard output. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(pc.dim(`${text}\n`));
}
