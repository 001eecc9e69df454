import type { ArrowKind, DrawnArrow, Picture } from "./boxes.ts";
import { labelsOf } from "./labels.ts";
import { type PlacedBox, placementOf } from "./place.ts";
import { type Point, type Route, routesOf } from "./route.ts";
import {
  descriptionLines,
  GRID,
  INNER_ROW,
  innerRows,
  innerWidth,
  LABEL,
  PADDING,
  ROW,
  TEXT,
  TITLE,
  widthOf,
} from "./text.ts";

const MARGIN = 3 * GRID;
const HEAD = 3 * GRID;
const LEGEND = 6 * GRID;

const LIGHT = {
  ...{ page: "#ffffff", line: "#b4bcc4", text: "#1b2127", muted: "#56606b", unit: "#ffffff" },
  ...{ memory: "#fdf1d8", "memory-line": "#b97e0c", data: "#0b66a8", orders: "#8c4f9f", pins: "#56606b" },
};
const DARK = {
  ...{ page: "#101316", line: "#434b54", text: "#e5e8eb", muted: "#9aa4ae", unit: "#23292f" },
  ...{ memory: "#352b12", "memory-line": "#d9a441", data: "#6cb4ea", orders: "#cc9fdd", pins: "#9aa4ae" },
};
const colours = (all: Readonly<Record<string, string>>): string =>
  `svg{${Object.entries(all)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";")}}`;

const KINDS: readonly ArrowKind[] = ["data", "orders", "pins"];
const each = (style: (kind: ArrowKind) => string): string => KINDS.map(style).join("");

const STYLE = [
  colours(LIGHT),
  `@media (prefers-color-scheme:dark){${colours(DARK)}}`,
  `text{font:${TEXT}px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--text)}`,
  `.title{font-size:${TITLE}px;font-weight:600}.description{fill:var(--muted)}`,
  ".frame{fill:none;stroke:var(--line);stroke-width:1.5}",
  ".unit{fill:var(--unit);stroke:var(--text);stroke-width:1.2}.pin{fill:var(--page);stroke:var(--muted)}",
  ".memory{fill:var(--memory);stroke:var(--memory-line);stroke-width:1.2}",
  ".inner{fill:none;stroke:var(--line)}.inner.memory{fill:var(--memory);stroke:var(--memory-line);stroke-width:1}",
  ".inner.cell{stroke:var(--muted);stroke-dasharray:2 2}",
  ".arrow{fill:none;stroke-width:1.6}.orders.arrow{stroke-dasharray:5 3}",
  each((kind) => `.arrow.${kind}{stroke:var(--${kind})}.fill.${kind}{fill:var(--${kind})}`),
  // What a number stands on is taken away around it.
  `.bits{font-size:${LABEL}px;font-weight:600;text-anchor:middle;paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}`,
].join("");

export interface Words {
  readonly title: string;
  readonly note: readonly string[];
}

/** A picture as SVG, for light and for dark pages. */
export function draw(picture: Picture, { title, note }: Words): string {
  const placement = placementOf(picture);
  const routes = routesOf(placement, picture.arrows);
  const labels = labelsOf(routes, placement.boxes);
  const width = placement.width * GRID + 2 * MARGIN;
  const height = placement.height * GRID + HEAD + LEGEND + MARGIN;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<defs>${KINDS.map(marker).join("")}</defs>`,
    `<rect width="${width}" height="${height}" fill="var(--page)"/>`,
    `<g transform="translate(${MARGIN} ${HEAD})">`,
    ...placement.boxes.map(boxOf),
    ...routes.map(arrowOf),
    ...labels.map(
      ({ text, x, y }, i) =>
        `<text class="bits fill ${routes[i]?.arrow.kind ?? "data"}" x="${x}" y="${y + 4}">${text}</text>`,
    ),
    `</g><g transform="translate(${MARGIN} ${HEAD + placement.height * GRID + 2 * GRID})">`,
    legend(note),
    "</g></svg>",
  ].join("\n")}\n`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const marker = (kind: ArrowKind): string =>
  `<marker id="${kind}" viewBox="0 0 9 8" refX="9" refY="4" markerWidth="9" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="fill ${kind}" d="M0 0L9 4L0 8z"/></marker>`;

const rectangle = (
  kind: string,
  x: number,
  y: number,
  width: number,
  height: number,
  round: number,
): string =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}"${round === 0 ? "" : ` rx="${round}"`}/>`;
const text = (kind: string, x: number, y: number, content: string): string =>
  `<text${kind === "" ? "" : ` class="${kind}"`} x="${x}" y="${y}">${escaped(content)}</text>`;

const ROUND = { frame: 8, unit: 5, memory: 0, pin: 12 };

function boxOf({ box, ...placed }: PlacedBox): string {
  const [x, y] = [placed.x * GRID, placed.y * GRID];
  const [width, height] = [placed.width * GRID, placed.height * GRID];
  const parts = [rectangle(box.kind, x, y, width, height, ROUND[box.kind])];
  if (box.kind === "pin") {
    const middle = x + (width - widthOf(box.title, TITLE)) / 2;
    parts.push(text("title", middle, y + height / 2 + 5, box.title));
  } else if (box.kind === "frame") parts.push(text("title", x + 10, y + 20, box.title));
  else {
    if (box.kind === "memory") parts.push(`<path class="memory" d="M${x + 4} ${y}v${height}"/>`);
    const left = x + PADDING + (box.kind === "memory" ? 2 : 0);
    let line = y + PADDING + TITLE - 3;
    parts.push(text("title", left, line, box.title));
    for (const words of descriptionLines(box, width)) {
      line += ROW;
      parts.push(text("description", left, line, words));
    }
    line += 3;
    for (const things of innerRows(box, width)) {
      line += INNER_ROW;
      let at = left;
      for (const thing of things) {
        const own = innerWidth(thing.text);
        parts.push(
          rectangle(`inner ${thing.kind}`, at, line - 12.5, own, 17, thing.kind === "unit" ? 4 : 0),
          text("", at + 5, line, thing.text),
        );
        at += own + 6;
      }
    }
  }
  return `<g data-place="${escaped(box.place)}">${parts.join("")}</g>`;
}

const pathOf = (points: readonly Point[]): string =>
  points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x * GRID} ${y * GRID}`).join("");

function arrowOf({ arrow, points, branches }: Route): string {
  const [first] = points;
  const joint =
    branches && first !== undefined
      ? `<circle class="fill ${arrow.kind}" cx="${first.x * GRID}" cy="${first.y * GRID}" r="3"/>`
      : "";
  return `<path class="arrow ${arrow.kind}" ${dataOf(arrow)} d="${pathOf(points)}" marker-end="url(#${arrow.kind})"/>${joint}`;
}

const dataOf = ({ from, to, bits }: DrawnArrow): string =>
  `data-from="${escaped(from)}" data-to="${escaped(to)}" data-bits="${bits}"`;

function legend(note: readonly string[]): string {
  const sample = (kind: ArrowKind, x: number, words: string): string =>
    `<path class="arrow ${kind}" d="M${x} -4h36" marker-end="url(#${kind})"/>${text("", x + 44, 0, words)}`;
  return [
    sample("data", 0, "data"),
    sample("orders", 110, "orders: instructions, positions, controls"),
    sample("pins", 430, "lines at pins"),
    rectangle("unit", 590, -12, 20, 15, 4),
    text("", 616, 0, "unit"),
    rectangle("memory", 670, -12, 20, 15, 0),
    `<path class="memory" d="M674 -12v15"/>`,
    text("", 696, 0, "memory, words × bits"),
    rectangle("inner cell", 850, -12, 20, 15, 0),
    text("", 876, 0, "cell of the part"),
    ...note.map((words, i) => text("description", 0, 20 + ROW * i, words)),
  ].join("");
}
