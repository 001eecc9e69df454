import type { LlamaShape, RopeScaling } from "./shape.ts";

/**
 * Angle by which each pair of a head's components turns from one position to the next, in radians:
 * θ_i = ropeTheta^(-2i / headDim), slowed down for long contexts where the model says so.
 * @returns [headDim / 2]
 */
export function rotaryFrequencies(shape: LlamaShape): Float64Array {
  const { headDim, ropeTheta, ropeScaling } = shape;
  return Float64Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = ropeTheta ** ((-2 * i) / headDim);
    return ropeScaling === null ? frequency : scaled(frequency, ropeScaling);
  });
}

/**
 * Llama 3.1's scaling: waves longer than the trained context are stretched by `factor`, short ones stay, and those
 * between go over from one to the other.
 */
function scaled(frequency: number, scaling: RopeScaling): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions } = scaling;
  const wavesInContext = (originalMaxPositions * frequency) / (2 * Math.PI);
  if (wavesInContext < low) return frequency / factor;
  if (wavesInContext > high) return frequency;
  const kept = (wavesInContext - low) / (high - low);
  return kept * frequency + ((1 - kept) * frequency) / factor;
}

/** Cosines and sines of the angles of consecutive positions, each [positions × headDim / 2]. */
export interface Rotations {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Rotations of the positions `first`, `first + 1`, … */
export function rotations(frequencies: Float64Array, first: number, positions: number): Rotations {
  const half = frequencies.length;
  const cos = new Float64Array(positions * half);
  const sin = new Float64Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = (first + position) * frequencies[i]!;
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/**
 * Turns every head of `x` [positions × heads · headDim] in place. Component i of a head pairs with component
 * i + headDim / 2, as in Hugging Face's weights.
 */
export function rotate(x: Float32Array, heads: number, headDim: number, { cos, sin }: Rotations): void {
  const half = headDim / 2;
  const positions = cos.length / half;
  for (let position = 0; position < positions; position++) {
    const angles = position * half;
    for (let head = 0; head < heads; head++) {
      const at = (position * heads + head) * headDim;
      for (let i = 0; i < half; i++) {
        const a = x[at + i]!;
        const b = x[at + half + i]!;
        x[at + i] = a * cos[angles + i]! - b * sin[angles + i]!;
        x[at + half + i] = b * cos[angles + i]! + a * sin[angles + i]!;
      }
    }
  }
}
