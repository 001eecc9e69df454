import { siShort, whole } from "./format.js";
import { BUSY, stateOf } from "./states.js";
import { canvasFont, paint } from "./theme.js";
import { firstEndingAfter } from "./timeline-tracks.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./timeline-tracks.js").Track} Track */
/** @typedef {import("./timeline-window.js").CycleWindow} CycleWindow */
/** One span: indices of its track and of it in there. @typedef {{ track: number, span: number }} Place */
/** @typedef {{ top: number, height: number }} Lane px from the top of a row */
/**
 * Sizes in CSS px; `scale` device pixels make one. Each row has a lane for work and below it a thin one that says what
 * the unit was held up by.
 * @typedef {{ width: number, height: number, scale: number, gutter: number, rowHeight: number, work: Lane,
 *   reason: Lane }} Layout
 */
/**
 * @typedef {{ tracks: Track[], timeline: PageData["timeline"], colours: Map<string, string>, window: CycleWindow,
 *   hovered: Place | null }} View
 */

const AXIS_HEIGHT = 26;
const OVERVIEW_HEIGHT = 12;
/** Below this width names of units stand above their rows, not beside them. */
const NARROW = 600;
const GUTTER = 112;
/** Spans shorter than this many px are summed into columns of one device pixel. */
const TELLABLE = 3;
const TICK_DISTANCE = 84;

/** @param {number} width @param {number} scale @param {number} tracks @returns {Layout} */
export function timelineLayout(width, scale, tracks) {
  const narrow = width < NARROW;
  const top = narrow ? 20 : 4;
  const work = { top, height: narrow ? 20 : 24 };
  const reason = { top: top + work.height + 2, height: 7 };
  const rowHeight = reason.top + reason.height + 6;
  const height = tracks * rowHeight + AXIS_HEIGHT + OVERVIEW_HEIGHT;
  return { width, height, scale, gutter: narrow ? 0 : GUTTER, rowHeight, work, reason };
}

/**
 * Draws the window of every track. The cost grows with the spans in view, whatever the zoom.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Layout} layout
 * @param {View} view
 */
export function drawTimeline(ctx, layout, view) {
  const { tracks, window, timeline, hovered } = view;
  ctx.setTransform(layout.scale, 0, 0, layout.scale, 0, 0);
  ctx.clearRect(0, 0, layout.width, layout.height);
  drawAxis(ctx, layout, window, tracks.length * layout.rowHeight);
  tracks.forEach((track, row) => {
    const top = row * layout.rowHeight;
    drawName(ctx, layout, track.unit, top);
    ctx.fillStyle = paint("idle");
    ctx.fillRect(layout.gutter, top + layout.work.top, layout.width - layout.gutter, layout.work.height);
    drawSpans(ctx, layout, view, track, top);
  });
  if (hovered !== null) drawOutline(ctx, layout, view, hovered);
  drawOverview(ctx, layout, window, timeline.cycles);
}

/** Left and right edge of a span, cut to the window, in whole device pixels so that neighbours meet. @param {Layout} layout @param {CycleWindow} window @param {Track} track @param {number} span */
function edges({ gutter, width }, window, track, span) {
  const pixelsPerCycle = (width - gutter) / (window.end - window.start);
  return {
    left: gutter + Math.max(0, (track.start[span] - window.start) * pixelsPerCycle),
    right: gutter + Math.min(width - gutter, (track.end[span] - window.start) * pixelsPerCycle),
  };
}

/** @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {string} unit @param {number} top */
function drawName(ctx, { gutter, width, work }, unit, top) {
  ctx.fillStyle = paint("text");
  ctx.font = canvasFont(12.5);
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  if (gutter === 0) ctx.fillText(unit, 0, top + work.top / 2, width);
  else ctx.fillText(unit, 0, top + work.top + work.height / 2, gutter - 12);
}

/** @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {View} view @param {Track} track @param {number} top */
function drawSpans(ctx, layout, { timeline, colours, window }, track, top) {
  const { kinds, words } = timeline;
  /** Colours of the theme, read once a row. */
  const paints = new Map([...colours].map(([state, name]) => [state, paint(name)]));
  const labelPaint = paint("on-busy");
  /** Covered part of each device pixel, by state. @type {Map<string, Float64Array>} */
  const columns = new Map();
  /** @param {number} x */
  const snap = (x) => Math.round(x * layout.scale) / layout.scale;

  ctx.font = canvasFont(11.5);
  for (
    let i = firstEndingAfter(track, window.start);
    i < track.start.length && track.start[i] < window.end;
    i++
  ) {
    const state = stateOf(kinds[track.kind[i]], words[track.cause[i]]);
    const { left, right } = edges(layout, window, track, i);
    if (right - left < TELLABLE) {
      addCoverage(columns, state, left * layout.scale, right * layout.scale, layout.width * layout.scale);
      continue;
    }
    const lane = state === BUSY ? layout.work : layout.reason;
    const seam = right - left > 5 ? 1 : 0;
    ctx.fillStyle = paints.get(state) ?? "";
    ctx.fillRect(snap(left), top + lane.top, snap(right) - snap(left) - seam, lane.height);

    const label = words[track.label[i]];
    if (state === BUSY && right - left > 24 && ctx.measureText(label).width < right - left - 12) {
      ctx.fillStyle = labelPaint;
      ctx.fillText(label, left + 6, top + lane.top + lane.height / 2 + 0.5);
    }
  }
  drawColumns(ctx, layout, columns, paints, top);
}

/** Adds a short span to the one or two columns under it. @param {Map<string, Float64Array>} columns @param {string} state @param {number} left @param {number} right @param {number} width */
function addCoverage(columns, state, left, right, width) {
  const covered = columns.get(state) ?? new Float64Array(Math.ceil(width) + 1);
  columns.set(state, covered);
  for (let column = Math.floor(left); column < right; column++) {
    covered[column] += Math.min(right, column + 1) - Math.max(left, column);
  }
}

/** Stacks the states of each column in their lane, in the order of the legend. @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {Map<string, Float64Array>} columns @param {Map<string, string>} paints @param {number} top */
function drawColumns(ctx, layout, columns, paints, top) {
  const pixel = 1 / layout.scale;
  const stacked = new Float64Array(Math.ceil(layout.width * layout.scale) + 1);
  for (const [state, colour] of paints) {
    const covered = columns.get(state);
    if (covered === undefined) continue;
    const lane = state === BUSY ? layout.work : layout.reason;
    ctx.fillStyle = colour;
    for (let x = 0; x < covered.length; x++) {
      if (covered[x] === 0) continue;
      const height = covered[x] * lane.height;
      ctx.fillRect(x * pixel, top + lane.top + lane.height - stacked[x] - height, pixel, height);
      if (state !== BUSY) stacked[x] += height;
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {View} view @param {Place} place */
function drawOutline(ctx, layout, { tracks, timeline, window }, place) {
  const track = tracks[place.track];
  const { left, right } = edges(layout, window, track, place.span);
  const lane = timeline.kinds[track.kind[place.span]] === BUSY ? layout.work : layout.reason;
  const top = place.track * layout.rowHeight + lane.top;
  ctx.strokeStyle = paint("text");
  ctx.lineWidth = 1.5;
  ctx.strokeRect(left - 0.75, top - 0.75, Math.max(2, right - left) + 0.5, lane.height + 1.5);
}

/** @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {CycleWindow} window @param {number} top */
function drawAxis(ctx, { width, gutter }, window, top) {
  const cycles = window.end - window.start;
  const step = niceStep((cycles * TICK_DISTANCE) / (width - gutter));
  ctx.font = canvasFont(11.5);
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = "left";
  if (gutter > 0) {
    ctx.fillStyle = paint("muted");
    ctx.fillText("cycles", 0, top + 18);
  }
  for (let cycle = Math.ceil(window.start / step) * step; cycle <= window.end; cycle += step) {
    const x = gutter + ((cycle - window.start) / cycles) * (width - gutter);
    // Fine steps need every digit, coarse ones do not.
    const text = step >= 1000 ? siShort(cycle, "") : whole(cycle);
    const half = ctx.measureText(text).width / 2;
    ctx.fillStyle = paint("line");
    ctx.fillRect(Math.round(x), 0, 1, top + 4);
    ctx.fillStyle = paint("muted");
    ctx.fillText(text, Math.min(Math.max(x - half, gutter), width - 2 * half), top + 18);
  }
}

/** The least of 1, 2, 5, 10, 20, … that is not below `least`. @param {number} least */
function niceStep(least) {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return ([1, 2, 5, 10].find((factor) => factor * decade >= least) ?? 10) * decade;
}

/** A line for the whole token, thick where it is in view. @param {CanvasRenderingContext2D} ctx @param {Layout} layout @param {CycleWindow} window @param {number} cycles */
function drawOverview(ctx, { width, height, gutter }, window, cycles) {
  if (window.end - window.start >= cycles) return;
  const span = width - gutter;
  const length = Math.max(6, ((window.end - window.start) / cycles) * span);
  const left = gutter + Math.min((window.start / cycles) * span, span - length);
  ctx.fillStyle = paint("line");
  ctx.fillRect(gutter, height - 7, span, 2);
  ctx.fillStyle = paint("accent");
  ctx.fillRect(left, height - 8, length, 4);
}
