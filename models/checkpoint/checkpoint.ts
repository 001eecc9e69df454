import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { basename, join, resolve } from "node:path";
import { linearSize } from "../decoder/operators.ts";
import type { LlamaShape } from "../decoder/shape.ts";
import {
  type LayerWeights,
  LINEAR_NAMES,
  type LinearName,
  type LlamaWeights,
  type Matrix,
} from "../decoder/weights.ts";
import { InputError } from "../errors.ts";
import { brief } from "../validate.ts";
import { type ModelConfig, parseConfig } from "./config.ts";
import { ModelFolder } from "./model-folder.ts";
import { shapeText } from "./safetensors-header.ts";
import {
  attentionNormTensor,
  EMBEDDING,
  FINAL_NORM,
  feedForwardNormTensor,
  HEAD,
  isRedundant,
  linearTensor,
  tensorShapes,
} from "./tensors.ts";
import { parseTokenizer, type Tokenizer } from "./tokenizer.ts";
import { WeightFiles } from "./weight-files.ts";

const CONFIG = "config.json";
const TOKENIZER = "tokenizer.json";
const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_TOKENIZER_BYTES = 64 * 2 ** 20;
const HASH_CHUNK_BYTES = 4 * 2 ** 20;

/**
 * Opens a Hugging Face folder of the Llama family: config.json, model.safetensors (or shards with an index), and
 * tokenizer.json. Everything but the numbers themselves is checked here; those are read and checked when asked for.
 * @throws InputError naming the file, and the tensor or field, that is wrong
 */
export function openCheckpoint(folder: string): Checkpoint {
  const modelFolder = new ModelFolder(folder);
  const config = parseConfig(modelFolder.readJson(CONFIG, MAX_CONFIG_BYTES), join(folder, CONFIG));
  const files = WeightFiles.open(modelFolder);
  try {
    checkTensors(files, config.shape);
  } catch (error) {
    files.close();
    throw error;
  }
  return new Checkpoint(modelFolder, config, files);
}

/** A model on disk. Keeps its files open until `close`. */
export class Checkpoint {
  /** The folder's own name. */
  readonly name: string;
  readonly folder: string;
  readonly shape: LlamaShape;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  private readonly modelFolder: ModelFolder;
  private readonly files: WeightFiles;

  constructor(modelFolder: ModelFolder, config: ModelConfig, files: WeightFiles) {
    this.name = basename(resolve(modelFolder.path));
    this.folder = modelFolder.path;
    this.shape = config.shape;
    this.bosTokenId = config.bosTokenId;
    this.eosTokenIds = config.eosTokenIds;
    this.modelFolder = modelFolder;
    this.files = files;
  }

  /**
   * One tensor's numbers, row-major.
   * @throws InputError if it is missing, has another shape, or holds a number that is not finite
   */
  tensor(name: string, shape: readonly number[]): Float32Array {
    checkShape(this.files, name, shape);
    return this.files.tensors.get(name)!.file.read(name);
  }

  /** All weights. @throws InputError if they do not fit in this machine's memory, or as `tensor` does */
  loadWeights(): LlamaWeights {
    this.checkMemory();
    const { shape } = this;
    const { hiddenSize, vocabSize } = shape;
    const embedding = this.matrix(EMBEDDING, vocabSize, hiddenSize);
    const layers = Array.from({ length: shape.layers }, (_, layer) => this.layer(layer));
    return {
      embedding,
      layers,
      finalNorm: this.tensor(FINAL_NORM, [hiddenSize]),
      head: shape.tiedEmbeddings ? embedding : this.matrix(HEAD, vocabSize, hiddenSize),
    };
  }

  get hasTokenizer(): boolean {
    return existsSync(join(this.folder, TOKENIZER));
  }

  /** @throws InputError if there is no tokenizer.json, or it cannot be used with this model */
  tokenizer(): Tokenizer {
    const json = this.modelFolder.readJson(TOKENIZER, MAX_TOKENIZER_BYTES);
    return parseTokenizer(json, this.shape.vocabSize, join(this.folder, TOKENIZER));
  }

  /** SHA-256 over the configuration and the weights, in hexadecimal: equal for equal models. */
  hash(): string {
    const hash = createHash("sha256");
    for (const name of [CONFIG, ...this.files.names]) {
      const file = this.modelFolder.open(name);
      hash.update(`${name}\n${file.bytes}\n`);
      for (let at = 0; at < file.bytes; at += HASH_CHUNK_BYTES) {
        hash.update(file.read(at, Math.min(HASH_CHUNK_BYTES, file.bytes - at)));
      }
      file.close();
    }
    return hash.digest("hex");
  }

  close(): void {
    this.files.close();
  }

  private matrix(name: string, rows: number, cols: number): Matrix {
    return { rows, cols, data: this.tensor(name, [rows, cols]) };
  }

  private layer(layer: number): LayerWeights {
    const [q, k, v, o, gate, up, down] = LINEAR_NAMES.map((name) => this.linear(layer, name));
    const attentionNorm = this.tensor(attentionNormTensor(layer), [this.shape.hiddenSize]);
    const feedForwardNorm = this.tensor(feedForwardNormTensor(layer), [this.shape.hiddenSize]);
    return { q: q!, k: k!, v: v!, o: o!, gate: gate!, up: up!, down: down!, attentionNorm, feedForwardNorm };
  }

  private linear(layer: number, name: LinearName): Matrix {
    const { rows, cols } = linearSize(this.shape, name);
    return this.matrix(linearTensor(layer, name), rows, cols);
  }

  private checkMemory(): void {
    let numbers = 0;
    for (const shape of tensorShapes(this.shape).values()) numbers += shape.reduce((a, b) => a * b, 1);
    const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    if (4 * numbers > totalmem()) {
      throw new InputError(
        `${this.folder}: the weights take ${gibibytes(4 * numbers)} as 32-bit floats, more than this machine's ${gibibytes(totalmem())} of memory.`,
      );
    }
  }
}

/** The files must hold the tensors of a model of this shape, and nothing that would change it. */
function checkTensors(files: WeightFiles, shape: LlamaShape): void {
  const wanted = tensorShapes(shape);
  for (const [name, tensorShape] of wanted) checkShape(files, name, tensorShape);
  for (const [name, { file }] of files.tensors) {
    if (!wanted.has(name) && !isRedundant(name, shape)) {
      throw new InputError(
        `${file.path}: tensor "${brief(name)}" belongs to no model that its config.json describes.`,
      );
    }
  }
}

function checkShape(files: WeightFiles, name: string, shape: readonly number[]): void {
  const stored = files.tensors.get(name);
  if (stored === undefined) throw new InputError(`${files.path}: tensor "${brief(name)}" is missing.`);
  const found = stored.entry.shape;
  if (found.length !== shape.length || found.some((size, i) => size !== shape[i])) {
    throw new InputError(
      `${stored.file.path}: tensor "${brief(name)}" is ${shapeText(found)}, but the model needs ${shapeText(shape)}.`,
    );
  }
}
