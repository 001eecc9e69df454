/** How a tensor's numbers are stored. */
export interface Dtype {
  readonly bytes: number;
  /** Widens little-endian numbers: `to.length` of them, from `bytes`, which are aligned to 4. */
  readonly widen: (bytes: Uint8Array, to: Float32Array) => void;
}

/** The number types of weights that can be computed with; everything else in a file is refused. */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ["F32", { bytes: 4, widen: widenFloat32 }],
  ["F16", { bytes: 2, widen: widenFloat16 }],
  ["BF16", { bytes: 2, widen: widenBfloat16 }],
]);

function widenFloat32(bytes: Uint8Array, to: Float32Array): void {
  to.set(new Float32Array(bytes.buffer, bytes.byteOffset, to.length));
}

/** A bfloat16 is the upper half of a 32-bit float. */
function widenBfloat16(bytes: Uint8Array, to: Float32Array): void {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, to.length);
  const bits = new Uint32Array(to.buffer, to.byteOffset, to.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
}

function widenFloat16(bytes: Uint8Array, to: Float32Array): void {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, to.length);
  for (let i = 0; i < to.length; i++) to[i] = float16(halves[i]!);
}

/** IEEE 754 binary16: a sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}
