import type { Domain } from "../builder/graph.ts";
import { SimulationError } from "./errors.ts";

/** Clock periods by domain, as whole numbers of any one unit. */
export type Periods = Readonly<Record<string, number>>;

/**
 * Which edges come when. Time begins at 0; a clock falls after half a period and rises after a whole one, again and again. A
 * cycle is a period of the first domain's clock and ends with its rising edge.
 */
export class Clocks {
  /** All domains have their one edge at the end of each cycle. */
  readonly isSimple: boolean;
  /** After so many cycles the edges come in the same order again. */
  readonly repeats: number;
  private readonly domains: readonly Domain[];
  /** In half units, as are all times here. */
  private readonly periods: readonly number[];

  constructor(domains: readonly Domain[], periods: Periods) {
    this.domains = domains;
    const byClock = new Map<string, number>();
    for (const [name, period] of Object.entries(periods)) {
      const domain = domains.find((one) => one.name === name);
      if (domain === undefined)
        throw new SimulationError(
          `there is no clock domain ${name}; there is ${domains.map((one) => one.name).join(", ")}`,
        );
      if (!Number.isSafeInteger(period) || period < 1 || period > 2 ** 40)
        throw new SimulationError(`the period of ${name} is ${period}; periods are whole numbers, 1 or more`);
      const other = byClock.get(clockOf(domain));
      if (other !== undefined && other !== period)
        throw new SimulationError(
          `the period of ${name} is ${period}, and ${other} for another edge of that clock`,
        );
      byClock.set(clockOf(domain), period);
    }
    const [first] = domains;
    const usual = first === undefined ? 1 : (byClock.get(clockOf(first)) ?? 1);
    this.periods = domains.map((domain) => 2 * (byClock.get(clockOf(domain)) ?? usual));
    this.isSimple = domains.every(({ edge }, i) => edge === "rising" && this.periods[i] === this.periods[0]);
    const repeats = this.periods.reduce(leastCommonMultiple, 1) / (this.periods[0] ?? 1);
    this.repeats = Number.isSafeInteger(repeats) ? repeats : Number.POSITIVE_INFINITY;
  }

  /** The edges of a cycle, counted from 0, in order; those of one moment together. */
  edgesOf(cycle: number): readonly ReadonlySet<Domain>[] {
    return this.momentsOf(cycle).flatMap(({ domains }) => (domains.size > 0 ? [domains] : []));
  }

  /** When clocks rise or fall in a cycle, in order, and which domains have an edge then. */
  momentsOf(cycle: number): readonly Moment[] {
    const start = this.startOf(cycle);
    const end = this.startOf(cycle + 1);
    const moments = new Map<number, Set<Domain>>();
    for (const [i, domain] of this.domains.entries()) {
      const half = this.periods[i]! / 2;
      for (let turn = Math.floor(start / half) + 1; turn * half <= end; turn++) {
        const domains = moments.get(turn * half) ?? new Set();
        moments.set(turn * half, domains);
        if ((turn % 2 === 0) === (domain.edge === "rising")) domains.add(domain);
      }
    }
    return [...moments].map(([time, domains]) => ({ time, domains })).sort((a, b) => a.time - b.time);
  }

  startOf(cycle: number): number {
    return cycle * (this.periods[0] ?? 2);
  }

  /** Names of the clocks, and whether each is high right after a time. */
  get clocks(): readonly string[] {
    return [...new Set(this.domains.map(clockOf))];
  }

  isHigh(clock: string, time: number): boolean {
    const period = this.periods[this.domains.findIndex((domain) => clockOf(domain) === clock)] ?? 2;
    return time % period < period / 2;
  }
}

export interface Moment {
  /** In halves of the periods' unit. */
  readonly time: number;
  readonly domains: ReadonlySet<Domain>;
}

/** A clock's name, with the path of the instance that makes it where it is made inside. */
const clockOf = ({ name, clock }: Domain): string => [...name.split(".").slice(0, -1), clock].join(".");

const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;
const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
