import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName, LlamaWeights, Matrix } from "../../models/decoder/weights.ts";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import type { QuantizedMatrix, WeightBits } from "../../models/formats/quantized-matrix.ts";
import { KernelArena } from "../../models/kernels/arena.ts";
import { baseline } from "./baseline.ts";
import { attention, embed, normalized, product, siluTimes, sum } from "./batch.ts";
import { CalibrationInputs } from "./calibration-inputs.ts";
import { dequantized } from "./dequantize.ts";
import { type FoldedWeights, foldedWeights } from "./fold.ts";
import { type Curvature, curvatureOf } from "./hessian.ts";
import { secondOrder } from "./second-order.ts";
import type { CompressionSpec, MatrixFormat } from "./spec.ts";
import { targetWeights } from "./target.ts";

/** Damping λ as a share of the mean squared input, as in GPTQ. */
const DAMPING_SHARE = 0.01;

/** How one matrix came through. */
export interface MatrixStatistics {
  readonly name: LinearName | "head";
  /** Counted from 0; for the head, the number of layers. */
  readonly layer: number;
  /**
   * ‖Y − Ŷ‖² / ‖Y‖² of its outputs on the calibration texts, with everything before it compressed too. What o and
   * down do to bring the residual stream back counts against them here.
   */
  readonly outputError: number;
  /** Share of weights whose code is not zero. */
  readonly density: number;
  readonly bits: WeightBits;
}

export interface Compression {
  readonly spec: CompressionSpec;
  readonly model: CompressedModel;
  readonly statistics: readonly MatrixStatistics[];
}

/**
 * Compresses a model matrix by matrix, in the order in which they run: each is calibrated on the inputs that the
 * compressed matrices before it produce, and makes up for a part of what they lost.
 * @param calibration token ids of each calibration text
 */
export function compressModel(
  shape: LlamaShape,
  weights: LlamaWeights,
  calibration: readonly (readonly number[])[],
  spec: CompressionSpec,
): Compression {
  if (calibration.every((ids) => ids.length === 0)) throw new RangeError("no tokens to calibrate on");
  const folded = foldedWeights(shape, weights);
  const compressor = new Compressor(shape, calibration, folded.embedding, spec);
  const layers = folded.layers.map((layer, index) => compressor.layer(layer, index));
  const head = compressor.head(folded.head);
  const model = { shape, embedding: folded.embedding, layers, head, kvBits: spec.kv };
  return { spec, model, statistics: compressor.statistics };
}

/** The same vectors in the decoder as it was and in the decoder as compressed so far, each [tokens × size]. */
interface Twin {
  readonly original: Float32Array;
  readonly compressed: Float32Array;
}

function twin(make: (side: keyof Twin) => Float32Array): Twin {
  return { original: make("original"), compressed: make("compressed") };
}

/** What goes into one or several matrices. */
interface LinearInputs {
  readonly x: Twin;
  /** Null for the baseline, which looks at no inputs. */
  readonly calibration: Calibration | null;
}

interface Calibration {
  readonly inputs: CalibrationInputs;
  readonly curvature: Curvature;
}

interface CompressedLinear {
  readonly matrix: QuantizedMatrix;
  readonly outputs: Twin;
}

/** Runs both decoders side by side, a layer at a time. */
class Compressor {
  readonly statistics: MatrixStatistics[] = [];
  private readonly shape: LlamaShape;
  private readonly spec: CompressionSpec;
  private readonly lengths: readonly number[];
  private hidden: Twin;
  /** Each layer has its own, so that its memory goes with it. */
  private arena = new KernelArena();

  constructor(
    shape: LlamaShape,
    calibration: readonly (readonly number[])[],
    embedding: Matrix,
    spec: CompressionSpec,
  ) {
    this.shape = shape;
    this.spec = spec;
    this.lengths = calibration.map((ids) => ids.length);
    const embedded = embed(calibration, embedding);
    this.hidden = { original: embedded, compressed: embedded };
  }

  layer(layer: FoldedWeights["layers"][number], index: number): Record<LinearName, QuantizedMatrix> {
    const { shape, lengths } = this;
    this.arena = new KernelArena();
    const format: MatrixFormat = { ...this.spec.weights, pattern: this.spec.pattern };
    const linear = (name: LinearName, inputs: LinearInputs, residual?: Twin): CompressedLinear =>
      this.linear({ name, layer: index, weights: layer[name], format }, inputs, residual);

    const attentionInputs = this.normalizedInputs();
    const q = linear("q", attentionInputs);
    const k = linear("k", attentionInputs);
    const v = linear("v", attentionInputs);
    const mixed = twin((side) =>
      attention(shape, lengths, { q: q.outputs[side], k: k.outputs[side], v: v.outputs[side] }, this.arena),
    );
    const o = linear("o", this.inputs(mixed, layer.o.cols), this.hidden);
    this.addToHidden(o.outputs);

    const feedForwardInputs = this.normalizedInputs();
    const gate = linear("gate", feedForwardInputs);
    const up = linear("up", feedForwardInputs);
    const activated = twin((side) => siluTimes(gate.outputs[side], up.outputs[side]));
    const down = linear("down", this.inputs(activated, layer.down.cols), this.hidden);
    this.addToHidden(down.outputs);

    return {
      q: q.matrix,
      k: k.matrix,
      v: v.matrix,
      o: o.matrix,
      gate: gate.matrix,
      up: up.matrix,
      down: down.matrix,
    };
  }

  head(weights: Matrix): QuantizedMatrix {
    this.arena = new KernelArena();
    const task = { name: "head", layer: this.shape.layers, weights, format: this.spec.head } as const;
    return this.linear(task, this.normalizedInputs()).matrix;
  }

  /** @param residual what the matrix's outputs are added to, if they are */
  private linear(task: LinearTask, inputs: LinearInputs, residual?: Twin): CompressedLinear {
    const { name, layer, weights, format } = task;
    const original = product(weights, inputs.x.original, this.arena);
    const { calibration } = inputs;
    const matrix =
      calibration === null
        ? baseline(weights, format)
        : secondOrder(this.target(weights, calibration, original, residual), calibration.curvature, format);
    const outputs = { original, compressed: product(dequantized(matrix), inputs.x.compressed, this.arena) };
    this.statistics.push({
      name,
      layer,
      outputError: relativeError(outputs),
      density: matrix.codes.reduce((count, code) => count + (code === 0 ? 0 : 1), 0) / matrix.codes.length,
      bits: matrix.bits,
    });
    return { matrix, outputs };
  }

  /** Weights whose outputs come near to the original ones, or take the residual stream back to its original. */
  private target(
    weights: Matrix,
    { inputs, curvature }: Calibration,
    outputs: Float32Array,
    residual?: Twin,
  ): Matrix {
    const wanted = outputs.slice();
    if (residual !== undefined) {
      const { original, compressed } = residual;
      for (let i = 0; i < wanted.length; i++) wanted[i]! += original[i]! - compressed[i]!;
    }
    return targetWeights(weights, inputs, curvature, wanted, this.arena);
  }

  private normalizedInputs(): LinearInputs {
    const { hidden, shape } = this;
    return this.inputs(
      twin((side) => normalized(hidden[side], shape)),
      shape.hiddenSize,
    );
  }

  private inputs(x: Twin, cols: number): LinearInputs {
    if (this.spec.method === "baseline") return { x, calibration: null };
    const inputs = new CalibrationInputs(x.compressed, cols, this.arena);
    return { x, calibration: { inputs, curvature: curvatureOf(inputs.hessian, DAMPING_SHARE) } };
  }

  private addToHidden(outputs: Twin): void {
    const { hidden } = this;
    this.hidden = twin((side) => sum(hidden[side], outputs[side]));
  }
}

interface LinearTask {
  readonly name: LinearName | "head";
  readonly layer: number;
  readonly weights: Matrix;
  readonly format: MatrixFormat;
}

function relativeError({ original, compressed }: Twin): number {
  let lost = 0;
  let all = 0;
  for (let i = 0; i < original.length; i++) {
    lost += (original[i]! - compressed[i]!) ** 2;
    all += original[i]! ** 2;
  }
  return all > 0 ? lost / all : 0;
}
