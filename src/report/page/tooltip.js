import { byId, element } from "./dom.js";

/** Distance from the pointer, px. */
const OFFSET = 14;

/** Whose tooltip is shown. @type {Element | null} */
let tooltipOwner = null;

/**
 * Shows a small panel beside a point of the window, kept inside it.
 * @param {Element} owner
 * @param {number} x px from the window's left
 * @param {number} y px from the window's top
 * @param {readonly { heading: string, rows: readonly (readonly [string, string])[] }[]} entries
 */
export function showTooltip(owner, x, y, entries) {
  tooltipOwner = owner;
  const tooltip = byId("tooltip");
  tooltip.replaceChildren(
    ...entries.map(({ heading, rows }) =>
      element(
        "div",
        {},
        element("strong", {}, heading),
        element(
          "dl",
          {},
          ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
        ),
      ),
    ),
  );
  tooltip.hidden = false;
  const { width, height } = tooltip.getBoundingClientRect();
  const left = x + OFFSET + width < innerWidth ? x + OFFSET : x - OFFSET - width;
  const top = y + OFFSET + height < innerHeight ? y + OFFSET : y - OFFSET - height;
  tooltip.style.left = `${Math.max(4, left)}px`;
  tooltip.style.top = `${Math.max(4, top)}px`;
}

/** Hides the tooltip of this owner; that of another, which came since, stays. @param {Element} owner */
export function hideTooltip(owner) {
  if (owner === tooltipOwner) byId("tooltip").hidden = true;
}

/** It stands still while the page moves under it. */
export function hideTooltipOnScroll() {
  addEventListener(
    "scroll",
    () => {
      byId("tooltip").hidden = true;
    },
    { passive: true },
  );
}
