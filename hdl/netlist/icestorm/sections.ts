/** A part of a file of IceStorm: a line that begins with a point, and the lines below it. */
export interface Section {
  /** Words of the first line, without the point. */
  readonly words: readonly string[];
  readonly lines: readonly string[];
}

/** Both the placed designs (`.asc`) and the chip databases of IceStorm are made of sections; comments begin with `#`. */
export function* sections(text: string): Generator<Section> {
  let words: readonly string[] | null = null;
  let lines: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? text.length : end).trim();
    from = end < 0 ? text.length : end + 1;
    if (line === "" || line.startsWith("#")) continue;
    if (!line.startsWith(".")) {
      lines.push(line);
      continue;
    }
    if (words !== null) yield { words, lines };
    words = line.slice(1).split(/\s+/);
    lines = [];
  }
  if (words !== null) yield { words, lines };
}
