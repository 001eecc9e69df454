import { aligned, indented, wrapped } from "./layout.ts";
import type { Text } from "./text.ts";

const LONGEST_LINE = 80;
const LONGEST_ROW = 96;

/** `head` and a value; a row of choices, or what is too long, on lines of their own. */
export function assignment(head: string, text: Text): string[] {
  const single = `${head} ${text.text};`;
  const { choices } = text;
  if (choices !== undefined && (choices.arms.length > 1 || single.length > LONGEST_LINE)) {
    const rows = aligned(choices.arms.map(([condition, value]) => [condition, `? ${value}`, ":"]));
    const column = Math.max(...choices.arms.map(([condition]) => condition.length)) + 3;
    const last = `${" ".repeat(column)}${choices.last};`;
    if ([...rows, last].every((row) => row.length < LONGEST_ROW)) return [head, ...indented([...rows, last])];
    const loose = choices.arms.map(([condition, value]) => `${condition} ? ${value} :`);
    return [head, ...indented([...loose, `${choices.last};`].flatMap((row) => wrapped(row)))];
  }
  return wrapped(single);
}
