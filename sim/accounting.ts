export type SpanKind = "busy" | "stall" | "wait";

/** What a unit did from `start` to just before `end`. */
export interface Span {
  readonly unit: string;
  readonly start: number;
  readonly end: number;
  readonly kind: SpanKind;
  /** The operator that it worked for, or why it did not work. */
  readonly label: string;
}

/** Stalls shorter than this are counted, but not drawn one by one. */
const SHORTEST_SPAN = 4;

/** Places for causes in `counts`. */
const MOST_CAUSES = 15;
/** Numbers in `counts`. */
export const ACCOUNT_COUNTS = 1 + MOST_CAUSES;

/** Cycles of one unit in one token: working, and not working by cause. */
export class UnitAccount {
  readonly name: string;
  busy = 0;
  readonly stalls = new Map<string, number>();
  /** Where spans are wanted, they are put here. */
  spans: Span[] | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** Books `cycles` from `start` on, in the middle of work. */
  stall(cause: string, cycles: number, start: number): void {
    this.book("stall", cause, cycles, start);
  }

  /** Books `cycles` from `start` on, between two instructions. */
  wait(cause: string, cycles: number, start: number): void {
    this.book("wait", cause, cycles, start);
  }

  private book(kind: SpanKind, cause: string, cycles: number, start: number): void {
    if (cycles <= 0) return;
    this.count(cause, cycles);
    this.drawPause(kind, cause, cycles, start);
  }

  /** Counts cycles that are drawn, or not, elsewhere. */
  count(cause: string, cycles: number): void {
    if (cycles > 0) this.stalls.set(cause, (this.stalls.get(cause) ?? 0) + cycles);
  }

  drawPause(kind: SpanKind, cause: string, cycles: number, start: number): void {
    if (cycles >= SHORTEST_SPAN)
      this.spans?.push({ unit: this.name, start, end: start + cycles, kind, label: cause });
  }

  /** Draws a stretch of work; what of it was busy is booked by whoever knows. */
  draw(label: string, start: number, end: number): void {
    if (end > start) this.spans?.push({ unit: this.name, start, end, kind: "busy", label });
  }

  /** All counts, in an order that later causes do not change. */
  get counts(): readonly number[] {
    const stalls = [...this.stalls.values()];
    if (stalls.length > MOST_CAUSES) throw new RangeError("more causes of stalls than there are places for");
    return [this.busy, ...stalls, ...new Array<number>(MOST_CAUSES - stalls.length).fill(0)];
  }

  /** Counts what `counts` would be more by. */
  countMore([busy, ...stalls]: readonly number[]): void {
    this.busy += busy!;
    for (const [place, cause] of [...this.stalls.keys()].entries()) this.count(cause, stalls[place]!);
  }

  reset(): void {
    this.busy = 0;
    this.stalls.clear();
  }
}
