import { byId, element } from "../page/dom.js";
import type { RooflineReportData } from "../roofline-data.ts";
import { commandLines } from "../what-if/command.ts";
import { originalOf } from "../what-if/state.ts";
import { copyButton } from "./clipboard.ts";
import { entryList } from "./entry-list.ts";
import { markElement } from "./marks.ts";
import { changeClass, changeText, figureText } from "./numbers.ts";
import { settingsFields } from "./settings.ts";
import type { Controls, Shown, ShownEntry } from "./shown.ts";

const NARROW = "(max-width: 1020px)";

/** The controls, with what they come to beside them. */
export function showPanel(
  data: RooflineReportData,
  controls: Controls,
): (shown: Shown, isFromElsewhere: boolean) => void {
  const settings = settingsFields(data, controls);
  const entries = entryList(data, controls);
  const results = element("ul", { class: "results" });
  const spoken = element("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const reset = element("button", { type: "button", id: "reset" }, "Reset");
  reset.addEventListener("click", () => controls.reset(originalOf(data)));
  const command = element("pre", {
    id: "command",
    tabindex: "0",
    "aria-label": "The same on the command line",
  });
  byId("what-if-controls").append(
    element("div", { class: "panel-head" }, results, element("div", { class: "buttons" }, reset)),
    spoken,
    settings.element,
    entries.element,
    element("h3", {}, "On the command line"),
    command,
    copyButton("Copy", "Copy the command line", () => command.textContent ?? ""),
  );
  const panel = byId("what-if");
  if (panel instanceof HTMLDetailsElement) {
    const narrow = matchMedia(NARROW);
    const open = (): void => {
      panel.open = !narrow.matches;
    };
    narrow.addEventListener("change", open);
    open();
  }
  let isFirst = true;
  return (shown, isFromElsewhere) => {
    for (const field of settings.fields) field.sync(shown.state, isFromElsewhere);
    entries.sync(shown, isFromElsewhere);
    results.replaceChildren(...shown.entries.map((entry) => resultElement(entry, shown.isChanged)));
    reset.disabled = !shown.isChanged;
    command.textContent = commandLines(shown.state).join("\n");
    if (!isFirst) spoken.textContent = shown.entries.map(spokenResult).join("; ");
    isFirst = false;
  };
}

function resultElement({ outcome, original, mark, label }: ShownEntry, isChanged: boolean): HTMLElement {
  if (outcome.kind === "impossible") {
    return element(
      "li",
      { title: `${label}: ${outcome.why}` },
      markElement(mark),
      element("span", { class: "no" }, "cannot take part"),
    );
  }
  const { decodeTokensPerSecond: now, missingBytes } = outcome.generation;
  const was = original?.kind === "predicted" ? original.generation.decodeTokensPerSecond : null;
  const [text, kind] =
    missingBytes > 0
      ? ["does not fit", "no"]
      : was === null
        ? [isChanged ? "added" : "", ""]
        : [changeText(now, was), changeClass(now, was, "more")];
  return element(
    "li",
    { title: label },
    markElement(mark),
    element("b", {}, figureText(now, "token/s")),
    element("span", { class: `change ${kind}`.trim() }, text),
  );
}

function spokenResult({ outcome, label }: ShownEntry): string {
  if (outcome.kind === "impossible") return `${label}: ${outcome.why}`;
  return `${label}: ${figureText(outcome.generation.decodeTokensPerSecond, "token/s")}`;
}
