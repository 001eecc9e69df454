import { InputError } from "../../../models/errors.ts";
import type { RooflineReportData } from "../roofline-data.ts";
import { type Entry, mostEntries, originalOf, type WhatIf, withSettings } from "./state.ts";
import {
  readActivationBits,
  readBandwidth,
  readCount,
  readKeysAndValuesBits,
  readSparsity,
  readSwitch,
  readWeights,
} from "./words.ts";

/** What differs from the report as the part of an address behind `#`, such as `batch=4&bandwidth=2`; "" where nothing does. */
export function linkOf(state: WhatIf, data: RooflineReportData): string {
  const original = originalOf(data);
  const { settings } = state;
  const link = new URLSearchParams();
  const set = (name: string, value: string, usual: string): void => {
    if (value !== usual) link.set(name, value);
  };
  set("shape", state.shape, original.shape);
  for (const name of ["batch", "context", "newTokens", "tensorParallel", "keysAndValuesBits"] as const) {
    set(name, String(settings[name]), String(original.settings[name]));
  }
  const activations = ({ settings: { activationBits } }: WhatIf): string => String(activationBits ?? "usual");
  set("activationBits", activations(state), activations(original));
  const flash = ({ settings: { flashAttention } }: WhatIf): string => (flashAttention ? "on" : "off");
  set("flashAttention", flash(state), flash(original));
  set("bandwidth", String(state.bandwidth), String(original.bandwidth));
  const entries = state.entries.map(entryWords);
  if (entries.join("\n") !== original.entries.map(entryWords).join("\n")) {
    for (const words of entries.length === 0 ? [""] : entries) link.append("entry", words);
  }
  return link.toString();
}

/** A device's name may hold anything, and so stands last. */
const entryWords = ({ id, weights, sparsity, device }: Entry): string =>
  `${id} ${weights} ${sparsity} ${device}`;

/** What a link says. Parts that are not understood stay as the report has them, each with a sentence. */
export function readLink(
  link: string,
  data: RooflineReportData,
): { readonly state: WhatIf; readonly problems: readonly string[] } {
  const words = new URLSearchParams(link.replace(/^#/, ""));
  const problems: string[] = [];
  let state = originalOf(data);
  const read = (name: string, change: (text: string) => WhatIf): void => {
    const text = words.get(name);
    if (text === null) return;
    try {
      state = change(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
    }
  };
  read("shape", (text) => {
    if (![data.shape, ...data.shapes].some(({ name }) => name === text))
      throw new InputError(`The link names the model "${text}", which this report does not have.`);
    return { ...state, shape: text };
  });
  for (const name of ["batch", "context", "newTokens", "tensorParallel"] as const) {
    read(name, (text) => withSettings(state, { [name]: readCount(name, text) }));
  }
  read("keysAndValuesBits", (text) =>
    withSettings(state, { keysAndValuesBits: readKeysAndValuesBits(text) }),
  );
  read("activationBits", (text) => withSettings(state, { activationBits: readActivationBits(text) }));
  read("flashAttention", (text) => withSettings(state, { flashAttention: readSwitch(text) }));
  read("bandwidth", (text) => ({ ...state, bandwidth: readBandwidth(text) }));
  read("entry", () => ({ ...state, entries: readEntries(words.getAll("entry"), data) }));
  return { state, problems };
}

function readEntries(texts: readonly string[], data: RooflineReportData): Entry[] {
  const given = texts.filter((text) => text !== "");
  if (given.length > mostEntries(data))
    throw new InputError(`The link asks for ${given.length} entries: ${mostEntries(data)} are the most.`);
  const entries = given.map((text): Entry => {
    const [, id, weights, sparsity, device] = /^(\d{1,4}) (\S+) (\S+) (.*)$/s.exec(text) ?? [];
    if (id === undefined || weights === undefined || sparsity === undefined || device === undefined)
      throw new InputError(`The link's entry "${text}" is not a number, a format, a sparsity and a device.`);
    if (!data.devices.some(({ name }) => name === device))
      throw new InputError(`The link names the device "${device}", which this report does not have.`);
    const pattern = readSparsity(sparsity);
    return { id: Number(id), device, weights: readWeights(weights, pattern), sparsity: pattern };
  });
  if (new Set(entries.map(({ id }) => id)).size < entries.length)
    throw new InputError("The link has two entries of the same number.");
  return entries;
}
