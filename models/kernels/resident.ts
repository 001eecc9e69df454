import type { Bank } from "./bank.ts";
import { BLOCK_ROWS, copyRows, roundUp } from "./rows.ts";

/** Tokens that a kernel takes at once: bounds scratch, and keeps the operand in the processor's cache. */
const CHUNK_TOKENS = 64;

/** Where a matrix lies in its bank; `rowBytes` includes the padding. */
interface Placement {
  readonly address: number;
  readonly rows: number;
  readonly cols: number;
  readonly rowBytes: number;
}

/** A matrix [rows × cols] of 32-bit floats that stays in WebAssembly memory. */
export class FloatResident {
  readonly rows: number;
  readonly cols: number;
  private readonly bank: Bank;
  private readonly at: Placement;

  constructor(bank: Bank, at: Placement) {
    this.rows = at.rows;
    this.cols = at.cols;
    this.bank = bank;
    this.at = at;
  }

  /**
   * out[t][r] = Σ_c x[t][c] · w[r][c], in 32-bit floats, as four partial sums.
   * @param x [tokens × cols]
   * @returns [tokens × rows]
   */
  times(x: Float32Array, tokens: number): Float32Array {
    const { rows, cols, rowBytes, address } = this.at;
    const stride = rowBytes / 4;
    const paddedRows = roundUp(rows, BLOCK_ROWS);
    const out = new Float32Array(tokens * rows);
    for (const [first, end] of chunks(x.length, cols, tokens)) {
      const count = end - first;
      const scratch = this.bank.scratch;
      const result = scratch + count * rowBytes;
      const memory = this.bank.reach(result + count * paddedRows * 4);
      const operand = new Float32Array(memory, scratch, count * stride);
      copyRows(x.subarray(first * cols, end * cols), cols, operand, stride, count);
      this.bank.kernels.matmulTransposed(scratch, address, result, count, paddedRows, rowBytes);
      const sums = new Float32Array(memory, result, count * paddedRows);
      copyRows(sums, paddedRows, out.subarray(first * rows, end * rows), rows, count);
    }
    return out;
  }
}

/** A matrix [rows × cols] of 16-bit integers that stays in WebAssembly memory, summed in groups of columns. */
export class IntegerResident {
  readonly rows: number;
  readonly cols: number;
  readonly groupSize: number;
  /** Groups a row: ceil(cols / groupSize). */
  readonly groups: number;
  private readonly bank: Bank;
  private readonly at: Placement;

  constructor(bank: Bank, at: Placement, groupSize: number) {
    this.rows = at.rows;
    this.cols = at.cols;
    this.groupSize = groupSize;
    this.groups = Math.ceil(at.cols / groupSize);
    this.bank = bank;
    this.at = at;
  }

  /**
   * out[t][r][g] = Σ over the columns c of group g of x[t][c] · w[r][c], exact wherever the sum fits 32 bits
   * (additions wrap modulo 2^32, so partial sums need not fit).
   * @param x [tokens × cols]
   * @returns [tokens × rows × groups]
   */
  groupDots(x: Int16Array, tokens: number): Int32Array {
    const { rows, cols, rowBytes, address } = this.at;
    const stride = rowBytes / 2;
    const width = rows * this.groups;
    const paddedWidth = roundUp(rows, BLOCK_ROWS) * this.groups;
    const out = new Int32Array(tokens * width);
    for (const [first, end] of chunks(x.length, cols, tokens)) {
      const count = end - first;
      const scratch = this.bank.scratch;
      const result = scratch + count * rowBytes;
      const memory = this.bank.reach(result + count * paddedWidth * 4);
      const operand = new Int16Array(memory, scratch, count * stride);
      copyRows(x.subarray(first * cols, end * cols), cols, operand, stride, count);
      const paddedRows = roundUp(rows, BLOCK_ROWS);
      this.bank.kernels.groupDots(scratch, address, result, count, paddedRows, rowBytes, this.groupSize * 2);
      const sums = new Int32Array(memory, result, count * paddedWidth);
      copyRows(sums, paddedWidth, out.subarray(first * width, end * width), width, count);
    }
    return out;
  }
}

/** First token and end of each chunk of `tokens` rows, after checking that `length` holds them. */
function* chunks(length: number, cols: number, tokens: number): Generator<readonly [number, number]> {
  if (length !== tokens * cols) throw new RangeError(`${length} values for ${tokens} tokens of ${cols}`);
  for (let first = 0; first < tokens; first += CHUNK_TOKENS) {
    yield [first, Math.min(tokens, first + CHUNK_TOKENS)];
  }
}
