import { showBuildSummary } from "./build-summary.js";
import { showCriticalPath } from "./critical-path.js";
import { byId } from "./dom.js";
import { showFloorplan } from "./floorplan.js";
import { showResources } from "./resources.js";
import { showSettings } from "./settings.js";
import { showStages } from "./stages.js";
import { hideTooltipOnScroll } from "./tooltip.js";
import { showUnits } from "./units.js";

/** @type {import("../build-data.ts").BuildReportData} */
const data = JSON.parse(byId("data").textContent ?? "");

showBuildSummary(data);
showResources(data);
showUnits(data, showFloorplan(data));
showCriticalPath(data);
showStages(data);
showSettings(data);
hideTooltipOnScroll();
