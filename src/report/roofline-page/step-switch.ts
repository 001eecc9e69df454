import type { StepName } from "../what-if/figures.ts";
import { segments } from "./choices.ts";
import type { Controls, Draw } from "./shown.ts";

const STEPS: readonly StepName[] = ["prefill", "decode"];

/** The switch between the two steps stands at every section that shows one of them; all go together. */
export function showStepSwitches(controls: Controls): Draw {
  const switches = [...document.querySelectorAll("[data-step-switch]")].map((place, index) => {
    if (!(place instanceof HTMLElement)) throw new Error("a switch stands in an element");
    return segments(place, `step-${index}`, "Step", STEPS, (step) => controls.look(() => ({ step })));
  });
  const names = [...document.querySelectorAll("[data-step-name]")];
  return ({ view }) => {
    for (const show of switches) show(view.step);
    for (const name of names) name.textContent = view.step;
  };
}
