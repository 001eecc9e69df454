import { element } from "./dom.js";

/** @param {string} colour */
export function swatch(colour) {
  const square = element("span", { class: "swatch", "aria-hidden": "true" });
  square.style.background = `var(--${colour})`;
  return square;
}
