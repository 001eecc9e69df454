import type { Matrix } from "../../models/decoder/weights.ts";
import { KEPT_COUNTS } from "../../models/formats/n-of-16.ts";
import { BLOCK, type Pattern } from "../../models/formats/quantized-matrix.ts";

/** How many weights of each window of `width` columns a row may keep. Windows start at multiples of `width`. */
export interface KeepPlan {
  readonly width: number;
  keepAt(row: number, col: number): number;
}

/**
 * The plan of a pattern for a matrix whose weights matter as much as `saliency` [rows × cols] says: what is lost,
 * in any one unit, if that weight goes. Only `n:16` looks at it.
 */
export function planOf(pattern: Pattern, rows: number, cols: number, saliency: () => Float64Array): KeepPlan {
  switch (pattern.kind) {
    case "dense":
      return { width: BLOCK, keepAt: () => BLOCK };
    case "n:m":
      return { width: pattern.m, keepAt: () => pattern.n };
    case "n:16": {
      const counts = allocateBlocks(saliency(), rows, cols, pattern.density);
      const blocksAcross = Math.ceil(cols / BLOCK);
      return {
        width: BLOCK,
        keepAt: (row, col) => counts[Math.floor(row / BLOCK) * blocksAcross + Math.floor(col / BLOCK)]!,
      };
    }
  }
}

/** Marks in `kept` the `count` highest of `scores[from … to)` (of equals, the first) and unmarks the others. */
export function keepHighest(
  scores: Float64Array,
  from: number,
  to: number,
  count: number,
  kept: Uint8Array,
): void {
  kept.fill(1, from, to);
  for (let surplus = to - from - count; surplus > 0; surplus--) {
    let lowest = -1;
    for (let j = from; j < to; j++) {
      if (kept[j] === 1 && (lowest < 0 || scores[j]! <= scores[lowest]!)) lowest = j;
    }
    kept[lowest] = 0;
  }
}

/** Magnitude pruning: each window keeps its largest weights. Returns 1 for each kept weight, [rows × cols]. */
export function magnitudeMask({ rows, cols, data }: Matrix, pattern: Pattern): Uint8Array {
  const mask = new Uint8Array(rows * cols);
  const squares = Float64Array.from(data, (weight) => weight * weight);
  const plan = planOf(pattern, rows, cols, () => squares);
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    for (let col = 0; col < cols; col += plan.width) {
      const end = Math.min(col + plan.width, cols);
      keepHighest(squares, start + col, start + end, plan.keepAt(row, col), mask);
    }
  }
  return mask;
}

/** One step up of one block's count: `gain` is the saliency that each further kept weight saves on average. */
interface Step {
  readonly block: number;
  readonly level: number;
  readonly weights: number;
  readonly gain: number;
}

/**
 * Counts from `KEPT_COUNTS`, one a block of 16 × 16, that save the most saliency with at most
 * `density` · rows · cols weights kept. Within a block each further weight saves less than those before it, so taking
 * steps by their gain per weight is optimal up to the last step that does not fit.
 */
export function allocateBlocks(
  saliency: Float64Array,
  rows: number,
  cols: number,
  density: number,
): Uint8Array {
  const blocksAcross = Math.ceil(cols / BLOCK);
  const levels = new Uint8Array(Math.ceil(rows / BLOCK) * blocksAcross);
  const steps = Array.from(levels).flatMap((_, block) =>
    stepsOf(
      saliency,
      rows,
      cols,
      block,
      Math.floor(block / blocksAcross) * BLOCK,
      (block % blocksAcross) * BLOCK,
    ),
  );
  steps.sort((a, b) => b.gain - a.gain || a.level - b.level || a.block - b.block);
  let budget = Math.floor(density * rows * cols);
  for (const step of steps) {
    if (levels[step.block] !== step.level - 1 || step.weights > budget) continue;
    levels[step.block] = step.level;
    budget -= step.weights;
  }
  return levels.map((level) => KEPT_COUNTS[level]!);
}

function stepsOf(
  saliency: Float64Array,
  rows: number,
  cols: number,
  block: number,
  top: number,
  left: number,
): Step[] {
  const height = Math.min(BLOCK, rows - top);
  const width = Math.min(BLOCK, cols - left);
  const byRank = new Float64Array(width); // saliency of each row's highest, second highest, … summed over the rows
  for (let row = top; row < top + height; row++) {
    const sorted = saliency.slice(row * cols + left, row * cols + left + width).sort();
    for (let rank = 0; rank < width; rank++) byRank[rank]! += sorted[width - 1 - rank]!;
  }
  const steps: Step[] = [];
  for (let level = 1; level < KEPT_COUNTS.length; level++) {
    const from = Math.min(KEPT_COUNTS[level - 1]!, width);
    const to = Math.min(KEPT_COUNTS[level]!, width);
    const weights = (to - from) * height;
    const saved = byRank.subarray(from, to).reduce((sum, value) => sum + value, 0);
    // Nothing to add in a narrow last block, nothing to gain in an empty one.
    if (saved > 0) steps.push({ block, level, weights, gain: saved / weights });
  }
  return steps;
}
