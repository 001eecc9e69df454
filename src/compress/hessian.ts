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
  /** (H + λI)⁻¹, symmetric, [cols × cols]. */
  readonly inverse: Float64Array;
}

/**
 * H + λI, its factor and its inverse, with λ = `dampingShare` times the mean of H's diagonal: positive definite even where inputs are
 * dead, repeated or fewer than columns, and a guard against believing a small calibration set too much.
 */
export function curvatureOf(hessian: Hessian, dampingShare: number): Curvature {
  const { cols } = hessian;
  const data = hessian.data.slice();
  let trace = 0;
  for (let i = 0; i < cols; i++) trace += data[i * cols + i]!;
  const damping = trace > 0 ? (dampingShare * trace) / cols : 1;
  for (let i = 0; i < cols; i++) data[i * cols + i]! += damping;
  const factor = upperFactor(data, cols);
  return { cols, damping, hessian: data, factor, inverse: inverseOf(factor, cols) };
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

/** (RRᵀ)⁻¹ = R⁻ᵀR⁻¹ */
function inverseOf(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  const rowOfInverse = new Float64Array(n); // of R⁻¹, which is upper triangular as well
  for (let i = 0; i < n; i++) {
    rowOfInverse.fill(0);
    rowOfInverse[i] = 1;
    for (let k = i; k < n; k++) {
      const x = rowOfInverse[k]! / factor[k * n + k]!;
      rowOfInverse[k] = x;
      for (let j = k + 1; j < n; j++) rowOfInverse[j]! -= x * factor[k * n + j]!;
    }
    for (let k = i; k < n; k++) {
      for (let j = k; j < n; j++) inverse[k * n + j]! += rowOfInverse[k]! * rowOfInverse[j]!;
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) inverse[i * n + j] = inverse[j * n + i]!;
  return inverse;
}
