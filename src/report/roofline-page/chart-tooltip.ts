import { uncertaintyOfKernel } from "../../roofline/predict/step-prediction.ts";
import { percent, si, whole } from "../page/format.js";
import { hideTooltip, showTooltip } from "../page/tooltip.js";
import { limitText, SOURCES } from "../what-if/figures.ts";
import type { DrawnPoint } from "./chart.ts";
import { timeText } from "./numbers.ts";

/** Px within which points count as one place. */
const NEAR = 5;

/** Figures of the point under the pointer, or of the one that has the keyboard's focus: arrows go to the next. */
export function pointTooltips(place: HTMLElement): (points: readonly DrawnPoint[]) => void {
  let points: readonly DrawnPoint[] = [];
  const pointOf = (target: EventTarget | null): { element: SVGElement; index: number } | null => {
    if (!(target instanceof SVGElement)) return null;
    const index = target.getAttribute("data-point");
    return index === null ? null : { element: target, index: Number(index) };
  };
  const show = ({ element, index }: { element: SVGElement; index: number }): void => {
    const point = points[index];
    if (point === undefined) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    const others = points.filter(
      (other) => other !== point && Math.hypot(other.at.x - point.at.x, other.at.y - point.at.y) < NEAR,
    );
    showTooltip(place, left + width / 2, top + height / 2, [
      { heading: `${point.prediction.operation.name} · ${point.entry.label}`, rows: rowsOf(point, others) },
    ]);
  };
  place.addEventListener("pointerover", ({ target }) => {
    const found = pointOf(target);
    if (found === null) hideTooltip(place);
    else show(found);
  });
  place.addEventListener("pointerleave", () => hideTooltip(place));
  place.addEventListener("focusin", ({ target }) => {
    const found = pointOf(target);
    if (found !== null) show(found);
  });
  place.addEventListener("focusout", () => hideTooltip(place));
  place.addEventListener("keydown", (event) => {
    const found = pointOf(event.target);
    if (event.key === "Escape") hideTooltip(place);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (found === null || by === undefined) return;
    event.preventDefault();
    const next = (found.index + by + points.length) % points.length;
    const element = place.querySelector(`[data-point="${next}"]`);
    if (!(element instanceof SVGElement)) return;
    found.element.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
    element.focus();
  });
  return (drawn) => {
    points = drawn;
    hideTooltip(place);
    place.querySelectorAll("[data-point]").forEach((element, index) => {
      const point = points[index];
      if (point === undefined) return;
      const { prediction, entry } = point;
      element.setAttribute(
        "aria-label",
        `${prediction.operation.name}, ${entry.label}: ${timeText(prediction.seconds)}, ${si(point.x, "op/B")}`,
      );
    });
  };
}

function rowsOf(
  { prediction, entry, x, y, stepSeconds }: DrawnPoint,
  others: readonly DrawnPoint[],
): [string, string][] {
  const { operation, time, seconds: taken, bytes, operations } = prediction;
  const sources = SOURCES.flatMap(([name, of]) => {
    const moved = operation.repeat * of(time.moved);
    return moved === 0 ? [] : [`${name} ${si(moved, "B")}`];
  });
  return [
    [
      "time",
      `${timeText(taken)} ± ${percent(uncertaintyOfKernel(entry.outcome.device, time.timedAs))}, ${percent(taken / stepSeconds)} of the step`,
    ],
    ["runs", whole(operation.repeat)],
    ["bound", limitText(time.limit)],
    ["operations", si(operations, "op")],
    ["reached", si(y, "op/s")],
    ["bytes", si(bytes, "B")],
    ["of these", sources.join(", ")],
    ["intensity", si(x, "op/B")],
    ...(others.length === 0 ? [] : [["also here", titlesOf(others)] satisfies [string, string]]),
  ];
}

function titlesOf(points: readonly DrawnPoint[]): string {
  const titles = points.map(({ prediction, entry }) => `${prediction.operation.name} (${entry.label})`);
  return titles.length > 4
    ? `${titles.slice(0, 4).join(", ")} and ${titles.length - 4} more`
    : titles.join(", ");
}
