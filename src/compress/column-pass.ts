import type { Curvature } from "./hessian.ts";
import { type KeepPlan, keepHighest } from "./prune.ts";
import type { Row } from "./row.ts";
import { bestScale, codeRange, nearestCode, type ScaleGrid } from "./scales.ts";
import type { MatrixFormat } from "./spec.ts";

/**
 * Decides a row's columns from first to last. With the errors e_i of the columns decided so far, column j loses
 * nothing at the value w_j + pull_j / R_jj, where pull_j = Σ_i e_i R_ij: that is what is rounded instead of w_j.
 *
 * Frantar and Alistarh, "SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot", 2023;
 * Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
 * Transformers", 2022. Chen et al., "The Geometry of LLM Quantization: GPTQ as Babai's Nearest Plane Algorithm",
 * 2025, derives the form that stands here.
 */
export class ColumnPass {
  private readonly factor: Float64Array;
  private readonly diagonal: Float64Array;
  private readonly plan: KeepPlan;
  private readonly format: MatrixFormat;
  private readonly grid: ScaleGrid;
  private readonly cols: number;
  /** pull of the columns decided for good. */
  private readonly pull: Float64Array;
  /** pull as it would be if the columns ahead were pruned, but not yet rounded. */
  private readonly ahead: Float64Array;
  /** The values that the columns ahead would then have. */
  private readonly wanted: Float64Array;
  private readonly scores: Float64Array;

  constructor({ cols, factor }: Curvature, plan: KeepPlan, format: MatrixFormat, grid: ScaleGrid) {
    this.cols = cols;
    this.factor = factor;
    this.diagonal = Float64Array.from({ length: cols }, (_, j) => factor[j * cols + j]!);
    this.plan = plan;
    this.format = format;
    this.grid = grid;
    this.pull = new Float64Array(cols);
    this.ahead = new Float64Array(cols);
    this.wanted = new Float64Array(cols);
    this.scores = new Float64Array(cols);
  }

  /** Finds masks, scales and codes of `row`, the matrix's row number `index`. */
  run(row: Row, index: number): void {
    const { groupSize, bits } = this.format;
    this.pull.fill(0);
    for (let group = 0; group < row.scaleIndex.length; group++) {
      const from = group * groupSize;
      const to = Math.min(from + groupSize, this.cols);
      this.prune(row, index, from, to);
      row.scaleIndex[group] = bestScale(this.wanted, this.diagonal, row.kept, from, to, bits, this.grid);
      this.quantize(row, from, to, row.scaleIndex[group]!);
    }
    this.writeGradient(row);
  }

  /** Chooses which weights of a group to keep, window by window, each from the values that the last one left. */
  private prune(row: Row, index: number, from: number, to: number): void {
    const { ahead, pull, plan, scores } = this;
    ahead.set(pull.subarray(from, to), from);
    for (let start = from; start < to; start += plan.width) {
      const end = Math.min(start + plan.width, to);
      const count = plan.keepAt(index, start);
      row.kept.fill(1, start, end);
      if (count < end - start) {
        const before = ahead.slice(start, end);
        this.settle(row, start, end, end);
        for (let j = start; j < end; j++) scores[j] = (this.wanted[j]! * this.diagonal[j]!) ** 2;
        keepHighest(scores, start, end, count, row.kept);
        ahead.set(before, start);
      }
      this.settle(row, start, end, to);
    }
  }

  /** Lets columns [start, end) take the values they want, or zero if pruned; columns up to `limit` feel it. */
  private settle(row: Row, start: number, end: number, limit: number): void {
    const { ahead, wanted, diagonal } = this;
    for (let j = start; j < end; j++) {
      wanted[j] = row.kept[j] === 1 ? row.target[j]! + ahead[j]! / diagonal[j]! : 0;
      this.propagate(ahead, j, row.target[j]! - wanted[j]!, limit);
    }
  }

  private quantize(row: Row, from: number, to: number, scaleIndex: number): void {
    const { pull, diagonal, cols } = this;
    const { lowest, highest } = codeRange(this.format.bits);
    const scale = scaleIndex < 0 ? 0 : this.grid.scales[scaleIndex]!;
    for (let j = from; j < to; j++) {
      const value = row.target[j]! + pull[j]! / diagonal[j]!;
      const code = scale > 0 && row.kept[j] === 1 ? nearestCode(value / scale, lowest, highest) : 0;
      row.codes[j] = code;
      row.error[j] = row.target[j]! - scale * code;
      this.propagate(pull, j, row.error[j]!, cols);
    }
  }

  /** He = R (Rᵀe), where (Rᵀe)_j = e_j R_jj + pull_j. */
  private writeGradient({ error, gradient }: Row): void {
    const { pull, diagonal, factor, cols } = this;
    const terms = this.ahead;
    for (let j = 0; j < cols; j++) terms[j] = error[j]! * diagonal[j]! + pull[j]!;
    for (let i = 0; i < cols; i++) {
      let sum = 0;
      for (let j = i; j < cols; j++) sum += factor[i * cols + j]! * terms[j]!;
      gradient[i] = sum;
    }
  }

  /** Adds column j's error to the pull on the columns after it, up to `limit`. */
  private propagate(pull: Float64Array, j: number, error: number, limit: number): void {
    const { factor } = this;
    const start = j * this.cols;
    for (let k = j + 1; k < limit; k++) pull[k]! += error * factor[start + k]!;
  }
}
