import { element } from "./dom.js";

/** A headline figure. @typedef {{ name: string, value: string, unit: string, details: string[], origin: string, alarm?: boolean }} Card */

/** @param {Card} card */
export function cardElement({ name, value, unit, details, origin, alarm }) {
  return element(
    "article",
    { class: alarm ? "card alarm" : "card" },
    element("h2", {}, name),
    element("p", { class: "figure" }, element("b", {}, value), " ", element("span", { class: "unit" }, unit)),
    ...details.map((detail) => element("p", { class: "detail" }, detail)),
    element("p", { class: "origin" }, origin),
  );
}

/** @param {string} name @param {string} value */
export function fact(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}
