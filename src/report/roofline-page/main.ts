import { byId } from "../page/dom.js";
import { hideTooltipOnScroll } from "../page/tooltip.js";
import type { RooflineReportData } from "../roofline-data.ts";
import { evaluator } from "../what-if/evaluate.ts";
import { linkOf, readLink } from "../what-if/link.ts";
import { originalOf, type WhatIf } from "../what-if/state.ts";
import { showBreakdowns } from "./breakdown.ts";
import { showChart } from "./chart.ts";
import { showComparison } from "./comparison.ts";
import { showDevices } from "./devices.ts";
import { showHeader } from "./header.ts";
import { showHoldings } from "./holdings.ts";
import { showLegend } from "./legend.ts";
import { markGiver } from "./marks.ts";
import { showOperations } from "./operations.ts";
import { showPanel } from "./panel.ts";
import { type Controls, type Draw, firstView, formatText, type Shown, type View } from "./shown.ts";
import { showStepSwitches } from "./step-switch.ts";

/** Between the last change of a control and what follows from it: as long as that takes, within reason. */
const SETTLE_MS = { least: 40, most: 600 };

const results = byId("results");
const data: RooflineReportData = JSON.parse(byId("data").textContent ?? "");
const evaluate = evaluator(data);
const marksOf = markGiver();
const original = originalOf(data);
const originalOutcomes = new Map(
  evaluate(original).map(({ entry, outcome }) => [entry.id, outcome] as const),
);

let state: WhatIf = original;
let view: View = firstView(original.entries[0]?.id ?? 0);
let shown: Shown;
let settling: ReturnType<typeof setTimeout> | undefined;
let computingMs = 0;

const controls: Controls = {
  change: (next) => {
    state = next(state);
    results.setAttribute("aria-busy", "true");
    clearTimeout(settling);
    settling = setTimeout(
      () => recompute(false),
      Math.min(Math.max(SETTLE_MS.least, computingMs), SETTLE_MS.most),
    );
  },
  reset: (next) => {
    clearTimeout(settling);
    byId("link-problems").textContent = "";
    state = next;
    recompute(true);
  },
  look: (next) => {
    view = { ...view, ...next(view) };
    shown = { ...shown, view };
    for (const draw of sections) draw(shown);
  },
};

const panel = showPanel(data, controls);
const sections: readonly Draw[] = [
  showHeader(),
  showComparison(),
  showStepSwitches(controls),
  showLegend(controls),
  showChart(),
  showBreakdowns(),
  showHoldings(),
  showOperations(controls),
  showDevices(),
];

function recompute(isFromElsewhere: boolean): void {
  const start = performance.now();
  const marks = marksOf(state.entries);
  const link = linkOf(state, data);
  shown = {
    data,
    state,
    view,
    isChanged: link !== "",
    entries: evaluate(state).map(({ entry, outcome }, i) => ({
      entry,
      outcome,
      original: link === "" ? null : (originalOutcomes.get(entry.id) ?? null),
      mark: marks[i]!,
      label: `${outcome.device.title} ${formatText(entry)}`,
    })),
  };
  computingMs = performance.now() - start;
  panel(shown, isFromElsewhere);
  for (const draw of sections) draw(shown);
  results.setAttribute("aria-busy", "false");
  const address = location.href.split("#")[0]!;
  history.replaceState(null, "", link === "" ? address : `${address}#${link}`);
}

/** A link without a word of the page's is none of the page's: the name of a section. */
function open(): void {
  const link = location.hash.replace(/^#/, "");
  const { state: linked, problems } = readLink(link.includes("=") ? link : "", data);
  controls.reset(linked);
  byId("link-problems").textContent = problems.join(" ");
}

addEventListener("hashchange", open);
/** Sections are gone to without a word in the address, which says what is assumed. */
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const section = link === null ? null : document.getElementById(link.getAttribute("href")!.slice(1));
  if (section === null) return;
  event.preventDefault();
  section.scrollIntoView();
  section.setAttribute("tabindex", "-1");
  section.focus({ preventScroll: true });
});
hideTooltipOnScroll();
open();
