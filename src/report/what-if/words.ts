import { InputError } from "../../../models/errors.ts";
import { ACTIVATION_BITS, KEY_VALUE_BITS, SCENARIO_BOUNDS } from "../../roofline/scenario.ts";
import { parseStoredPattern, parseStoredWeights } from "../../roofline/workload/format-words.ts";
import { BANDWIDTH_BOUNDS } from "./state.ts";

/** What people type, read or refused in one sentence. All of these throw InputError. */

const NAMES = {
  batch: "The batch",
  context: "The context",
  newTokens: "The count of new tokens",
  tensorParallel: "The count of devices",
} as const;

/** The number of a scenario that is counted in whole steps. */
export type CountName = keyof typeof SCENARIO_BOUNDS;

export function readCount(name: CountName, text: string): number {
  const { least, most } = SCENARIO_BOUNDS[name];
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text.trim()) || value < least || value > most) {
    throw new InputError(`${NAMES[name]} is a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

export function readBandwidth(text: string): number {
  const { least, most } = BANDWIDTH_BOUNDS;
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most)) {
    throw new InputError(`The bandwidth's factor is a number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

export const readKeysAndValuesBits = (text: string): number =>
  oneOf("Keys and values have", KEY_VALUE_BITS, text);

/** "usual" is what each device computes with by itself: null. */
export const readActivationBits = (text: string): number | null =>
  text === "usual" ? null : oneOf("Activations have", ACTIVATION_BITS, text);

function oneOf(subject: string, choice: readonly number[], text: string): number {
  const value = choice.find((bits) => String(bits) === text);
  if (value === undefined) throw new InputError(`${subject} ${choice.join(", ")} bits, not "${text}".`);
  return value;
}

export function readSwitch(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InputError(`A switch is on or off, not "${text}".`);
  return text === "on";
}

/** The word itself, once it is known to be understood beside this sparsity. */
export function readWeights(text: string, sparsity: string): string {
  parseStoredWeights({ weights: text.trim(), sparsity });
  return text.trim();
}

export function readSparsity(text: string): string {
  parseStoredPattern(text.trim());
  return text.trim();
}

/** Bits, group and scale of a format's word, as the word has them. */
export interface FormatParts {
  readonly bits: string;
  /** "" where the word names none. */
  readonly group: string;
  readonly scale: string;
}

export function formatParts(word: string): FormatParts {
  const [, bits = "", group = "", scale = ""] = /^w(\d+)(?:g(\d+))?(?:s(\d+))?$/i.exec(word) ?? [];
  return { bits, group, scale };
}

/** Numbers as they were trained have neither group nor scale. */
export const hasGroups = ({ bits }: Pick<FormatParts, "bits">): boolean => bits !== "16" && bits !== "32";

export const formatWord = ({ bits, group, scale }: FormatParts): string =>
  hasGroups({ bits })
    ? `w${bits}${group === "" ? "" : `g${group}`}${scale === "" ? "" : `s${scale}`}`
    : `w${bits}`;
