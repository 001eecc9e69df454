/** @typedef {import("../page-data.ts").PageData} PageData */

/**
 * A unit's spans in columns, ordered by time: span i covers the cycles from `start[i]` up to, not with, `end[i]`.
 * @typedef {{ unit: string, start: Float64Array, end: Float64Array, kind: Uint8Array, label: Uint32Array,
 *   cause: Uint32Array }} Track
 */

/** Spans as five packed integers each become columns. @param {PageData["timeline"]} timeline @returns {Track[]} */
export function unpackTracks({ tracks }) {
  return tracks.map(({ unit, spans }) => {
    const length = spans.length / 5;
    const track = {
      unit,
      start: new Float64Array(length),
      end: new Float64Array(length),
      kind: new Uint8Array(length),
      label: new Uint32Array(length),
      cause: new Uint32Array(length),
    };
    let cycle = 0;
    for (let i = 0; i < length; i++) {
      const [gap, duration, kind, label, cause] = spans.slice(5 * i, 5 * i + 5);
      track.start[i] = cycle + gap;
      track.end[i] = cycle + gap + duration;
      track.kind[i] = kind;
      track.label[i] = label;
      track.cause[i] = cause;
      cycle += gap + duration;
    }
    return track;
  });
}

/** Index of the first span that ends after `cycle`; the number of spans if none does. @param {Track} track @param {number} cycle */
export function firstEndingAfter({ end }, cycle) {
  let low = 0;
  let high = end.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end[middle] > cycle) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Index of the span at `cycle`, or -1 where the unit is idle. @param {Track} track @param {number} cycle */
export function spanAt(track, cycle) {
  const index = firstEndingAfter(track, cycle);
  return index < track.start.length && track.start[index] <= cycle ? index : -1;
}
