import { showBytes, showStalls, showUtilisation } from "./bars.js";
import { byId } from "./dom.js";
import { showOperators } from "./operators.js";
import { showRoofline } from "./roofline.js";
import { stateColours } from "./states.js";
import { showLadder, showOrigins, showSummary } from "./summary.js";
import { showTimeline } from "./timeline.js";
import { hideTooltipOnScroll } from "./tooltip.js";

/** @type {import("../page-data.ts").PageData} */
const data = JSON.parse(byId("data").textContent ?? "");
const colours = stateColours(data);

showSummary(data);
showRoofline(data);
showBytes(data);
showUtilisation(data);
showStalls(data, colours);
showTimeline(data, colours);
showOperators(data);
showLadder(data);
showOrigins(data);
hideTooltipOnScroll();
