import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openCheckpoint } from "../../../models/checkpoint/checkpoint.ts";
import type { LlamaShape } from "../../../models/decoder/shape.ts";
import { InputError } from "../../../models/errors.ts";
import {
  configJson,
  randomTensors,
  safetensorsBytes,
  type WrittenTensor,
  withHeader,
  writeRandomCheckpoint,
} from "../../support/checkpoint-writer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

export const WEIGHTS = "model.safetensors";
export const INDEX = "model.safetensors.index.json";
export const NORM = "model.norm.weight";

/** A good model folder, about to be damaged. */
export interface Model {
  readonly folder: string;
  readonly shape: LlamaShape;
}
export type Damage = (model: Model) => void;

/** Opens and reads all of a good model folder after `damage` was done to it. */
export function load(damage: Damage, shards = 1): void {
  const folder = temporaryFolder();
  const shape = writeRandomCheckpoint(folder, { shards, tokenizer: "llama-tiny" });
  damage({ folder, shape });
  const checkpoint = openCheckpoint(folder);
  try {
    checkpoint.loadWeights();
    checkpoint.tokenizer();
  } finally {
    checkpoint.close();
  }
}

/** Asserts that loading fails with an `InputError` of one sentence that says all of `parts`. */
export function refuses(parts: readonly string[], damage: Damage, shards = 1): void {
  let caught: unknown;
  try {
    load(damage, shards);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(InputError);
  const { message } = caught as InputError;
  for (const part of parts) expect(message).toContain(part);
  expect(message).toMatch(/^\P{C}*\.$/u);
  expect(message.length).toBeLessThan(500);
}

/** Writes config.json anew, with some fields changed. */
export const editConfig =
  (change: Record<string, unknown>): Damage =>
  ({ folder, shape }) =>
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...configJson(shape), ...change }));

/** Sets the value at a path ("model.vocab.a") of a JSON file. */
export const editJson =
  (file: string, path: string, value: unknown): Damage =>
  ({ folder }) => {
    const json: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const keys = path.split(".");
    const last = keys.pop()!;
    const parent = keys.reduce((at, key) => (at as Record<string, unknown>)[key], json);
    (parent as Record<string, unknown>)[last] = value;
    writeFileSync(join(folder, file), JSON.stringify(json));
  };

export const editTensors =
  (change: (tensors: readonly WrittenTensor[]) => readonly WrittenTensor[]): Damage =>
  ({ folder, shape }) =>
    writeFileSync(join(folder, WEIGHTS), safetensorsBytes(change(randomTensors(shape, 1, "F32"))));

export const editTensor = (name: string, change: (tensor: WrittenTensor) => WrittenTensor): Damage =>
  editTensors((tensors) => tensors.map((tensor) => (tensor.name === name ? change(tensor) : tensor)));

export const writeWeights =
  (bytes: Uint8Array): Damage =>
  ({ folder }) =>
    writeFileSync(join(folder, WEIGHTS), bytes);

/** Weights with the given header, before 64 bytes of zeros. */
export const withHeaderJson = (header: unknown): Damage =>
  writeWeights(withHeader(typeof header === "string" ? header : JSON.stringify(header), new Uint8Array(64)));
