/** Mean of a figure over several tokens; zero where there is none. */
export function meanOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.length === 0 ? 0 : items.reduce((sum, item) => sum + figure(item), 0) / items.length;
}

/** Means key by key; a key that is missing counts as zero. */
export function meanRecord(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const keys = new Set(records.flatMap((record) => Object.keys(record)));
  return Object.fromEntries([...keys].map((key) => [key, meanOf(records, (record) => record[key] ?? 0)]));
}
