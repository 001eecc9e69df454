import { KernelArena } from "../../models/kernels/arena.ts";
import type { FloatResident } from "../../models/kernels/resident.ts";
import type { Hessian } from "./hessian.ts";

/** Samples that the kernels sum in float32; such sums are added in float64. */
const CHUNK_SAMPLES = 512;

/** Calibration inputs X [samples × cols] of a matrix, held for products with them. */
export class CalibrationInputs {
  readonly samples: number;
  readonly cols: number;
  readonly hessian: Hessian;
  /** Xᵀ in pieces of [cols × CHUNK_SAMPLES]. */
  private readonly pieces: readonly FloatResident[];

  constructor(x: Float32Array, cols: number, arena = new KernelArena()) {
    this.samples = x.length / cols;
    this.cols = cols;
    const transposed = [...chunksTransposed(x, cols)];
    this.pieces = transposed.map((piece) => arena.floatMatrix(cols, piece.length / cols, piece));
    this.hessian = { cols, data: this.sumProducts(transposed, cols) };
  }

  /** YᵀX / samples, [rows × cols], for outputs Y [samples × rows]. */
  productsWith(outputs: Float32Array, rows: number): Float64Array {
    return this.sumProducts(chunksTransposed(outputs, rows), rows);
  }

  private sumProducts(chunks: Iterable<Float32Array>, rows: number): Float64Array {
    const sums = new Float64Array(rows * this.cols);
    let index = 0;
    for (const chunk of chunks) {
      const products = this.pieces[index++]!.times(chunk, rows);
      for (let i = 0; i < sums.length; i++) sums[i]! += products[i]!;
    }
    return sums.map((sum) => sum / this.samples);
  }
}

/** The transposes [cols × CHUNK_SAMPLES] of consecutive rows of `x`; the last may be narrower. */
function* chunksTransposed(x: Float32Array, cols: number): Generator<Float32Array> {
  const samples = x.length / cols;
  for (let first = 0; first < samples; first += CHUNK_SAMPLES) {
    const count = Math.min(CHUNK_SAMPLES, samples - first);
    const piece = new Float32Array(cols * count);
    for (let sample = 0; sample < count; sample++) {
      const row = (first + sample) * cols;
      for (let col = 0; col < cols; col++) piece[col * count + sample] = x[row + col]!;
    }
    yield piece;
  }
}
