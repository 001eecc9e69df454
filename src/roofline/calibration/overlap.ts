/** (a^p + b^p)^(1/p): a sum for p = 1, the longer for p = ∞; null stands for ∞, which JSON cannot say. */
export function overlapped(p: number | null, a: number, b: number): number {
  const longer = Math.max(a, b);
  if (p === null || longer === 0) return longer;
  return longer * (1 + (Math.min(a, b) / longer) ** p) ** (1 / p);
}
