/** Zoom a px of wheel travel, as an exponent of e. */
const ZOOM_PER_PIXEL = 0.0016;
/** Px of a line, where a browser scrolls by lines. */
const LINE = 30;
/** Fingers closer than this count as this far apart. */
const CLOSEST = 16;

/**
 * Turns mouse, touch and wheel over a canvas into pans, zooms and hovers. Distances are in px, x from the window's left.
 * @param {HTMLCanvasElement} canvas
 * @param {{ pan: (distance: number) => void, zoom: (factor: number, x: number) => void,
 *   hover: (event: PointerEvent) => void, leave: () => void, isZoomedOut: () => boolean }} actions
 */
export function listenForGestures(canvas, { pan, zoom, hover, leave, isZoomedOut }) {
  /** Fingers and buttons that are down, where they were last. @type {Map<number, PointerEvent>} */
  const down = new Map();
  let moved = false;

  canvas.addEventListener("pointerdown", (event) => {
    if (down.size === 0) moved = false;
    down.set(event.pointerId, event);
    canvas.setPointerCapture(event.pointerId);
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) {
      hover(event);
      return;
    }
    const other = [...down.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    if (other !== undefined) {
      const distance = Math.max(CLOSEST, Math.abs(event.clientX - other.clientX));
      const distanceBefore = Math.max(CLOSEST, Math.abs(before.clientX - other.clientX));
      zoom(distanceBefore / distance, (event.clientX + other.clientX) / 2);
      moved = true;
    } else if (event.clientX !== before.clientX) {
      pan(before.clientX - event.clientX);
      moved = true;
    }
    down.set(event.pointerId, event);
  });

  canvas.addEventListener("pointerup", (event) => {
    down.delete(event.pointerId);
    if (!moved) hover(event);
  });
  canvas.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  // A finger leaves when it is lifted, but what it has tapped on should stay to be read.
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") leave();
  });

  canvas.addEventListener(
    "wheel",
    (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      // With nothing left to zoom out of, the wheel scrolls the page as everywhere else.
      if (isZoomedOut() && (sideways || event.deltaY > 0)) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
      if (sideways) pan(event.deltaX * unit);
      else zoom(Math.exp(event.deltaY * unit * ZOOM_PER_PIXEL), event.clientX);
    },
    { passive: false },
  );
}
