import { HardwareError } from "./errors.ts";
import type { NumberType } from "./graph.ts";

export const MAX_WIDTH = 65_536;

/** A whole number of bits that a signal can have. */
export function checkWidth(width: number, what: string): void {
  if (!Number.isSafeInteger(width) || width < 1 || width > MAX_WIDTH)
    throw new HardwareError(
      `${what} has a width of ${width}; a width is a whole number from 1 to ${MAX_WIDTH}`,
    );
}

export function typeText({ width, signed }: NumberType): string {
  return `${signed ? "signed" : "unsigned"} ${width}`;
}

export const sameType = (a: NumberType, b: NumberType): boolean =>
  a.width === b.width && a.signed === b.signed;

export const smallest = ({ width, signed }: NumberType): bigint => (signed ? -(1n << BigInt(width - 1)) : 0n);
export const largest = ({ width, signed }: NumberType): bigint =>
  (1n << BigInt(signed ? width - 1 : width)) - 1n;

export const fits = (value: bigint, type: NumberType): boolean =>
  value >= smallest(type) && value <= largest(type);

/** The integer modulo 2^width in the type's range. */
export const wrap = (value: bigint, { width, signed }: NumberType): bigint =>
  signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);

/** The narrowest type of this signedness that holds the number. */
export function typeOfNumber(value: bigint, signed: boolean): NumberType {
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  return { width: Math.max(1, signed ? bits + 1 : bits), signed };
}
