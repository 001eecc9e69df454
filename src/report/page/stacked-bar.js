import { element } from "./dom.js";
import { percent } from "./format.js";

/** @typedef {{ name: string, share: number, colour: string }} Part */

/** Name, bar and figure: three cells of the grid `.bars`. @param {string} name @param {readonly Part[]} parts @param {string} figure */
export function barRow(name, parts, figure) {
  return [
    element("span", { class: "name" }, name),
    stackedBar(parts),
    element("span", { class: "number" }, figure),
  ];
}

/** @param {readonly Part[]} parts */
export function stackedBar(parts) {
  const label = parts.map(({ name, share }) => `${name} ${percent(share)}`).join(", ");
  const bar = element("div", { class: "bar", role: "img", "aria-label": label });
  for (const { name, share, colour } of parts) {
    if (share <= 0) continue;
    const segment = element("span", { class: "segment", title: `${name}: ${percent(share)}` });
    segment.style.width = `${Math.min(1, share) * 100}%`;
    segment.style.background = `var(--${colour})`;
    bar.append(segment);
  }
  return bar;
}
