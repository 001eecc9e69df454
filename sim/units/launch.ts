import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import type { Machine } from "../../src/compile/machine.ts";
import type { Pass } from "./pass.ts";

/** A part of a pass that the multipliers are started for at once. */
export interface Launch {
  /** Rows whose sums it ends; 0 where more columns follow. */
  readonly rows: number;
  /** Share of the pass' stream that must be there, its own included. */
  readonly reached: number;
  /** Places of its weights in the buffer. */
  readonly places: number;
  readonly cycles: number;
  /** Weights multiplied, for all activation vectors. */
  readonly weights: number;
}

export type LaunchUnit = NonNullable<Machine["matrix"]["launch"]>;

/** One way to run a pass: how rows are cut, and what a launch costs. */
interface Mode {
  readonly rows: number;
  readonly bufferWeights: number;
  /** Cycles for `weights` products a vector. */
  readonly cycles: (weights: number) => number;
}

/** MV, a launch for each vector. */
const apart = (launch: LaunchUnit, lanes: number, tokens: number): Mode => ({
  rows: launch.rows,
  bufferWeights: launch.bufferWeights,
  cycles: (weights) => tokens * Math.ceil(weights / lanes),
});

/** MM: up to `together.tokens` vectors share a launch, and fewer take as long. */
function together({ together: mm }: LaunchUnit, tokens: number): Mode {
  const vectors = mm.tokens * Math.ceil(tokens / mm.tokens);
  return {
    rows: mm.rows,
    bufferWeights: mm.bufferWeights,
    cycles: (weights) => Math.ceil((weights * vectors) / mm.lanes),
  };
}

/**
 * Cuts a pass into launches of whole row tiles; a tile whose weights would fill more than half of the buffer is cut along its
 * columns. Rows that are missing in the last tile take their time all the same, but no bytes.
 */
export function launchesOf(pass: Pass, { matrix }: Machine, launch: LaunchUnit): readonly Launch[] {
  const modes =
    pass.tokens === 1
      ? [apart(launch, matrix.lanes, 1)]
      : [apart(launch, matrix.lanes, pass.tokens), together(launch, pass.tokens)];
  const ways = modes.map((mode) => cut(pass, mode));
  const time = (way: readonly Launch[]): number => way.reduce((sum, { cycles }) => sum + cycles, 0);
  return ways.reduce((best, way) => (time(way) < time(best) ? way : best));
}

function cut(pass: Pass, mode: Mode): Launch[] {
  const colBlocks = Math.ceil(pass.cols / BLOCK);
  const pieces = Math.ceil((mode.rows * BLOCK * colBlocks) / (mode.bufferWeights / 2));
  const densityOf = densities(pass);
  const launches: Launch[] = [];
  let weightsBefore = 0;
  const total = totalWeights(pass, densityOf);
  for (let row = 0; row < pass.rows; row += mode.rows) {
    const rows = Math.min(mode.rows, pass.rows - row);
    for (let piece = 0; piece < pieces; piece++) {
      const from = Math.floor((piece * colBlocks) / pieces);
      const to = Math.floor(((piece + 1) * colBlocks) / pieces);
      const density = densityOf(row, rows, from, to);
      const cols = BLOCK * (to - from);
      const last = row + rows === pass.rows && piece === pieces - 1;
      weightsBefore += wholeBlocks(rows) * cols * density;
      launches.push({
        rows: piece === pieces - 1 ? rows : 0,
        reached: last ? 1 : weightsBefore / Math.max(1, total),
        places: mode.rows * cols,
        cycles: mode.cycles(mode.rows * cols * density),
        weights: Math.round(rows * cols * density) * pass.tokens,
      });
    }
  }
  return launches;
}

/** The stream has whole blocks of rows. */
const wholeBlocks = (rows: number): number => BLOCK * Math.ceil(rows / BLOCK);

type Density = (row: number, rows: number, fromBlock: number, toBlock: number) => number;

/** Share of weights that is kept in a stretch of the matrix. */
function densities({ kept, rows, cols, tileBlocks }: Pass): Density {
  if (typeof kept === "number") return () => kept / BLOCK;
  // Blocks come tile by tile, column by column: sums up to each column of a tile answer for any stretch of columns.
  const [rowBlocks, colBlocks] = [Math.ceil(rows / BLOCK), Math.ceil(cols / BLOCK)];
  const tiles = Math.ceil(rowBlocks / tileBlocks);
  const sums = new Float64Array(tiles * (colBlocks + 1));
  let at = 0;
  for (let tile = 0; tile < tiles; tile++) {
    const blocks = Math.min(tileBlocks, rowBlocks - tile * tileBlocks);
    for (let col = 0; col < colBlocks; col++) {
      let sum = 0;
      for (let block = 0; block < blocks; block++) sum += kept[at++]!;
      sums[tile * (colBlocks + 1) + col + 1] = sums[tile * (colBlocks + 1) + col]! + sum / blocks / BLOCK;
    }
  }
  return (row, _rows, from, to) => {
    const tile = Math.floor(row / (tileBlocks * BLOCK)) * (colBlocks + 1);
    return (sums[tile + to]! - sums[tile + from]!) / (to - from);
  };
}

function totalWeights(pass: Pass, densityOf: Density): number {
  const tile = typeof pass.kept === "number" ? pass.rows : pass.tileBlocks * BLOCK;
  const colBlocks = Math.ceil(pass.cols / BLOCK);
  let total = 0;
  for (let row = 0; row < pass.rows; row += tile) {
    const rows = Math.min(tile, pass.rows - row);
    total += wholeBlocks(rows) * BLOCK * colBlocks * densityOf(row, rows, 0, colBlocks);
  }
  return total;
}
