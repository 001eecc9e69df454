/** Where a circuit and the simulator part for the first time. */
export interface Difference {
  readonly what:
    | "start"
    | "end"
    | "word"
    | "code"
    | "exponent"
    | "peak bits"
    | "byte"
    | "cycles"
    | "token"
    | "hang";
  /** Name of the unit. */
  readonly unit: string;
  /** Number of the instruction in the program; null where it is about the whole token. */
  readonly instruction: number | null;
  readonly operation: string | null;
  readonly operator: string | null;
  readonly position: number;
  /** Cycle of the token. */
  readonly cycle: number;
  /** Number of the word or code in its vector. */
  readonly element: number | null;
  readonly expected: number | null;
  readonly got: number | null;
}

const bits = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** One sentence: what differs, where, and by how much. */
export function differenceText(difference: Difference): string {
  const { what, unit, instruction, operation, operator, position, cycle, element, expected, got } =
    difference;
  const where = `position ${position}, cycle ${cycle}, ${unit}${instruction === null ? "" : `, instruction ${instruction} (${operation}, ${operator})`}`;
  if (what === "hang") return `${where}: the circuit never ends`;
  const value = (number: number | null): string =>
    number === null
      ? "nothing"
      : what === "word" || what === "code"
        ? `${number} (${bits(number)})`
        : `${number}`;
  const about = element === null ? what : `${what} ${element}`;
  return `${where}: ${about} is ${value(got)}, and ${value(expected)} was expected`;
}
