import { element } from "../page/dom.js";
import type { RooflineReportData } from "../roofline-data.ts";
import {
  type Entry,
  mostEntries,
  type WhatIf,
  withDevice,
  withEntry,
  withoutEntry,
} from "../what-if/state.ts";
import { readSparsity, readWeights } from "../what-if/words.ts";
import { choiceField, type Field, textField } from "./fields.ts";
import { markElement } from "./marks.ts";
import type { Controls, Shown } from "./shown.ts";

/** The entries, each with its device and format to change, and a way to add others. */
export function entryList(
  data: RooflineReportData,
  controls: Controls,
): { element: HTMLElement; sync: (shown: Shown, isFromElsewhere: boolean) => void } {
  const list = element("ul", { class: "entries" });
  const devices = data.devices.map(({ name, title }) => [name, title] as const);
  const adding = element(
    "select",
    { id: "add-device", "aria-label": "Device to add" },
    ...devices.map(([value, text]) => element("option", { value }, text)),
  );
  const add = element("button", { type: "button", id: "add" }, "Add");
  add.addEventListener("click", () => controls.change((state) => withDevice(state, adding.value, data)));
  let rows = new Map<number, EntryRow>();

  return {
    element: element(
      "fieldset",
      {},
      element("legend", {}, "Entries"),
      list,
      element("div", { class: "buttons adding" }, adding, add),
    ),
    sync: ({ state, entries }, isFromElsewhere) => {
      const isSame = [...rows.keys()].join() === state.entries.map(({ id }) => id).join();
      if (!isSame) {
        const known = rows;
        rows = new Map(state.entries.map(({ id }) => [id, known.get(id) ?? entryRow(id, devices, controls)]));
        list.replaceChildren(...[...rows.values()].map((row) => row.element));
      }
      for (const { entry, mark } of entries) {
        const row = rows.get(entry.id);
        row?.mark.replaceChildren(markElement(mark));
        for (const field of row?.fields ?? []) field.sync(state, isFromElsewhere);
      }
      add.disabled = state.entries.length >= mostEntries(data);
    },
  };
}

interface EntryRow {
  readonly element: HTMLElement;
  readonly mark: HTMLElement;
  readonly fields: readonly Field[];
}

function entryRow(id: number, devices: readonly (readonly [string, string])[], controls: Controls): EntryRow {
  const of = (state: WhatIf, text: (entry: Entry) => string): string => {
    const entry = state.entries.find((one) => one.id === id);
    return entry === undefined ? "" : text(entry);
  };
  const sparsityOf = (state: WhatIf): string => of(state, ({ sparsity }) => sparsity);
  const device = choiceField(
    {
      id: `entry-${id}-device`,
      label: "Device",
      options: devices,
      value: (state) => of(state, (entry) => entry.device),
      set: (state, name) => withEntry(state, id, { device: name }),
    },
    controls,
  );
  const weights = textField(
    {
      id: `entry-${id}-weights`,
      label: "Weights",
      input: { type: "text", list: "weights" },
      text: (state) => of(state, (entry) => entry.weights),
      read: (state, text) => withEntry(state, id, { weights: readWeights(text, sparsityOf(state)) }),
    },
    controls,
  );
  const sparsity = textField(
    {
      id: `entry-${id}-sparsity`,
      label: "Sparsity",
      input: { type: "text", list: "sparsities" },
      text: sparsityOf,
      read: (state, text) => withEntry(state, id, { sparsity: readSparsity(text) }),
    },
    controls,
  );
  const mark = element("span", { class: "entry-mark" });
  const remove = element(
    "button",
    { type: "button", class: "remove", "aria-label": "Remove this entry" },
    "×",
  );
  remove.addEventListener("click", () => {
    controls.change((state) => withoutEntry(state, id));
    document.getElementById("add")?.focus();
  });
  return {
    mark,
    fields: [device, weights, sparsity],
    element: element("li", {}, mark, device.element, remove, weights.element, sparsity.element),
  };
}
