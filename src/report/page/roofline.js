import { byId, canvasById } from "./dom.js";
import { percent, si, siShort, whole } from "./format.js";
import { achievedOpsPerSecond, intensity, operatorTitle, totalBytes } from "./operator-figures.js";
import { drawCeilings } from "./roofline-ceilings.js";
import { decades, gridLines, operatorPoints, rooflinePlane } from "./roofline-plane.js";
import { onThemeChange, PAPER_SCALE, PAPER_WIDTH, paint, seriesColour } from "./theme.js";
import { hideTooltip, showTooltip } from "./tooltip.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./operator-figures.js").Operator} Operator */
/** @typedef {import("./roofline-plane.js").OperatorPoint} OperatorPoint */
/** @typedef {import("./roofline-plane.js").Point} Point */
/** @typedef {import("./roofline-plane.js").Range} Range */

/** Defined by the script of chart.js, which runs before this one. */
const Chart = /** @type {{ Chart: typeof import("chart.js").Chart }} */ (/** @type {unknown} */ (globalThis))
  .Chart;

const PAPER_HEIGHT = 370;
/** Shapes beside colours, so that the kinds can be told apart without colour. */
const SHAPES = /** @type {const} */ ([
  "circle",
  "rectRot",
  "triangle",
  "rect",
  "star",
  "crossRot",
  "rectRounded",
  "cross",
]);
/** Radius in px of a point that would take all cycles; areas are in proportion. */
const WHOLE_RADIUS = 44;
const SMALLEST_RADIUS = 3.5;
/** Px of a decade of an axis, from which on 2 and 5 have room between 1 and 10. */
const ROOMY = { x: 200, y: 80 };

/** @param {PageData} data */
export function showRoofline(data) {
  const canvas = canvasById("roofline-chart");
  const points = operatorPoints(data);
  const { ridge, ceilings, x, y } = rooflinePlane(data.roofline, points);
  byId("roofline-note").textContent = note(data, points);
  canvas.setAttribute(
    "aria-label",
    `Roofline with logarithmic axes: ${points.length} operators by operations per byte and operations per second; ` +
      `ridge point at ${ridge.x.toPrecision(3)} operations per byte. The table of operators holds the same figures.`,
  );

  /** @param {boolean} forPaper */
  const draw = (forPaper) => {
    const width = () => (forPaper ? PAPER_WIDTH : canvas.clientWidth);
    const height = () => (forPaper ? PAPER_HEIGHT : canvas.clientHeight);
    const chart = new Chart(canvas, {
      type: "scatter",
      data: { datasets: [...operatorSets(points, data.timeline.cycles), ridgeSet(ridge)] },
      options: {
        animation: false,
        responsive: !forPaper,
        maintainAspectRatio: false,
        ...(forPaper ? { devicePixelRatio: PAPER_SCALE } : {}),
        font: { family: paint("font"), size: 12 },
        color: paint("text"),
        interaction: { mode: "point", intersect: true },
        layout: { padding: { right: 8, top: 8 } },
        scales: {
          x: logScale("operations per byte", "", x, () => width() > ROOMY.x * decades(x)),
          y: logScale("operations per second", "op/s", y, () => height() > ROOMY.y * decades(y)),
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, padding: 16, boxHeight: 7 } },
          tooltip: { enabled: false, external: ({ chart, tooltip }) => hover(chart, tooltip, data) },
        },
      },
      plugins: [{ id: "ceilings", beforeDatasetsDraw: (chart) => drawCeilings(chart, ceilings, ridge) }],
    });
    if (forPaper) chart.resize(PAPER_WIDTH, PAPER_HEIGHT);
    return chart;
  };

  let chart = draw(false);
  onThemeChange((forPaper) => {
    chart.destroy();
    chart = draw(forPaper);
  });
}

/** What of this chart needs an explanation. @param {PageData} data @param {OperatorPoint[]} points */
function note({ operators }, points) {
  const missing = operators.length - points.length;
  const isOver = points.some(({ y, operator }) => y > 1.005 * operator.attainableOpsPerSecond);
  return [
    missing > 0
      ? `${missing} of the ${operators.length} operators move no bytes or compute nothing: they have no place here.`
      : "",
    isOver ? "A point above its roof had its bytes fetched ahead, while another operator ran." : "",
  ].join(" ");
}

/** One set of points, and so one colour and shape, a kind of operator. @param {OperatorPoint[]} points @param {number} tokenCycles */
function operatorSets(points, tokenCycles) {
  const kinds = [...new Set(points.map(({ operator }) => operator.kind))];
  return kinds.map((kind, index) => {
    const ofKind = points.filter(({ operator }) => operator.kind === kind);
    const colour = paint(seriesColour(index));
    return {
      label: kind,
      data: ofKind,
      pointStyle: SHAPES[index % SHAPES.length],
      // #rrggbb and an opacity.
      backgroundColor: `${colour}80`,
      borderColor: colour,
      borderWidth: 1.25,
      hoverBorderWidth: 2.5,
      radius: ofKind.map(({ operator }) =>
        Math.max(SMALLEST_RADIUS, WHOLE_RADIUS * Math.sqrt(operator.cycles / tokenCycles)),
      ),
    };
  });
}

/** @param {Point} ridge */
function ridgeSet(ridge) {
  return {
    label: `ridge point, ${siShort(ridge.x, "")} operations per byte`,
    data: [ridge],
    pointStyle: /** @type {const} */ ("circle"),
    backgroundColor: paint("surface"),
    borderColor: paint("text"),
    borderWidth: 1.5,
    radius: 4.5,
  };
}

/**
 * A grid line at 1, 2, 3, … 9, 10, 20, …; the decades are named, and 2 and 5 between them where there is room.
 * @param {string} title
 * @param {string} unit
 * @param {Range} range
 * @param {() => boolean} isRoomy
 */
function logScale(title, unit, range, isRoomy) {
  const lines = gridLines(range);
  const decadeLine = paint("line");
  const otherLine = paint("line-faint");
  return {
    type: /** @type {const} */ ("logarithmic"),
    min: range.min,
    max: range.max,
    title: { display: true, text: title, color: paint("muted") },
    border: { display: false },
    afterBuildTicks: (/** @type {import("chart.js").Scale} */ scale) => {
      scale.ticks = lines.map(({ value }) => ({ value }));
    },
    grid: {
      color: (/** @type {import("chart.js").ScriptableScaleContext} */ { index }) =>
        lines[index]?.digit === 1 ? decadeLine : otherLine,
    },
    ticks: {
      color: paint("muted"),
      autoSkip: false,
      maxRotation: 0,
      callback: (/** @type {string | number} */ _, /** @type {number} */ index) => {
        const { value, digit } = lines[index];
        return digit === 1 || (isRoomy() && (digit === 2 || digit === 5)) ? siShort(value, unit) : "";
      },
    },
  };
}

/**
 * The first operator under the pointer in full, the others by name.
 * @param {import("chart.js").Chart} chart
 * @param {import("chart.js").TooltipModel<any>} tooltip
 * @param {PageData} data
 */
function hover(chart, tooltip, { headline, timeline }) {
  const operators = (tooltip.dataPoints ?? []).flatMap(({ raw }) =>
    isOperatorPoint(raw) ? [raw.operator] : [],
  );
  const [operator, ...others] = operators;
  if (tooltip.opacity === 0 || operator === undefined) {
    hideTooltip(chart.canvas);
    return;
  }
  const achieved = achievedOpsPerSecond(operator, headline.clockMHz);
  const attainable = operator.attainableOpsPerSecond;
  /** @type {[string, string][]} */
  const rows = [
    ["kind", operator.kind],
    ["reached", si(achieved, "op/s")],
    ["attainable", `${si(attainable, "op/s")} (${percent(achieved / attainable)} reached)`],
    ["intensity", si(intensity(operator), "op/B")],
    ["operations", si(operator.operations, "op")],
    ["bytes", si(totalBytes(operator.bytes), "B")],
    ["cycles", `${whole(operator.cycles)} (${percent(operator.cycles / timeline.cycles)})`],
    ["bound", operator.bound],
  ];
  if (others.length > 0) rows.push(["also here", firstTitles(others)]);
  const box = chart.canvas.getBoundingClientRect();
  showTooltip(chart.canvas, box.left + tooltip.caretX, box.top + tooltip.caretY, [
    { heading: operatorTitle(operator), rows },
  ]);
}

/** @param {unknown} raw @returns {raw is OperatorPoint} */
function isOperatorPoint(raw) {
  return typeof raw === "object" && raw !== null && "operator" in raw;
}

/** @param {Operator[]} operators */
function firstTitles(operators) {
  const titles = operators.slice(0, 4).map(operatorTitle).join(", ");
  return operators.length > 4 ? `${titles} and ${operators.length - 4} more` : titles;
}
