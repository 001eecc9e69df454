import { InputError } from "../../../models/errors.ts";
import { element } from "../page/dom.js";
import type { WhatIf } from "../what-if/state.ts";
import type { Controls } from "./shown.ts";

/** A control of the what-if panel. */
export interface Field {
  readonly element: HTMLElement;
  /** Shows what the state says. What someone is typing is left alone, unless the state comes from elsewhere. */
  readonly sync: (state: WhatIf, isFromElsewhere: boolean) => void;
}

interface TextField {
  readonly id: string;
  readonly label: string;
  /** Attributes of the input. */
  readonly input: Readonly<Record<string, string>>;
  readonly text: (state: WhatIf) => string;
  /** @throws InputError whose sentence stands at the field, while the state stays */
  readonly read: (state: WhatIf, text: string) => WhatIf;
}

/** Something to type. A word that is not understood changes nothing, and says why. */
export function textField(
  { id, label, input: attributes, text, read }: TextField,
  controls: Controls,
): Field {
  const input = element("input", { id, autocomplete: "off", spellcheck: "false", ...attributes });
  const error = element("p", { id: `${id}-error`, class: "error", role: "alert" });
  input.setAttribute("aria-describedby", error.id);
  const say = (problem: string): void => {
    error.textContent = problem;
    if (problem === "") input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  };
  input.addEventListener("input", () => {
    controls.change((state) => {
      try {
        const next = read(state, input.value);
        say("");
        return next;
      } catch (problem) {
        if (!(problem instanceof InputError)) throw problem;
        say(problem.message);
        return state;
      }
    });
  });
  return {
    element: element("div", { class: "field" }, element("label", { for: id }, label), input, error),
    sync: (state, isFromElsewhere) => {
      const isTyping = document.activeElement === input || error.textContent !== "";
      if (isTyping && !isFromElsewhere) return;
      input.value = text(state);
      say("");
    },
  };
}

interface SliderField {
  readonly id: string;
  readonly label: string;
  /** The slider goes over the logarithm to the base of two. */
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly value: (state: WhatIf) => number;
  readonly set: (state: WhatIf, value: number) => WhatIf;
  readonly text: (value: number) => string;
}

/** A slider that doubles: a share of its way is a factor. */
export function slider(
  { id, label, least, most, step, value, set, text }: SliderField,
  controls: Controls,
): Field {
  const input = element("input", {
    id,
    type: "range",
    min: String(Math.log2(least)),
    max: String(Math.log2(most)),
    step: String(step),
    "aria-label": label,
  });
  const show = (now: number): void => {
    input.value = String(Math.log2(now));
    input.setAttribute("aria-valuetext", text(now));
  };
  input.addEventListener("input", () => {
    const now = 2 ** Number(input.value);
    input.setAttribute("aria-valuetext", text(now));
    controls.change((state) => set(state, now));
  });
  return { element: input, sync: (state) => show(value(state)) };
}

interface ChoiceField {
  readonly id: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: (state: WhatIf) => string;
  readonly set: (state: WhatIf, value: string) => WhatIf;
  /** Where it has no meaning. */
  readonly isDisabled?: (state: WhatIf) => boolean;
}

/** A choice of a few. A value that is none of them is added to them: the report may have been written for any. */
export function choiceField(
  { id, label, options, value, set, isDisabled }: ChoiceField,
  controls: Controls,
): Field {
  const option = ([one, text]: readonly [string, string]) => element("option", { value: one }, text);
  const select = element("select", { id }, ...options.map(option));
  select.addEventListener("change", () => controls.change((state) => set(state, select.value)));
  return {
    element: element("div", { class: "field" }, element("label", { for: id }, label), select),
    sync: (state) => {
      const now = value(state);
      if (![...select.options].some((one) => one.value === now)) select.append(option([now, now]));
      select.value = now;
      select.disabled = isDisabled?.(state) ?? false;
    },
  };
}

export const row = (...fields: readonly Field[]): HTMLElement =>
  element("div", { class: "fields" }, ...fields.map((field) => field.element));
