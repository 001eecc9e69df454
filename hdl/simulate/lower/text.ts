import type { NumberType } from "../../builder/graph.ts";
import type { ContainerBits } from "./demand.ts";
import type { CellBytes } from "./layout.ts";

// The words of WebAssembly text that expressions are made of. Operands come as text.

export const constantText = (value: bigint, bits: ContainerBits): string =>
  `(i${bits}.const ${BigInt.asIntN(bits, value)})`;

/** Reads memory at a fixed place. */
export function loadText(
  {
    address,
    bytes,
    type,
  }: { readonly address: number; readonly bytes: CellBytes; readonly type: NumberType },
  bits: ContainerBits,
  at = "(i32.const 0)",
): string {
  const sign = type.signed ? "s" : "u";
  const whole = bits === 32 ? bytes >= 4 : bytes === 8;
  return `(i${bits}.load${whole ? "" : `${8 * bytes}_${sign}`} offset=${address} ${at})`;
}

/** Writes memory; of a value wider than the cell the low bits. */
export const storeText = (bytes: CellBytes, offset: number, at: string, value: string): string =>
  `(i${bytes === 8 ? 64 : 32}.store${bytes >= 4 ? "" : 8 * bytes} offset=${offset} ${at} ${value})`;

/** The integer's low bits extended by its sign, as its type says. */
export function maskText(text: string, { width, signed }: NumberType, bits: ContainerBits): string {
  if (width === bits) return text;
  if (!signed) return `(i${bits}.and ${text} ${constantText((1n << BigInt(width)) - 1n, bits)})`;
  if (width === 8 || width === 16 || width === 32) return `(i${bits}.extend${width}_s ${text})`;
  const by = constantText(BigInt(bits - width), bits);
  return `(i${bits}.shr_s (i${bits}.shl ${text} ${by}) ${by})`;
}

/** From one container to another: the low bits, or extended. */
export function converted(text: string, from: ContainerBits, to: ContainerBits, signed: boolean): string {
  if (from === to) return text;
  return to === 32 ? `(i32.wrap_i64 ${text})` : `(i64.extend_i32_${signed ? "s" : "u"} ${text})`;
}

/** How far a cell is from the first one, in bytes. */
export function scaledText(index: string, stride: number): string {
  if (stride === 1) return index;
  const places = Math.log2(stride);
  return Number.isInteger(places)
    ? `(i32.shl ${index} (i32.const ${places}))`
    : `(i32.mul ${index} (i32.const ${stride}))`;
}

export const allOnes = ({ width, signed }: NumberType): bigint => (signed ? -1n : (1n << BigInt(width)) - 1n);
