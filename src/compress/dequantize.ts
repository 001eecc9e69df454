import type { LlamaWeights, Matrix } from "../../models/decoder/weights.ts";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import type { QuantizedMatrix } from "../../models/formats/quantized-matrix.ts";
import { scaleOf } from "../../models/formats/scale.ts";
import { unfoldedWeights } from "./fold.ts";

/** The weights that codes and scales say, exact: a code of 8 bits times a mantissa of 5 fits a float32. */
export function dequantized(matrix: QuantizedMatrix): Matrix {
  const { rows, cols, groupSize, codes, scales, exponent } = matrix;
  const groups = Math.ceil(cols / groupSize);
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let group = 0; group < groups; group++) {
      const scale = scaleOf(scales[row * groups + group]!) * 2 ** exponent;
      const end = row * cols + Math.min((group + 1) * groupSize, cols);
      for (let i = row * cols + group * groupSize; i < end; i++) data[i] = codes[i]! * scale;
    }
  }
  return { rows, cols, data };
}

/** Float weights of an ordinary decoder that computes with what the compressed model's codes say. */
export function dequantizedWeights({ shape, embedding, layers, head }: CompressedModel): LlamaWeights {
  return unfoldedWeights(shape, {
    embedding,
    layers: layers.map((layer) => ({
      q: dequantized(layer.q),
      k: dequantized(layer.k),
      v: dequantized(layer.v),
      o: dequantized(layer.o),
      gate: dequantized(layer.gate),
      up: dequantized(layer.up),
      down: dequantized(layer.down),
    })),
    head: dequantized(head),
  });
}
