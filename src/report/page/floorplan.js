import { byId, svgElement } from "./dom.js";
import { withUnit } from "./format.js";
import { seriesColour } from "./theme.js";
import { hideTooltip, showTooltip } from "./tooltip.js";

/** @typedef {import("../build-data.ts").BuildReportData} BuildReportData */
/** @typedef {import("../build-data.ts").Site} Site */

/** Cells that a tile of logic has room for. */
const LOGIC_CELLS = 8;

/**
 * Draws the part's tiles, the lowest row at the bottom.
 * @param {BuildReportData} data
 * @returns {(members: ReadonlySet<number> | null) => void} shows the cells of these members of groups alone; null: all
 */
export function showFloorplan({ floorplan, groups }) {
  const { columns, rows, sites } = floorplan;
  const members = groups.flatMap((group, index) => group.members.map(({ name }) => ({ name, group: index })));
  const rects = sites.map(({ x, y, height }, index) =>
    svgElement("rect", { x, y: rows - y - height, width: 1, height, rx: 0.16, "data-site": index }),
  );
  const map = svgElement(
    "svg",
    {
      viewBox: `0 0 ${columns} ${rows}`,
      role: "img",
      "aria-label": `Floorplan of ${columns} by ${rows} tiles; the table of units has its colours`,
    },
    ...rects,
  );
  byId("floorplan-map").append(map);

  /** @param {ReadonlySet<number> | null} shown */
  const draw = (shown) => {
    for (const [index, { kind, group, cells }] of sites.entries()) {
      const seen = shown === null ? cells : cells.filter(({ member }) => shown.has(member));
      const [first] = seen;
      const count = seen.reduce((sum, cell) => sum + cell.count, 0);
      const colour = shown === null ? group : first === undefined ? null : members[first.member].group;
      const { style } = rects[index];
      style.fill = `var(--${colour === null ? "idle" : seriesColour(colour)})`;
      style.fillOpacity =
        colour === null || kind !== "logic" ? "1" : String(0.3 + (0.7 * count) / LOGIC_CELLS);
    }
  };
  draw(null);

  /** @param {PointerEvent | MouseEvent} event */
  const tell = ({ target, clientX, clientY }) => {
    const site = target instanceof SVGElement ? sites[Number(target.dataset.site ?? -1)] : undefined;
    if (site === undefined) hideTooltip(map);
    else showTooltip(map, clientX, clientY, [{ heading: heading(site), rows: rowsOf(site) }]);
  };
  /** @param {Site} site */
  const heading = ({ x, y, kind, group }) =>
    `X${x} Y${y}, ${kind}: ${group === null ? "empty" : groups[group].name}`;
  /** @param {Site} site @returns {[string, string][]} */
  const rowsOf = ({ cells }) =>
    cells.map(({ member, count }) => [
      members[member].name,
      withUnit(String(count), count === 1 ? "cell" : "cells"),
    ]);

  map.addEventListener("pointermove", tell);
  map.addEventListener("click", tell);
  map.addEventListener("pointerleave", ({ pointerType }) => {
    // A finger that is lifted has left, and what it asked for is still to be read.
    if (pointerType !== "touch") hideTooltip(map);
  });
  return draw;
}
