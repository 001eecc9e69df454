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

/** The type and what it holds; powers of two where numbers would be long. */
export function rangeText(type: NumberType): string {
  const bits = type.signed ? type.width - 1 : type.width;
  const ends =
    bits <= 32 ? [smallest(type), largest(type)] : [type.signed ? `-2^${bits}` : 0, `2^${bits} - 1`];
  return `${typeText(type)} (${ends.join(" to ")})`;
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

/** Bits of an index that counts `count` things from 0: those of `count - 1`, and at least 1. */
export function indexWidth(count: number): number {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new HardwareError(`an index of ${count} things; there is one at least, and a whole number of them`);
  return (count - 1).toString(2).length;
}
