/** One row of a matrix while its codes are being found: written value of weight j is codes[j] · scale of its group. */
export interface Row {
  /** The weights that the row should have, [cols]. */
  readonly target: Float64Array;
  /** e = target − written value when the columns were decided, [cols]. */
  readonly error: Float64Array;
  /** He, kept up to date by the descent, [cols]. */
  readonly gradient: Float64Array;
  /** 1 for weights that may differ from zero, [cols]. */
  readonly kept: Uint8Array;
  /** [cols] */
  readonly codes: Int8Array;
  /** Index of each group's scale on the matrix's grid; −1: the group is zero. */
  readonly scaleIndex: Int16Array;
}

export function emptyRow(cols: number, groupSize: number): Row {
  return {
    target: new Float64Array(cols),
    error: new Float64Array(cols),
    gradient: new Float64Array(cols),
    kept: new Uint8Array(cols),
    codes: new Int8Array(cols),
    scaleIndex: new Int16Array(Math.ceil(cols / groupSize)),
  };
}
