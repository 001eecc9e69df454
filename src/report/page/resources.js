import { byId, element } from "./dom.js";
import { whole } from "./format.js";
import { barRow } from "./stacked-bar.js";

/** Cells used of those there are, by kind. @param {import("../build-data.ts").BuildReportData} data */
export function showResources({ resources }) {
  const rows = resources.map(({ name, used, available }) => {
    const share = used / available;
    return barRow(name, [{ name: "used", share, colour: "busy" }], `${whole(used)} of ${whole(available)}`);
  });
  byId("resource-bars").append(element("div", { class: "bars" }, ...rows.flat()));
}
