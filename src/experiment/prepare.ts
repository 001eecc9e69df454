import type { Checkpoint } from "../../models/checkpoint/checkpoint.ts";
import { openModel } from "../../models/checkpoint/open-model.ts";
import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import { type IntegerModel, quantizeEmbedding } from "../../models/decoder/integer/model.ts";
import type { LlamaWeights } from "../../models/decoder/weights.ts";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import { type Compression, compressModel } from "../compress/compress.ts";
import type { CompressionSpec } from "../compress/spec.ts";
import { type Texts, textsFor } from "./texts.ts";

/** A model from disk with all that experiments want of it; parts are made when first asked for. */
export class LoadedModel {
  readonly checkpoint: Checkpoint;
  /** Null where the folder has no tokenizer.json. */
  readonly tokenizer: Tokenizer | null;
  readonly texts: Texts;
  private loaded: LlamaWeights | null = null;
  private decoder: FloatDecoder | null = null;

  /**
   * @param name a model that ships, or a folder
   * @param textFile text to calibrate with and to measure on, for models without their own
   */
  constructor(name: string, textFile?: string) {
    this.checkpoint = openModel(name);
    this.tokenizer = this.checkpoint.hasTokenizer ? this.checkpoint.tokenizer() : null;
    this.texts = textsFor(name, this.checkpoint, this.tokenizer, textFile);
  }

  get weights(): LlamaWeights {
    this.loaded ??= this.checkpoint.loadWeights();
    return this.loaded;
  }

  get float(): FloatDecoder {
    this.decoder ??= new FloatDecoder(this.checkpoint.shape, this.weights);
    return this.decoder;
  }

  compress(spec: CompressionSpec): Compression {
    return compressModel(
      this.checkpoint.shape,
      this.weights,
      this.texts.calibration(() => this.float),
      spec,
    );
  }
}

/** The compressed model as integers alone. */
export function integerModel(model: CompressedModel): IntegerModel {
  return { ...model, embedding: quantizeEmbedding(model.embedding) };
}

export function integerDecoder(model: CompressedModel): IntegerDecoder {
  return new IntegerDecoder(integerModel(model));
}
