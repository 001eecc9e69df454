import { NetlistError } from "./errors.ts";
import type { NetlistValue } from "./json.ts";

/** A cell's parameters by their Verilog names. What a parameter does not say is `fallback`, or an error without one. */
export class CellParameters {
  private readonly values: Readonly<Record<string, NetlistValue>>;
  private readonly where: string;

  /** @param where the cell, for errors */
  constructor(values: Readonly<Record<string, NetlistValue>>, where: string) {
    this.values = values;
    this.where = where;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  /** The word as it stands, highest bit first, of the characters 0, 1, x and z. */
  pattern(name: string, fallback?: string): string {
    const value = this.values[name];
    if (!this.has(name) || value === undefined) {
      if (fallback !== undefined) return fallback;
      throw new NetlistError(`${this.where} has no parameter ${name}`);
    }
    if (typeof value === "number" && Number.isSafeInteger(value))
      return (value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value)).toString(2);
    if (typeof value === "string" && /^[01xz]*$/.test(value)) return value;
    throw new NetlistError(
      `${this.where}: parameter ${name} is ${JSON.stringify(value)}, and should be a word of bits`,
    );
  }

  /** The word's low bits; unknown ones are 0. */
  word(name: string, width: number, fallback?: bigint): bigint {
    const pattern = this.pattern(name, fallback?.toString(2)).replace(/[xz]/g, "0");
    return BigInt.asUintN(width, BigInt(`0b0${pattern}`));
  }

  integer(name: string, fallback?: number): number {
    return Number(this.word(name, 32, fallback === undefined ? undefined : BigInt(fallback)));
  }

  flag(name: string, fallback?: boolean): boolean {
    return this.word(name, 64, fallback === undefined ? undefined : BigInt(fallback)) !== 0n;
  }

  text(name: string, fallback: string): string {
    const value = this.values[name];
    if (!this.has(name) || value === undefined) return fallback;
    // Yosys marks a text that could be taken for a word with a blank at its end.
    return String(value).replace(/^([01xz]* *) $/, "$1");
  }
}
