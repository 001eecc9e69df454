import { byId, canvasById } from "./dom.js";
import { percent, si, siShort, whole } from "./format.js";
import { canvasFont, onThemeChange, PAPER_SCALE, PAPER_WIDTH, paint, seriesColour } from "./theme.js";
import { hideTooltip, showTooltip } from "./tooltip.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {PageData["operators"][number]} Operator */
/** @typedef {{ x: number, y: number, operator: Operator }} OperatorPoint */
/** @typedef {{ name: string, from: { x: number, y: number }, to: { x: number, y: number }, main: boolean }} Ceiling */
/** @typedef {{ min: number, max: number }} Range */

/** Defined by the script of chart.js that runs before this one. */
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
/** Radius in px of a point that takes all cycles; areas are in proportion. */
const WHOLE_RADIUS = 44;
const SMALLEST_RADIUS = 3.5;

/** @param {PageData} data */
export function showRoofline(data) {
  const points = operatorPoints(data);
  byId("roofline-note").textContent = rooflineNote(data, points);
  const { ridge, ceilings, x, y } = frame(data, points);
  const canvas = canvasById("roofline-chart");
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
      data: { datasets: [...operatorSets(points, data), ridgeSet(ridge)] },
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
          x: logScale("operations per byte", "", x),
          y: logScale("operations per second", "op/s", y),
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

/** What of the chart needs an explanation, in this report. @param {PageData} data @param {OperatorPoint[]} points */
function rooflineNote({ operators }, points) {
  const missing = operators.length - points.length;
  const over = points.filter(({ y, operator }) => y > 1.005 * operator.attainableOpsPerSecond).length;
  const why = [];
  if (missing > 0) {
    why.push(
      `${missing} of the ${operators.length} operators move no bytes or compute nothing: they have no place here.`,
    );
  }
  if (over > 0) why.push("A point above its roof had its bytes fetched ahead, while another operator ran.");
  return why.join(" ");
}

/** Operations per second while the operator runs. @param {Operator} operator @param {number} clockMHz */
function achievedOpsPerSecond(operator, clockMHz) {
  return (operator.operations / operator.cycles) * clockMHz * 1e6;
}

/** @param {Operator["bytes"]} bytes */
export function totalBytes({ weights, metadata, keysAndValues, activations = 0 }) {
  return weights + metadata + keysAndValues + activations;
}

/** "layer 2 · q" @param {Operator} operator */
export function operatorTitle({ name, layer }) {
  return layer === null ? name : `layer ${layer} · ${name}`;
}

/** Operators that have a place on logarithmic axes. @param {PageData} data @returns {OperatorPoint[]} */
function operatorPoints({ operators, headline }) {
  return operators
    .filter(({ operations, bytes, cycles }) => operations > 0 && totalBytes(bytes) > 0 && cycles > 0)
    .map((operator) => ({
      x: operator.operations / totalBytes(operator.bytes),
      y: achievedOpsPerSecond(operator, headline.clockMHz),
      operator,
    }));
}

/**
 * The roof over the points, and the part of the plane that shows both.
 * @param {PageData} data
 * @param {OperatorPoint[]} points
 */
function frame({ roofline }, points) {
  const { computeCeilings, memoryCeilings } = roofline;
  const peak = computeCeilings[0].opsPerSecond;
  const bandwidth = memoryCeilings[0].bytesPerSecond;
  const ridge = { x: peak / bandwidth, y: peak };
  const highest = Math.max(...computeCeilings.map(({ opsPerSecond }) => opsPerSecond));
  const fastest = Math.max(...memoryCeilings.map(({ bytesPerSecond }) => bytesPerSecond));

  const x = range([ridge.x, ...points.map((point) => point.x)], 2, 4);
  const y = range([ridge.y, highest, ...points.map((point) => point.y)], 2, 2);
  /** @type {Ceiling[]} */
  const ceilings = [
    ...memoryCeilings.map(({ name, bytesPerSecond }, index) => {
      const start = Math.max(x.min, y.min / bytesPerSecond);
      const end = Math.min(x.max, highest / bytesPerSecond);
      return {
        name: `${name}: ${siShort(bytesPerSecond, "B/s")}`,
        from: { x: start, y: start * bytesPerSecond },
        to: { x: end, y: end * bytesPerSecond },
        main: index === 0,
      };
    }),
    ...computeCeilings.map(({ name, opsPerSecond }, index) => ({
      name: `${name}: ${siShort(opsPerSecond, "op/s")}`,
      from: { x: Math.max(x.min, opsPerSecond / fastest), y: opsPerSecond },
      to: { x: x.max, y: opsPerSecond },
      main: index === 0,
    })),
  ];
  return { ridge, ceilings, x, y };
}

/** @param {number[]} values @param {number} below room as a factor @param {number} above @returns {Range} */
function range(values, below, above) {
  return { min: Math.min(...values) / below, max: Math.max(...values) * above };
}

/** @param {OperatorPoint[]} points @param {PageData} data */
function operatorSets(points, { headline }) {
  const kinds = [...new Set(points.map(({ operator }) => operator.kind))];
  return kinds.map((kind, index) => {
    const ofKind = points.filter(({ operator }) => operator.kind === kind);
    const colour = paint(seriesColour(index));
    return {
      label: kind,
      data: ofKind,
      pointStyle: SHAPES[index % SHAPES.length],
      backgroundColor: `color-mix(in srgb, ${colour} 55%, transparent)`,
      borderColor: colour,
      borderWidth: 1.25,
      radius: ofKind.map(({ operator }) =>
        Math.max(SMALLEST_RADIUS, WHOLE_RADIUS * Math.sqrt(operator.cycles / headline.cyclesPerToken)),
      ),
      hoverBorderWidth: 2.5,
    };
  });
}

/** @param {{ x: number, y: number }} ridge */
function ridgeSet(ridge) {
  return {
    label: `ridge point, ${ridge.x.toPrecision(3)} operations per byte`,
    data: [ridge],
    pointStyle: /** @type {const} */ ("circle"),
    backgroundColor: paint("surface"),
    borderColor: paint("text"),
    borderWidth: 1.5,
    radius: 4.5,
  };
}

/** @param {Range} range */
function decades({ min, max }) {
  return Math.log10(max / min);
}

/**
 * A grid of 1, 2, 3, … 9, 10, 20, …; the decades are named, and 2 and 5 between them where there is room.
 * @param {string} title
 * @param {string} unit
 * @param {Range} range
 * @param {() => boolean} hasRoom
 */
function logScale(title, unit, { min, max }, hasRoom) {
  const lines = gridLines(min, max);
  const decadeLine = paint("line");
  const otherLine = paint("line-faint");
  return {
    type: /** @type {const} */ ("logarithmic"),
    min,
    max,
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
        return (hasRoom() ? [1, 2, 5] : [1]).includes(digit) ? siShort(value, unit) : "";
      },
    },
  };
}

/** @param {number} min @param {number} max */
function gridLines(min, max) {
  const lines = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.log10(max); exponent++) {
    for (let digit = 1; digit <= 9; digit++) lines.push({ value: Number(`${digit}e${exponent}`), digit });
  }
  return lines.filter(({ value }) => value >= min && value <= max);
}

/**
 * The ceilings with their names along them, and the foot of the ridge point.
 * @param {import("chart.js").Chart} chart
 * @param {Ceiling[]} ceilings
 * @param {{ x: number, y: number }} ridge
 */
function drawCeilings({ ctx, chartArea, scales }, ceilings, ridge) {
  /** @param {{ x: number, y: number }} point */
  const toPixels = (point) => ({
    x: scales.x.getPixelForValue(point.x),
    y: scales.y.getPixelForValue(point.y),
  });
  ctx.save();
  ctx.beginPath();
  ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
  ctx.clip();

  const foot = toPixels(ridge);
  strokeLine(ctx, foot, { x: foot.x, y: chartArea.bottom }, paint("muted"), 1, [2, 4]);

  for (const { name, from, to, main } of ceilings) {
    const start = toPixels(from);
    const end = toPixels(to);
    strokeLine(ctx, start, end, paint(main ? "text" : "muted"), main ? 1.75 : 1, main ? [] : [5, 4]);

    writeAlong(ctx, name, start, end, main);
  }
  ctx.restore();
}

/**
 * Writes over a line, towards its end, with a halo that keeps the grid out of the letters.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {{ x: number, y: number }} start
 * @param {{ x: number, y: number }} end
 * @param {boolean} bold
 */
function writeAlong(ctx, text, start, end, bold) {
  ctx.save();
  ctx.translate(end.x, end.y);
  ctx.rotate(Math.atan2(end.y - start.y, end.x - start.x));
  ctx.font = canvasFont(12, bold ? "600" : "400");
  ctx.textAlign = "right";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = paint("page");
  ctx.strokeText(text, -18, -8);
  ctx.fillStyle = paint(bold ? "text" : "muted");
  ctx.fillText(text, -18, -8);
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 * @param {string} colour
 * @param {number} width
 * @param {number[]} dash
 */
function strokeLine(ctx, from, to, colour, width, dash) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(to.x, to.y);
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * The first operator under the pointer in full, the others by name.
 * @param {import("chart.js").Chart} chart
 * @param {import("chart.js").TooltipModel<any>} tooltip
 * @param {PageData} data
 */
function hover(chart, tooltip, { headline }) {
  const operators = (tooltip.dataPoints ?? []).flatMap(({ raw }) =>
    isOperatorPoint(raw) ? [raw.operator] : [],
  );
  const [operator, ...others] = operators;
  if (tooltip.opacity === 0 || operator === undefined) {
    hideTooltip(chart.canvas);
    return;
  }
  const achieved = achievedOpsPerSecond(operator, headline.clockMHz);
  const bytes = totalBytes(operator.bytes);
  const box = chart.canvas.getBoundingClientRect();
  showTooltip(chart.canvas, box.left + tooltip.caretX, box.top + tooltip.caretY, [
    {
      heading: operatorTitle(operator),
      rows: [
        ["kind", operator.kind],
        ["reached", si(achieved, "op/s")],
        [
          "attainable",
          `${si(operator.attainableOpsPerSecond, "op/s")} (${percent(achieved / operator.attainableOpsPerSecond)} reached)`,
        ],
        ["intensity", `${(operator.operations / bytes).toPrecision(3)} op/B`],
        ["operations", si(operator.operations, "op")],
        ["bytes", si(bytes, "B")],
        ["cycles", `${whole(operator.cycles)} (${percent(operator.cycles / headline.cyclesPerToken)})`],
        ["bound", operator.bound],
        ...(others.length > 0 ? [/** @type {const} */ (["also here", namesOf(others)])] : []),
      ],
    },
  ]);
}

/** @param {unknown} raw @returns {raw is OperatorPoint} */
function isOperatorPoint(raw) {
  return typeof raw === "object" && raw !== null && "operator" in raw;
}

/** @param {Operator[]} operators */
function namesOf(operators) {
  const shown = operators.slice(0, 4).map(operatorTitle).join(", ");
  return operators.length > 4 ? `${shown} and ${operators.length - 4} more` : shown;
}
