import { InputError } from "../errors.ts";
import { Bank } from "./bank.ts";
import { FloatResident, IntegerResident } from "./resident.ts";
import { BLOCK_ROWS, copyRows, roundUp, VECTOR_BYTES } from "./rows.ts";

/** Three of the four gibibytes that 32-bit addresses reach: the rest is left to scratch. */
const MAX_BANK_BYTES = 3 * 2 ** 30;

/**
 * Keeps matrices in WebAssembly memory, where SIMD kernels multiply with them again and again without a copy.
 * Opens another memory when one is full, so the machine's memory is the only limit to their number.
 */
export class KernelArena {
  private readonly banks: Bank[] = [];
  private readonly bankBytes: number;

  /** @param bankBytes largest size of one memory, and so of a matrix */
  constructor(bankBytes: number = MAX_BANK_BYTES) {
    this.bankBytes = bankBytes;
  }

  /**
   * Copies a row-major matrix [rows × cols] in.
   * @throws InputError if there is not enough memory
   */
  floatMatrix(rows: number, cols: number, data: Float32Array): FloatResident {
    const { bank, address, rowBytes } = this.place(rows, cols, data);
    const stride = rowBytes / data.BYTES_PER_ELEMENT;
    copyRows(data, cols, new Float32Array(bank.buffer, address, rows * stride), stride, rows);
    return new FloatResident(bank, { address, rows, cols, rowBytes });
  }

  /**
   * Copies a row-major matrix [rows × cols] of 16-bit integers in.
   * @param groupSize columns summed together: a multiple of 16; the last group of a row may be shorter
   * @throws InputError if there is not enough memory
   */
  integerMatrix(rows: number, cols: number, data: Int16Array, groupSize: number): IntegerResident {
    if (groupSize <= 0 || groupSize % 16 !== 0) {
      throw new RangeError(`group size ${groupSize} is not a multiple of 16`);
    }
    const { bank, address, rowBytes } = this.place(rows, cols, data);
    const stride = rowBytes / data.BYTES_PER_ELEMENT;
    copyRows(data, cols, new Int16Array(bank.buffer, address, rows * stride), stride, rows);
    return new IntegerResident(bank, { address, rows, cols, rowBytes }, groupSize);
  }

  /** Room for a matrix, padded to whole vectors and whole blocks of rows. */
  private place(rows: number, cols: number, data: Float32Array | Int16Array) {
    if (rows < 1 || cols < 1 || data.length !== rows * cols) {
      throw new RangeError(`${data.length} values for a ${rows} × ${cols} matrix`);
    }
    const rowBytes = roundUp(cols * data.BYTES_PER_ELEMENT, VECTOR_BYTES);
    const bytes = roundUp(rows, BLOCK_ROWS) * rowBytes;
    if (bytes > this.bankBytes) {
      const limit = this.bankBytes / 2 ** 30;
      throw new InputError(
        `A ${rows} × ${cols} matrix is too large to compute with: ${limit} GiB is the limit.`,
      );
    }
    let bank = this.banks.find((candidate) => candidate.scratch + bytes <= this.bankBytes);
    if (bank === undefined) {
      bank = new Bank();
      this.banks.push(bank);
    }
    return { bank, address: bank.place(bytes), rowBytes };
  }
}
