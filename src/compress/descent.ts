import type { Curvature } from "./hessian.ts";
import type { Row } from "./row.ts";
import { codeRange, nearestCode, nearestScale, type ScaleGrid } from "./scales.ts";
import type { MatrixFormat } from "./spec.ts";

/** Sweeps after which little is left to gain; most rows stop moving before. */
const SWEEPS = 4;

/**
 * Lowers eᵀHe of a row by coordinate descent until nothing moves: each code to its best value with all others fixed,
 * each window's best exchange of a kept weight for a pruned one, each group's scale to its best byte.
 *
 * A pass over the columns decides the first ones before it knows what the last ones will be; this lets every column
 * answer to all others. Behdin et al., "QuantEase: Optimization-based Quantization for Language Models", 2023, does
 * it for codes.
 */
export function descend(
  row: Row,
  curvature: Curvature,
  window: number,
  format: MatrixFormat,
  grid: ScaleGrid,
): void {
  const descent = new Descent(row, curvature, format, grid);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    descent.moved = false;
    descent.codes();
    if (format.pattern.kind !== "dense") descent.exchanges(window);
    descent.scales();
    if (!descent.moved) return;
  }
}

/**
 * Moving weight j's written value by δ changes eᵀHe by δ²·H_jj − 2δ·g_j, where g = He: least at δ = g_j / H_jj.
 */
class Descent {
  moved = false;
  private readonly row: Row;
  private readonly hessian: Float64Array;
  private readonly cols: number;
  private readonly groupSize: number;
  private readonly grid: ScaleGrid;
  private readonly lowest: number;
  private readonly highest: number;
  private readonly gradient: Float64Array;
  /** A change must gain more than this, so that rounding errors cannot make the descent run in circles. */
  private readonly least: number;

  constructor(row: Row, { hessian, cols }: Curvature, { bits, groupSize }: MatrixFormat, grid: ScaleGrid) {
    this.row = row;
    this.hessian = hessian;
    this.cols = cols;
    this.groupSize = groupSize;
    this.grid = grid;
    ({ lowest: this.lowest, highest: this.highest } = codeRange(bits));
    this.gradient = row.gradient;
    const error = row.error.reduce((sum, e, j) => sum + e * row.gradient[j]!, 0);
    this.least = 1e-9 * error;
  }

  /** Each kept weight's code, one after the other. */
  codes(): void {
    const { row, gradient, hessian, cols, lowest, highest } = this;
    for (let j = 0; j < cols; j++) {
      const scale = this.scaleAt(j);
      if (row.kept[j] === 0 || scale === 0) continue;
      const best = row.codes[j]! * scale + gradient[j]! / hessian[j * cols + j]!;
      const code = nearestCode(best / scale, lowest, highest);
      if (code !== row.codes[j] && this.gain(j, scale * (code - row.codes[j]!)) > this.least)
        this.setCode(j, code);
    }
  }

  /** In each window of `width` columns the one exchange of a kept weight for a pruned one that gains most. */
  exchanges(width: number): void {
    for (let start = 0; start < this.cols; start += width) {
      const end = Math.min(start + width, this.cols);
      let most = this.least;
      let exchange: { readonly drop: number; readonly take: number; readonly code: number } | null = null;
      for (let drop = start; drop < end; drop++) {
        if (this.row.kept[drop] === 0) continue;
        const removed = -this.scaleAt(drop) * this.row.codes[drop]!;
        const dropGain = this.gain(drop, removed);
        for (let take = start; take < end; take++) {
          const scale = this.scaleAt(take);
          if (this.row.kept[take] === 1 || scale === 0) continue;
          const gradient = this.gradient[take]! - removed * this.hessian[drop * this.cols + take]!;
          const curvature = this.hessian[take * this.cols + take]!;
          const code = nearestCode(gradient / curvature / scale, this.lowest, this.highest);
          const added = scale * code;
          const gain = dropGain + added * (2 * gradient - added * curvature);
          if (gain > most) {
            most = gain;
            exchange = { drop, take, code };
          }
        }
      }
      if (exchange === null) continue;
      this.setCode(exchange.drop, 0);
      this.row.kept[exchange.drop] = 0;
      this.row.kept[exchange.take] = 1;
      this.setCode(exchange.take, exchange.code);
    }
  }

  /** Each group's scale: with codes c, moving it by δ changes eᵀHe by δ²·cᵀHc − 2δ·cᵀg. */
  scales(): void {
    const { row, gradient, hessian, cols, groupSize, grid } = this;
    for (let group = 0; group < row.scaleIndex.length; group++) {
      const from = group * groupSize;
      const to = Math.min(from + groupSize, cols);
      let slope = 0;
      let curvature = 0;
      for (let i = from; i < to; i++) {
        const code = row.codes[i]!;
        if (code === 0) continue;
        let below = 0; // H is symmetric: half of it will do
        for (let j = from; j < i; j++) below += hessian[i * cols + j]! * row.codes[j]!;
        curvature += code * (2 * below + code * hessian[i * cols + i]!);
        slope += code * gradient[i]!;
      }
      if (curvature <= 0) continue;
      const scale = grid.scales[row.scaleIndex[group]!]!;
      const index = nearestScale(grid, scale + slope / curvature);
      const delta = grid.scales[index]! - scale;
      if (delta * (2 * slope - delta * curvature) <= this.least) continue;
      row.scaleIndex[group] = index;
      for (let j = from; j < to; j++) if (row.codes[j] !== 0) this.move(j, delta * row.codes[j]!);
    }
  }

  private scaleAt(j: number): number {
    const index = this.row.scaleIndex[Math.floor(j / this.groupSize)]!;
    return index < 0 ? 0 : this.grid.scales[index]!;
  }

  /** How much eᵀHe falls if weight j's written value moves by `delta`. */
  private gain(j: number, delta: number): number {
    return delta * (2 * this.gradient[j]! - delta * this.hessian[j * this.cols + j]!);
  }

  private setCode(j: number, code: number): void {
    const delta = this.scaleAt(j) * (code - this.row.codes[j]!);
    this.row.codes[j] = code;
    if (delta !== 0) this.move(j, delta);
  }

  /** Moves weight j's written value by `delta`. */
  private move(j: number, delta: number): void {
    const { gradient, hessian, cols } = this;
    for (let i = 0; i < cols; i++) gradient[i]! -= delta * hessian[j * cols + i]!;
    this.moved = true;
  }
}
