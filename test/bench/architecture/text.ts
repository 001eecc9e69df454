import type { Box } from "./boxes.ts";

/** All that is placed lies on this grid, in pixels. */
export const GRID = 12;
/** Sizes of letters, in pixels. */
export const TITLE = 14;
export const TEXT = 12;
export const LABEL = 11;
export const PADDING = 8;
/** From a line of text to the next one, and from one thing inside a box to the next one. */
export const ROW = 15;
export const INNER_ROW = 20;

/** Width of a text in common sans-serif fonts, by its letters: rather more than less. */
export function widthOf(text: string, size: number): number {
  let width = 0;
  for (const letter of text)
    width += /[ijltf.,:;' ]/.test(letter)
      ? 0.35
      : /[mwMW×]/.test(letter)
        ? 0.88
        : /[A-Z]/.test(letter)
          ? 0.7
          : 0.62;
  return width * size;
}

/** Things side by side in as many rows as they need; the width of each is given. */
function rowsOf<T>(things: readonly T[], widthIn: (thing: T) => number, gap: number, width: number): T[][] {
  const rows: T[][] = [];
  let used = 0;
  for (const thing of things) {
    const own = widthIn(thing);
    const last = rows.at(-1);
    if (last !== undefined && used + gap + own <= width) {
      last.push(thing);
      used += gap + own;
    } else {
      rows.push([thing]);
      used = own;
    }
  }
  return rows;
}

export const descriptionLines = ({ description }: Box, width: number): string[] =>
  description === ""
    ? []
    : rowsOf(description.split(" "), (word) => widthOf(word, TEXT), 0.33 * TEXT, width - 2 * PADDING).map(
        (words) => words.join(" "),
      );

export const innerWidth = (text: string): number => widthOf(text, TEXT) + 10;

export const innerRows = ({ inner }: Box, width: number) =>
  rowsOf(inner, ({ text }) => innerWidth(text), 6, width - 2 * PADDING);

/** Of a box: its title, and each thing inside of it, take a row. */
export const leastWidth = ({ title, inner }: Box): number =>
  2 * PADDING + 2 + Math.max(1.06 * widthOf(title, TITLE), ...inner.map(({ text }) => innerWidth(text)));

/** Height of a box of a width: title, description, what is inside of it. */
export const heightOf = (box: Box, width: number): number =>
  2 * PADDING +
  TITLE +
  ROW * descriptionLines(box, width).length +
  (box.inner.length === 0 ? 0 : 3 + INNER_ROW * innerRows(box, width).length);
