import { type Command, InvalidArgumentError, Option } from "commander";
import { InputError } from "../../models/errors.ts";
import type { CompressionWords } from "../compress/spec.ts";

/** Reads a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads seeds of the placer, separated by commas, each once. */
export function seedList(most: number): (text: string) => number[] {
  return (text) => {
    const parts = text.split(",").map((part) => part.trim());
    const seeds = parts.map(Number);
    if (seeds.length > most || parts.some((part, i) => !/^[1-9]\d*$/.test(part) || seeds[i]! > 2 ** 31 - 1))
      throw new InvalidArgumentError(`Give up to ${most} whole numbers from 1 on, such as 1,2,3.`);
    return [...new Set(seeds)];
  };
}

/** Reads a number within bounds. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads token ids, separated by commas. */
export function tokenIds(text: string): number[] {
  const ids = text.split(",").map((part) => part.trim());
  if (ids.some((id) => !/^\d{1,9}$/.test(id)))
    throw new InvalidArgumentError("It must be token ids separated by commas, as in 0,34,7.");
  return ids.map(Number);
}

/** Options that say how a model is compressed. */
export function addCompressionOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--weights <format>",
        "bits of weights, and how many share a scale of 8 bits: w2, w3, w4, w5 or w8 (groups of 32), or as in w4g128",
      ).default("w4g32"),
    )
    .addOption(
      new Option(
        "--sparsity <pattern>",
        "dense, n of m as in 2:4, 4:8 or 8:16, or n:16@0.5 for a count a block",
      ).default("dense"),
    )
    .addOption(new Option("--kv <bits>", "bits of cached keys and values").choices(["8", "4"]).default("8"))
    .addOption(
      new Option("--method <name>", "how codes are found")
        .choices(["second-order", "baseline"])
        .default("second-order"),
    );
}

export type CompressionOptions = Required<Pick<CompressionWords, "weights" | "sparsity" | "kv" | "method">>;

/** Whether it was left to the machine how weights are stored. */
export const saysNoFormat = (command: Command): boolean =>
  ["weights", "sparsity"].every((option) => command.getOptionValueSource(option) === "default");

/** The model that a command works on. */
export function addModelOption(command: Command): Command {
  return command.option(
    "--model <name>",
    "a model that ships, a folder with config.json and safetensors, or a shape: a name of `accel models` or a config.json",
    "llama-tiny",
  );
}

/** Checks ids against a vocabulary. */
export function checkIds(ids: readonly number[], vocabSize: number): void {
  const wrong = ids.find((id) => id >= vocabSize);
  if (wrong !== undefined)
    throw new InputError(`Token ${wrong} is not in the vocabulary: ids go from 0 to ${vocabSize - 1}.`);
}
