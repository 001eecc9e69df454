/**
 * Places near those that are asked for, at least `gap` apart and within bounds, in the same order; those that ask for
 * the same stand in the order in which they are given. Where there is not room for all, the last go beyond the bound.
 */
export function spread(
  asked: readonly number[],
  gap: number,
  { least, most }: { readonly least: number; readonly most: number },
): number[] {
  const order = asked.map((_, i) => i).sort((a, b) => asked[a]! - asked[b]! || a - b);
  const places = [...asked];
  let below = most;
  for (const i of [...order].reverse()) {
    places[i] = Math.min(asked[i]!, below);
    below = places[i]! - gap;
  }
  let above = least;
  for (const i of order) {
    places[i] = Math.max(places[i]!, above);
    above = places[i]! + gap;
  }
  return places;
}
