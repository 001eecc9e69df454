import { KernelArena } from "../../models/kernels/arena.ts";
import type { FloatResident } from "../../models/kernels/resident.ts";

/**
 * The second-order view of a linear layer. With calibration inputs X [samples × cols] the mean squared output error
 * of replacing a row w of its weights by ŵ is eᵀHe, with e = w − ŵ and H = XᵀX / samples. Every method of this floor
 * that looks beyond single weights looks at H.
 */
export interface Hessian {
  readonly cols: number;
  /** Symmetric, [cols × cols]. */
  readonly data: Float64Array;
}

/** A damped H with its factor: what the second-order methods work with. */
export interface Curvature {
  readonly cols: number;
  /** λ */
  readonly damping: number;
  /** H + λI, symmetric positive definite, [cols × cols]. */
  readonly hessian: Float64Array;
  /**
   * The upper triangular R with H + λI = RRᵀ, [cols × cols].
   *
   * eᵀHe = ‖eᵀR‖² = Σ_j (Σ_{i≤j} e_i R_ij)²: the term of column j holds the errors up to j only, so columns can be
   * decided one after the other, each making up for those before it. GPTQ and SparseGPT say the same with U = R⁻¹,
   * the Cholesky factor of the inverse (H⁻¹ = UᵀU); R needs no inverse.
   */
  readonly factor: Float64Array;
}

/** Samples that the kernels sum in float32; such sums are added in float64. */
const CHUNK_SAMPLES = 256;

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

/**
 * H + λI and its factor, with λ = `dampingShare` times the mean of H's diagonal: positive definite even where inputs are
 * dead, repeated or fewer than columns, and a guard against believing a small calibration set too much.
 */
export function curvatureOf(hessian: Hessian, dampingShare: number): Curvature {
  const { cols } = hessian;
  const data = hessian.data.slice();
  let trace = 0;
  for (let i = 0; i < cols; i++) trace += data[i * cols + i]!;
  const damping = trace > 0 ? (dampingShare * trace) / cols : 1;
  for (let i = 0; i < cols; i++) data[i * cols + i]! += damping;
  return { cols, damping, hessian: data, factor: upperFactor(data, cols) };
}

/** R upper triangular with RRᵀ = `matrix`: a Cholesky factorisation that starts at the last column. */
function upperFactor(matrix: Float64Array, n: number): Float64Array {
  const rest = matrix.slice();
  const factor = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    const pivot = Math.sqrt(rest[j * n + j]!);
    for (let i = 0; i <= j; i++) factor[i * n + j] = column[i] = rest[i * n + j]! / pivot;
    for (let i = 0; i < j; i++) {
      for (let k = i; k < j; k++) rest[i * n + k]! -= column[i]! * column[k]!;
    }
  }
  return factor;
}

/** The diagonal of the inverse of H + λI: w²/[H⁻¹]_jj is what removing weight j costs if all others make up for it. */
export function inverseDiagonal({ cols: n, factor }: Curvature): Float64Array {
  const diagonal = new Float64Array(n);
  const column = new Float64Array(n); // of R⁻¹
  for (let j = 0; j < n; j++) {
    for (let i = j; i >= 0; i--) {
      let sum = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) sum -= factor[i * n + k]! * column[k]!;
      column[i] = sum / factor[i * n + i]!;
      diagonal[j]! += column[i]! ** 2;
    }
  }
  return diagonal;
}

/** eᵀHe */
export function quadraticForm({ cols, data }: Hessian, e: Float64Array): number {
  let total = 0;
  for (let i = 0; i < cols; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[i * cols + j]! * e[j]!;
    total += e[i]! * sum;
  }
  return total;
}

/** x with x (H + λI) = `row`. */
export function solve({ cols: n, factor }: Curvature, row: Float64Array): Float64Array {
  const x = row.slice();
  // x R Rᵀ = row: first y Rᵀ = row from the last column on, then x R = y from the first.
  for (let j = n - 1; j >= 0; j--) {
    let rest = x[j]!;
    for (let k = j + 1; k < n; k++) rest -= x[k]! * factor[j * n + k]!;
    x[j] = rest / factor[j * n + j]!;
  }
  for (let i = 0; i < n; i++) {
    const solved = x[i]! / factor[i * n + i]!;
    x[i] = solved;
    for (let j = i + 1; j < n; j++) x[j]! -= solved * factor[i * n + j]!;
  }
  return x;
}
