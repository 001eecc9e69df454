import { SimulationError } from "./errors.ts";

/** How many names a message proposes. */
const PROPOSALS = 3;

/** Things by name, where a wrong name is answered with those that come nearest to it. */
export class Names<T> {
  private readonly what: string;
  private readonly map = new Map<string, T>();

  /** @param what such as `an input of uart` */
  constructor(what: string) {
    this.what = what;
  }

  add(name: string, value: T): void {
    this.map.set(name, value);
  }

  has(name: string): boolean {
    return this.map.has(name);
  }

  get(name: string): T {
    const value = this.map.get(name);
    if (value === undefined) throw this.unknown(name);
    return value;
  }

  private unknown(name: string): SimulationError {
    const names = [...this.map.keys()];
    if (names.length === 0) return new SimulationError(`${name} is not ${this.what}; there is none`);
    const near = names
      .map((one) => ({ one, distance: editDistance(name, one) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, PROPOSALS)
      .map(({ one }) => one);
    return new SimulationError(`${name} is not ${this.what}; nearest: ${near.join(", ")}`);
  }
}

/** Letters to insert, delete or change (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
