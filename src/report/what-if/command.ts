import type { Entry, WhatIf } from "./state.ts";

/**
 * The command lines that print what the page shows: one where every device is compared in every format, else one for
 * each format.
 */
export function commandLines(state: WhatIf): string[] {
  const { entries } = state;
  if (entries.length === 0) return [];
  const together = listsOf(entries);
  if (together.count === entriesAsked(entries)) return [commandLine(state, together)];
  const formats = [...new Set(entries.map(formatKey))];
  return formats.map((format) =>
    commandLine(state, listsOf(entries.filter((entry) => formatKey(entry) === format))),
  );
}

interface Lists {
  readonly devices: readonly string[];
  readonly weights: readonly string[];
  readonly sparsity: readonly string[];
  /** Combinations of the three, all of which the command compares. */
  readonly count: number;
}

function listsOf(entries: readonly Entry[]): Lists {
  const devices = [...new Set(entries.map(({ device }) => device))];
  const weights = [...new Set(entries.map((entry) => entry.weights))];
  const sparsity = [...new Set(entries.map((entry) => entry.sparsity))];
  return { devices, weights, sparsity, count: devices.length * weights.length * sparsity.length };
}

const formatKey = ({ weights, sparsity }: Entry): string => `${weights} ${sparsity}`;

const entriesAsked = (entries: readonly Entry[]): number =>
  new Set(entries.map((entry) => `${formatKey(entry)} ${entry.device}`)).size;

function commandLine({ shape, settings, bandwidth }: WhatIf, { devices, weights, sparsity }: Lists): string {
  const { batch, context, newTokens, keysAndValuesBits, activationBits, flashAttention, tensorParallel } =
    settings;
  return [
    "accel roofline",
    `--model ${shellWord(shape)}`,
    `--device ${shellWord(devices.join(","))}`,
    `--batch ${batch}`,
    `--context ${context}`,
    `--tokens ${newTokens}`,
    `--weights ${shellWord(weights.join(","))}`,
    `--sparsity ${shellWord(sparsity.join(","))}`,
    `--kv ${keysAndValuesBits}`,
    ...(activationBits === null ? [] : [`--activation-bits ${activationBits}`]),
    ...(flashAttention ? [] : ["--no-flash-attention"]),
    ...(tensorParallel === 1 ? [] : [`--tensor-parallel ${tensorParallel}`]),
    ...(bandwidth === 1 ? [] : [`--bandwidth ${bandwidth}`]),
  ].join(" ");
}

/** As a shell reads it back; a name may hold anything. */
const shellWord = (word: string): string =>
  /^[\w./:@,+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
