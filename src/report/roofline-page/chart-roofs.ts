import { operandBits } from "../../roofline/workload/step.ts";
import { svgElement } from "../page/dom.js";
import type { StepName } from "../what-if/figures.ts";
import { type Line, linesOf, type Plane, type Roof, reachedRoof, roofOf } from "../what-if/plane.ts";
import { spread } from "../what-if/spread.ts";
import { type Box, type Scale, textElement } from "./chart-axes.ts";
import type { Shown, ShownEntry } from "./shown.ts";

/** Px of a letter of a name, about; letters of a name that are shown; px between names' feet. */
const LETTER_WIDTH = 7;
const MOST_LETTERS = 18;
const NAME_GAP = 15;
/** Px; a narrower chart needs all of it, and leaves the names to the legend. */
const NARROW = 560;

export interface ShownRoof {
  readonly roof: Roof;
  readonly colour: string;
  /** All entries of the device are. */
  readonly isHidden: boolean;
}

/** One for each device that can take part. */
export function roofsOf({ entries, view }: Shown, step: StepName = view.step): ShownRoof[] {
  const byDevice = new Map<string, ShownEntry[]>();
  for (const one of entries) {
    byDevice.set(one.entry.device, [...(byDevice.get(one.entry.device) ?? []), one]);
  }
  return [...byDevice.values()].flatMap((ofDevice) => {
    const [{ outcome, mark }] = ofDevice as [ShownEntry];
    if (outcome.kind === "impossible") return [];
    const { device, formats, generation } = outcome;
    return {
      roof: roofOf(device, operandBits(formats), step === "decode" && generation.batch === 1),
      colour: mark.colour,
      isHidden: ofDevice.every(({ entry }) => view.hidden.has(entry.id)),
    };
  });
}

/** What a device allows, what of it long kernels reach, and the slopes of its other memories. */
export function roofLines({ roof, colour }: ShownRoof, plane: Plane, scale: Scale): SVGElement[] {
  const lines = (one: Roof, kind: string): SVGElement[] =>
    [linesOf(one, plane).slope, linesOf(one, plane).flat].flatMap((line) =>
      line === null ? [] : [lineElement(line, scale, colour, kind)],
    );
  const others = roof.device.memories.slice(1).flatMap(({ bytesPerSecond }) => {
    const { slope } = linesOf({ ...roof, bytesPerSecond }, plane);
    return slope === null ? [] : [lineElement(slope, scale, colour, "roof other")];
  });
  return [...lines(roof, "roof"), ...lines(reachedRoof(roof), "roof reached"), ...others];
}

function lineElement({ from, to }: Line, scale: Scale, colour: string, kind: string): SVGElement {
  const [a, b] = [scale(from), scale(to)];
  const line = svgElement("line", { class: kind, x1: a.x, y1: a.y, x2: b.x, y2: b.y });
  line.style.stroke = `var(--${colour})`;
  return line;
}

const nameOf = ({ roof }: ShownRoof): string => {
  const { name } = roof.device;
  return name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name;
};

/** Px that names take beside a chart of a width. */
export const nameWidth = (roofs: readonly ShownRoof[], width: number): number =>
  width < NARROW ? 0 : LETTER_WIDTH * Math.max(...roofs.map((roof) => nameOf(roof).length));

/** Devices' names beside the ends of their roofs. */
export function roofNames(roofs: readonly ShownRoof[], plane: Plane, scale: Scale, area: Box): SVGElement[] {
  const ends = roofs.map(({ roof }) => scale({ x: plane.x.max, y: roof.operationsPerSecond }).y + 4);
  const feet = spread(ends, NAME_GAP, { least: area.top + 4, most: area.bottom });
  return roofs.map((roof, i) => {
    const label = textElement(nameOf(roof), { class: "roof-name", x: area.right + 6, y: feet[i]! });
    label.style.fill = `var(--${roof.colour})`;
    return label;
  });
}
