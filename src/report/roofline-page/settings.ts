import { ACTIVATION_BITS, KEY_VALUE_BITS, SCENARIO_BOUNDS } from "../../roofline/scenario.ts";
import { element } from "../page/dom.js";
import type { RooflineReportData } from "../roofline-data.ts";
import { BANDWIDTH_BOUNDS, type WhatIf, withSettings } from "../what-if/state.ts";
import {
  type CountName,
  type FormatParts,
  formatParts,
  formatWord,
  hasGroups,
  readActivationBits,
  readBandwidth,
  readCount,
  readKeysAndValuesBits,
  readSparsity,
  readSwitch,
  readWeights,
} from "../what-if/words.ts";
import { choiceField, type Field, row, slider, textField } from "./fields.ts";
import type { Controls } from "./shown.ts";

const WEIGHT_BITS = ["32", "16", "8", "6", "5", "4", "3", "2", "1"];
const GROUPS = ["16", "32", "64", "128", "256", "512", "1024"];
/** Ends of the sliders; what is typed may go further. */
const SLIDERS = { batch: [1, 1024], context: [1, 1 << 17], bandwidth: [1 / 4, 8] } as const;

/** Controls of all that entries share. */
export function settingsFields(
  data: RooflineReportData,
  controls: Controls,
): { element: HTMLElement; fields: Field[] } {
  const count = (name: CountName, id: string, label: string): Field =>
    textField(
      {
        id,
        label,
        input: {
          type: "number",
          inputmode: "numeric",
          min: String(SCENARIO_BOUNDS[name].least),
          max: String(SCENARIO_BOUNDS[name].most),
        },
        text: ({ settings }) => String(settings[name]),
        read: (state, text) => withSettings(state, { [name]: readCount(name, text) }),
      },
      controls,
    );
  const countSlider = (name: "batch" | "context", label: string): Field =>
    slider(
      {
        id: `${name}-slider`,
        label,
        least: SLIDERS[name][0],
        most: SLIDERS[name][1],
        step: 1,
        value: ({ settings }) => settings[name],
        set: (state, value) => withSettings(state, { [name]: Math.round(value) }),
        text: String,
      },
      controls,
    );
  const shape = choiceField(
    {
      id: "shape",
      label: "Model",
      options: [data.shape, ...data.shapes].map(({ name }) => [name, name] as const),
      value: (state) => state.shape,
      set: (state, name) => ({ ...state, shape: name }),
    },
    controls,
  );
  const batch = count("batch", "batch", "Sequences at once");
  const batchSlider = countSlider("batch", "Sequences at once");
  const context = count("context", "context", "Prompt, tokens");
  const contextSlider = countSlider("context", "Tokens of the prompt");
  const newTokens = count("newTokens", "new-tokens", "Answer, tokens");
  const devices = count("tensorParallel", "tensor-parallel", "Devices that share");
  const bandwidth = textField(
    {
      id: "bandwidth",
      label: "Bandwidth, ×",
      input: {
        type: "number",
        inputmode: "decimal",
        step: "any",
        min: String(BANDWIDTH_BOUNDS.least),
        max: String(BANDWIDTH_BOUNDS.most),
      },
      text: (state) => String(state.bandwidth),
      read: (state, text) => ({ ...state, bandwidth: readBandwidth(text) }),
    },
    controls,
  );
  const bandwidthSlider = slider(
    {
      id: "bandwidth-slider",
      label: "Bandwidth of memories",
      least: SLIDERS.bandwidth[0],
      most: SLIDERS.bandwidth[1],
      step: 0.25,
      value: (state) => state.bandwidth,
      set: (state, value) => ({ ...state, bandwidth: Number(value.toPrecision(3)) }),
      text: (value) => `×${Number(value.toPrecision(3))}`,
    },
    controls,
  );
  const keysAndValues = choiceField(
    {
      id: "keys-and-values",
      label: "Keys and values",
      options: KEY_VALUE_BITS.map((bits) => [String(bits), `${bits} bits`] as const),
      value: ({ settings }) => String(settings.keysAndValuesBits),
      set: (state, text) => withSettings(state, { keysAndValuesBits: readKeysAndValuesBits(text) }),
    },
    controls,
  );
  const activations = choiceField(
    {
      id: "activations",
      label: "Activations",
      options: [
        ["usual", "as each device"],
        ...ACTIVATION_BITS.map((bits) => [String(bits), `${bits} bits`] as const),
      ],
      value: ({ settings }) => String(settings.activationBits ?? "usual"),
      set: (state, text) => withSettings(state, { activationBits: readActivationBits(text) }),
    },
    controls,
  );
  const attention = choiceField(
    {
      id: "flash-attention",
      label: "Flash attention",
      options: [
        ["on", "on"],
        ["off", "off"],
      ],
      value: ({ settings }) => (settings.flashAttention ? "on" : "off"),
      set: (state, text) => withSettings(state, { flashAttention: readSwitch(text) }),
    },
    controls,
  );
  const formats = formatFields(controls);
  const fields = [
    shape,
    batch,
    batchSlider,
    context,
    contextSlider,
    newTokens,
    devices,
    bandwidth,
    bandwidthSlider,
    keysAndValues,
    activations,
    attention,
    ...formats,
  ];
  return {
    fields,
    element: element(
      "div",
      { class: "settings" },
      shape.element,
      pair(context, contextSlider),
      pair(batch, batchSlider),
      row(newTokens, devices),
      pair(bandwidth, bandwidthSlider),
      group("Weights of all entries", row(...formats)),
      row(keysAndValues, activations),
      row(attention),
    ),
  };
}

/** A field with its slider beneath. */
const pair = (field: Field, track: Field): HTMLElement =>
  element("div", { class: "with-slider" }, field.element, track.element);

const group = (name: string, ...content: readonly Node[]): HTMLElement =>
  element("fieldset", {}, element("legend", {}, name), ...content);

/** What entries do not have in common. */
const MIXED = "mixed";

/** One format for all entries at once. */
function formatFields(controls: Controls): Field[] {
  const common = (state: WhatIf, of: (parts: FormatParts, sparsity: string) => string): string => {
    const [first = MIXED, ...others] = new Set(
      state.entries.map((entry) => of(formatParts(entry.weights), entry.sparsity)),
    );
    return others.length === 0 ? first : MIXED;
  };
  const changeAll = (state: WhatIf, change: Partial<FormatParts>): WhatIf => ({
    ...state,
    entries: state.entries.map((entry) => {
      const word = formatWord({ ...formatParts(entry.weights), ...change });
      return { ...entry, weights: readWeights(word, entry.sparsity) };
    }),
  });
  return [
    choiceField(
      {
        id: "all-bits",
        label: "Bits",
        options: [[MIXED, MIXED], ...WEIGHT_BITS.map((bits) => [bits, bits] as const)],
        value: (state) => common(state, ({ bits }) => bits),
        set: (state, bits) => (bits === MIXED ? state : changeAll(state, { bits })),
      },
      controls,
    ),
    choiceField(
      {
        id: "all-group",
        label: "Group",
        options: [[MIXED, MIXED], ["", "usual"], ...GROUPS.map((size) => [size, size] as const)],
        value: (state) => common(state, ({ group }) => group),
        set: (state, size) => (size === MIXED ? state : changeAll(state, { group: size })),
        isDisabled: (state) => !state.entries.some(({ weights }) => hasGroups(formatParts(weights))),
      },
      controls,
    ),
    textField(
      {
        id: "all-sparsity",
        label: "Sparsity",
        input: { type: "text", list: "sparsities", placeholder: MIXED },
        text: (state) => {
          const word = common(state, (_, sparsity) => sparsity);
          return word === MIXED ? "" : word;
        },
        read: (state, text) => {
          const sparsity = readSparsity(text);
          return { ...state, entries: state.entries.map((entry) => ({ ...entry, sparsity })) };
        },
      },
      controls,
    ),
  ];
}
