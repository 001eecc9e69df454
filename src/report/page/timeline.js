import { byId, canvasById } from "./dom.js";
import { percent, seconds, whole } from "./format.js";
import { legend, stateOf } from "./states.js";
import { onThemeChange, PAPER_SCALE, PAPER_WIDTH } from "./theme.js";
import { drawTimeline, timelineLayout } from "./timeline-draw.js";
import { listenForGestures } from "./timeline-gestures.js";
import { spanAt, unpackTracks } from "./timeline-tracks.js";
import { panned, zoomed } from "./timeline-window.js";
import { hideTooltip, showTooltip } from "./tooltip.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./timeline-draw.js").Place} Place */
/** @typedef {import("./timeline-tracks.js").Track} Track */
/** @typedef {import("./timeline-window.js").CycleWindow} CycleWindow */

/** Factor of one step of the buttons and keys. */
const ZOOM_STEP = 1.6;
/** Share of the window that an arrow key moves. */
const PAN_STEP = 0.15;

/**
 * The timeline: a canvas that shows a window of the token's cycles, and the controls that move the window.
 * @param {PageData} data
 * @param {Map<string, string>} colours
 */
export function showTimeline({ timeline, headline }, colours) {
  const canvas = canvasById("timeline-canvas");
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const frame = /** @type {HTMLElement} */ (canvas.parentElement);
  const tracks = unpackTracks(timeline);
  const total = timeline.cycles;

  /** @type {CycleWindow} */
  let window = { start: 0, end: total };
  /** @type {Place | null} */
  let hovered = null;
  let forPaper = false;
  let layout = timelineLayout(frame.clientWidth, devicePixelRatio, tracks.length);

  const draw = () => {
    layout = forPaper
      ? timelineLayout(PAPER_WIDTH, PAPER_SCALE, tracks.length)
      : timelineLayout(frame.clientWidth, devicePixelRatio, tracks.length);
    canvas.width = Math.round(layout.width * layout.scale);
    canvas.height = Math.round(layout.height * layout.scale);
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${layout.height}px`;
    drawTimeline(ctx, layout, { tracks, timeline, colours, window, hovered });
  };
  let scheduled = 0;
  const redraw = () => {
    cancelAnimationFrame(scheduled);
    scheduled = requestAnimationFrame(draw);
  };

  /** @param {CycleWindow} next */
  const show = (next) => {
    window = next;
    hovered = null;
    hideTooltip(canvas);
    byId("timeline-window").textContent = windowText(window, timeline, headline.clockMHz);
    redraw();
  };
  /** @param {number} factor @param {number} [cycle] that stays in place */
  const zoom = (factor, cycle = (window.start + window.end) / 2) =>
    show(zoomed(window, factor, cycle, total));
  /** @param {number} cycles */
  const pan = (cycles) => show(panned(window, cycles, total));
  const reset = () => show({ start: 0, end: total });

  const cyclesPerPixel = () => (window.end - window.start) / (layout.width - layout.gutter);
  /** @param {number} x px from the window's left */
  const cycleAt = (x) =>
    window.start + (x - canvas.getBoundingClientRect().left - layout.gutter) * cyclesPerPixel();

  /** @param {PointerEvent} event @returns {Place | null} */
  const placeUnder = (event) => {
    const box = canvas.getBoundingClientRect();
    const track = Math.floor((event.clientY - box.top) / layout.rowHeight);
    if (track < 0 || track >= tracks.length || event.clientX - box.left < layout.gutter) return null;
    const span = spanAt(tracks[track], cycleAt(event.clientX));
    return span < 0 ? null : { track, span };
  };
  /** @param {PointerEvent} event */
  const hover = (event) => {
    hovered = placeUnder(event);
    redraw();
    if (hovered === null) hideTooltip(canvas);
    else
      showTooltip(
        canvas,
        event.clientX,
        event.clientY,
        spanEntry(tracks[hovered.track], hovered.span, timeline),
      );
  };
  const leave = () => {
    hovered = null;
    hideTooltip(canvas);
    redraw();
  };

  listenForGestures(canvas, {
    pan: (distance) => pan(distance * cyclesPerPixel()),
    zoom: (factor, x) => zoom(factor, cycleAt(x)),
    hover,
    leave,
    isZoomedOut: () => window.end - window.start >= total,
  });

  const zoomIn = () => zoom(1 / ZOOM_STEP);
  const zoomOut = () => zoom(ZOOM_STEP);
  byId("zoom-in").addEventListener("click", zoomIn);
  byId("zoom-out").addEventListener("click", zoomOut);
  byId("zoom-reset").addEventListener("click", reset);

  /** @type {Readonly<Record<string, () => void>>} */
  const keys = {
    ArrowLeft: () => pan(-PAN_STEP * (window.end - window.start)),
    ArrowRight: () => pan(PAN_STEP * (window.end - window.start)),
    "+": zoomIn,
    "=": zoomIn,
    "-": zoomOut,
    0: reset,
    Home: reset,
    Escape: leave,
  };
  canvas.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });

  canvas.setAttribute(
    "aria-label",
    `Timeline of ${tracks.map(({ unit }) => unit).join(", ")} over ${whole(total)} cycles. ` +
      "Arrow keys pan, plus and minus zoom, 0 resets. The cycles by unit and cause stand in the table above.",
  );
  byId("timeline-legend").append(legend(coloursInUse(tracks, timeline, colours)));
  byId("timeline-window").textContent = windowText(window, timeline, headline.clockMHz);
  new ResizeObserver(redraw).observe(frame);
  onThemeChange((isPaper) => {
    forPaper = isPaper;
    draw();
  });
  draw();
}

/** @param {CycleWindow} window @param {PageData["timeline"]} timeline @param {number} clockMHz */
function windowText({ start, end }, { cycles, position }, clockMHz) {
  const time = seconds((end - start) / (clockMHz * 1e6));
  return `cycles ${whole(start)} to ${whole(end)} of ${whole(cycles)} · ${time} · token at position ${position}`;
}

/** What the tooltip says of a span. @param {Track} track @param {number} span @param {PageData["timeline"]} timeline */
function spanEntry({ unit, start, end, kind, label, cause }, span, { kinds, words, cycles }) {
  const length = end[span] - start[span];
  /** @type {[string, string][]} */
  const because = cause[span] === 0 ? [] : [["cause", words[cause[span]]]];
  /** @type {[string, string][]} */
  const rows = [
    ["unit", unit],
    ["state", kinds[kind[span]]],
    ...because,
    ["length", `${whole(length)} cycles (${percent(length / cycles)})`],
    ["from", `cycle ${whole(start[span])}`],
    ["to", `cycle ${whole(end[span])}`],
  ];
  return [{ heading: words[label[span]], rows }];
}

/** @param {Track[]} tracks @param {PageData["timeline"]} timeline @param {Map<string, string>} colours */
function coloursInUse(tracks, { kinds, words }, colours) {
  const states = new Set(
    tracks.flatMap(({ kind, cause }) =>
      Array.from(kind, (index, i) => stateOf(kinds[index], words[cause[i]])),
    ),
  );
  return new Map([...colours].filter(([state]) => states.has(state)));
}
