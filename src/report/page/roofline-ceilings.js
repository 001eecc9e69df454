import { canvasFont, paint } from "./theme.js";

/** @typedef {import("./roofline-plane.js").Ceiling} Ceiling */
/** @typedef {import("./roofline-plane.js").Point} Point */

/** Px between a name and the end of its line, and between its foot and the line. */
const FROM_END = 18;
const OVER_LINE = 8;
/** Px; a name squeezed into less could not be read. */
const SHORTEST = 50;

/**
 * Draws the ceilings with their names along them, and a line down from the ridge point.
 * @param {import("chart.js").Chart} chart
 * @param {Ceiling[]} ceilings
 * @param {Point} ridge
 */
export function drawCeilings({ ctx, chartArea, scales }, ceilings, ridge) {
  /** @param {Point} point @returns {Point} in px */
  const toPixels = ({ x, y }) => ({ x: scales.x.getPixelForValue(x), y: scales.y.getPixelForValue(y) });
  ctx.save();
  ctx.beginPath();
  ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
  ctx.clip();

  const top = toPixels(ridge);
  ctx.strokeStyle = paint("muted");
  ctx.lineWidth = 1;
  strokeLine(ctx, top, { x: top.x, y: chartArea.bottom }, [2, 4]);

  for (const { name, from, to, main } of ceilings) {
    const start = toPixels(from);
    const end = toPixels(to);
    ctx.strokeStyle = paint(main ? "text" : "muted");
    ctx.lineWidth = main ? 1.75 : 1;
    strokeLine(ctx, start, end, main ? [] : [5, 4]);
    writeAlong(ctx, name, start, end, main);
  }
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {Point} from @param {Point} to @param {number[]} dash */
function strokeLine(ctx, from, to, dash) {
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(to.x, to.y);
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * Writes over a line, towards its end, with a halo that keeps the grid out of the letters. On a slope the text is no
 * longer than the line, so that it ends within the chart.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {Point} start
 * @param {Point} end
 * @param {boolean} main
 */
function writeAlong(ctx, text, start, end, main) {
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const room = start.y === end.y ? end.x - FROM_END : length - 2 * FROM_END;
  if (room < SHORTEST) return;
  ctx.save();
  ctx.translate(end.x, end.y);
  ctx.rotate(Math.atan2(end.y - start.y, end.x - start.x));
  ctx.font = canvasFont(12, main ? "600" : "400");
  ctx.textAlign = "right";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = paint("page");
  ctx.strokeText(text, -FROM_END, -OVER_LINE, room);
  ctx.fillStyle = paint(main ? "text" : "muted");
  ctx.fillText(text, -FROM_END, -OVER_LINE, room);
  ctx.restore();
}
