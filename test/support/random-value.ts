import type { NumberType } from "../../hdl/builder/graph.ts";
import { largest, smallest, wrap } from "../../hdl/builder/type.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";

/** Ranges of widths, equally likely: mostly small, some beside those where implementations change their ways. */
const WIDTHS: readonly (readonly [number, number])[] = [
  ...([
    [1, 1],
    [1, 4],
    [2, 6],
    [3, 9],
    [5, 16],
    [8, 24],
    [1, 16],
    [1, 9],
  ] as const),
  ...([
    [31, 33],
    [63, 65],
    [50, 70],
    [64, 150],
  ] as const),
];

export function randomWidth(random: Random, max: number): number {
  const [low, high] = random.pick(WIDTHS);
  return Math.min(max, low + random.below(high - low + 1));
}

export function randomValue(random: Random, type: NumberType): bigint {
  const corners = [0n, 1n, -1n, smallest(type), largest(type), largest(type) - 1n];
  if (random.chance(0.3)) return wrap(random.pick(corners), type);
  let bits = 0n;
  for (let have = 0; have < type.width; have += 32) bits = (bits << 32n) | BigInt(random.next());
  return wrap(bits, type);
}
