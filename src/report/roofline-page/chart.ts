import { byId, svgElement } from "../page/dom.js";
import { type OperationPoint, type Point, planeOf, pointsOf } from "../what-if/plane.ts";
import { areaOf, axes, type Scale, scaleOf } from "./chart-axes.ts";
import { nameWidth, roofLines, roofNames, roofsOf } from "./chart-roofs.ts";
import { pointTooltips } from "./chart-tooltip.ts";
import { replaceChildren } from "./focus.ts";
import { outlineOf } from "./marks.ts";
import type { Draw, Shown, ShownEntry } from "./shown.ts";

export interface DrawnPoint extends OperationPoint {
  readonly entry: ShownEntry;
  /** Seconds of the step. */
  readonly stepSeconds: number;
  /** Px in the chart. */
  readonly at: Point;
  readonly radius: number;
}

/** Radius in px of a point that takes all of the step; areas are in proportion. */
const WHOLE_RADIUS = 26;
const SMALLEST_RADIUS = 3.5;

/** The roofline of all devices that are compared, with the operations of the step. */
export function showChart(): Draw {
  const place = byId("chart");
  const tooltips = pointTooltips(place);
  let last: Shown | null = null;
  const draw = (shown: Shown): void => {
    last = shown;
    const { width, height } = place.getBoundingClientRect();
    const points = drawChart(place, shown, width, height);
    tooltips(points);
  };
  new ResizeObserver(() => {
    if (last !== null && place.clientWidth > 0) draw(last);
  }).observe(place);
  return draw;
}

function drawChart(place: HTMLElement, shown: Shown, width: number, height: number): DrawnPoint[] {
  const { entries, state, view } = shown;
  const svg = svgElement("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "group",
    "aria-label":
      `Roofline with logarithmic axes: operations of the ${view.step} step by operations per byte and operations ` +
      "per second. The table of operations holds the same figures.",
  });
  const roofs = roofsOf(shown);
  const points: DrawnPoint[] = [];
  if (roofs.length > 0) {
    // Axes are made for both steps and all entries, so that switching between them moves points and nothing else.
    const plane = planeOf(
      [...roofsOf(shown, "prefill"), ...roofsOf(shown, "decode")].map(({ roof }) => roof),
      entries.flatMap(({ outcome }) =>
        outcome.kind === "impossible"
          ? []
          : [outcome.generation.prefill, outcome.generation.decode].flatMap(({ operations }) =>
              pointsOf(operations),
            ),
      ),
    );
    const names = nameWidth(roofs, width);
    const area = areaOf(width, height, names);
    const scale = scaleOf(plane, area);
    points.push(...drawnPoints(shown, scale));
    const seen = roofs.filter(({ isHidden }) => !isHidden);
    const inside = svgElement(
      "g",
      { "clip-path": "url(#chart-area)" },
      ...seen.flatMap((roof) => roofLines(roof, plane, scale)),
      ...points.map(pointElement),
    );
    const { left, top } = area;
    const clip = svgElement("rect", { x: left, y: top, width: area.right - left, height: area.bottom - top });
    svg.append(
      svgElement("defs", {}, svgElement("clipPath", { id: "chart-area" }, clip)),
      ...axes(plane, scale, area),
      inside,
      ...(names === 0 ? [] : roofNames(seen, plane, scale, area)),
    );
  }
  replaceChildren(place, svg);
  byId("chart-note").textContent = noteOf(shown, state.settings.tensorParallel);
  return points;
}

/** The operations of the entries and parts that are shown; small ones last, on top, where the pointer reaches them. */
function drawnPoints({ entries, view }: Shown, scale: Scale): DrawnPoint[] {
  return entries
    .filter(({ entry }) => !view.hidden.has(entry.id))
    .flatMap((entry): DrawnPoint[] => {
      if (entry.outcome.kind === "impossible") return [];
      const step = entry.outcome.generation[view.step];
      return pointsOf(step.operations)
        .filter(({ prediction }) => view.parts.has(prediction.operation.part))
        .map((point) => {
          const share = point.prediction.seconds / step.seconds;
          return {
            ...point,
            entry,
            stepSeconds: step.seconds,
            at: scale(point),
            radius: Math.max(SMALLEST_RADIUS, WHOLE_RADIUS * Math.sqrt(share)),
          };
        });
    })
    .sort((a, b) => b.radius - a.radius);
}

function pointElement({ at, radius, entry }: DrawnPoint, index: number): SVGElement {
  const path = svgElement("path", {
    class: "point",
    d: outlineOf(entry.mark),
    transform: `translate(${at.x} ${at.y}) scale(${radius})`,
    "data-point": index,
    "data-key": index,
    tabindex: index === 0 ? 0 : -1,
    role: "img",
  });
  path.style.fill = `var(--${entry.mark.colour})`;
  path.style.stroke = `var(--${entry.mark.colour})`;
  return path;
}

/** What of this chart needs an explanation. */
function noteOf({ entries, view }: Shown, devices: number): string {
  const missing = new Set<string>();
  for (const { outcome, entry } of entries) {
    if (outcome.kind === "impossible" || view.hidden.has(entry.id)) continue;
    const { operations } = outcome.generation[view.step];
    const placed = new Set(pointsOf(operations).map(({ prediction }) => prediction));
    for (const one of operations) {
      if (!placed.has(one) && view.parts.has(one.operation.part)) missing.add(one.operation.name);
    }
  }
  return [
    missing.size > 0
      ? `Without a place here, as in some entry they move no bytes or compute nothing: ${[...missing].join(", ")}.`
      : "",
    devices > 1 ? `Each point is one of the ${devices} devices' share.` : "",
  ]
    .join(" ")
    .trim();
}
