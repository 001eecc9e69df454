import { element } from "../page/dom.js";

/** One of a few, as buttons in a row: radio buttons, so that keys work as people know them. */
export function segments<Value extends string>(
  place: HTMLElement,
  name: string,
  label: string,
  values: readonly Value[],
  choose: (value: Value) => void,
): (chosen: Value) => void {
  const inputs = values.map((value) => element("input", { type: "radio", name, value }));
  inputs.forEach((input, i) => {
    input.addEventListener("change", () => choose(values[i]!));
  });
  place.append(
    element(
      "div",
      { class: "segments screen-only", role: "radiogroup", "aria-label": label },
      ...inputs.map((input, i) => element("label", {}, input, element("span", {}, values[i]!))),
    ),
  );
  return (chosen) => {
    inputs.forEach((input, i) => {
      input.checked = values[i] === chosen;
    });
  };
}

/** A box to tick with a name, whatever stands before it. */
export function checkBox(
  isChecked: boolean,
  toggle: () => void,
  ...name: readonly (Node | string)[]
): HTMLLabelElement {
  const input = element("input", { type: "checkbox" });
  input.checked = isChecked;
  input.addEventListener("change", toggle);
  return element("label", { class: "check" }, input, ...name);
}

/** A choice by name. The options may be replaced; the value stays where it still is one. */
export function setOptions(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
): void {
  const { value } = select;
  select.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
  if (options.some(([one]) => one === value)) select.value = value;
}
