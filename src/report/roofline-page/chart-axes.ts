import { svgElement } from "../page/dom.js";
import { siShort } from "../page/format.js";
import { decades, gridLines } from "../page/roofline-plane.js";
import type { Plane, Point, Range } from "../what-if/plane.ts";

const MARGIN = { left: 66, right: 12, top: 12, bottom: 46 };
/** Px from an axis to its title's foot. */
const TITLE_BELOW = 38;
/** Px of a decade of an axis, from which on 2 and 5 have room between 1 and 10. */
const ROOMY = { x: 200, y: 90 };

/** A rectangle of the chart, in px. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where the chart's plane stands in its element, with room for names at the right. */
export const areaOf = (width: number, height: number, nameWidth: number): Box => ({
  left: MARGIN.left,
  right: width - MARGIN.right - nameWidth,
  top: MARGIN.top,
  bottom: height - MARGIN.bottom,
});

/** From operations a byte and a second to px. */
export type Scale = (point: Point) => Point;

export function scaleOf({ x, y }: Plane, area: Box): Scale {
  const along = ({ min, max }: Range, value: number): number => Math.log(value / min) / Math.log(max / min);
  return (point) => ({
    x: area.left + along(x, point.x) * (area.right - area.left),
    y: area.bottom - along(y, point.y) * (area.bottom - area.top),
  });
}

/** A grid line at 1, 2, 3, … 9, 10, 20, …; the decades are named, and 2 and 5 between them where there is room. */
export function axes({ x, y }: Plane, scale: Scale, { left, right, top, bottom }: Box): SVGElement[] {
  const spacing = { x: (right - left) / decades(x), y: (bottom - top) / decades(y) };
  const isNamed = (digit: number, value: number, room: number, roomy: number): boolean =>
    digit === 1
      ? room > roomy / 4 || Math.round(Math.log10(value)) % (room > roomy / 8 ? 2 : 3) === 0
      : room > roomy && (digit === 2 || digit === 5);
  const lineClass = (digit: number): string => (digit === 1 ? "grid decade" : "grid");
  return [
    ...gridLines(x).flatMap(({ value, digit }: { value: number; digit: number }) => {
      const at = scale({ x: value, y: y.min }).x;
      return [
        svgElement("line", { class: lineClass(digit), x1: at, x2: at, y1: top, y2: bottom }),
        ...(isNamed(digit, value, spacing.x, ROOMY.x)
          ? [
              textElement(siShort(value, ""), {
                class: "tick",
                x: at,
                y: bottom + 16,
                "text-anchor": "middle",
              }),
            ]
          : []),
      ];
    }),
    ...gridLines(y).flatMap(({ value, digit }: { value: number; digit: number }) => {
      const at = scale({ x: x.min, y: value }).y;
      return [
        svgElement("line", { class: lineClass(digit), x1: left, x2: right, y1: at, y2: at }),
        ...(isNamed(digit, value, spacing.y, ROOMY.y)
          ? [
              textElement(siShort(value, "op/s"), {
                class: "tick",
                x: left - 6,
                y: at + 4,
                "text-anchor": "end",
              }),
            ]
          : []),
      ];
    }),
    textElement("operations per byte", {
      class: "tick",
      x: (left + right) / 2,
      y: bottom + TITLE_BELOW,
      "text-anchor": "middle",
    }),
  ];
}

/** A text of the chart. */
export function textElement(text: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = svgElement("text", attributes);
  created.textContent = text;
  return created;
}
