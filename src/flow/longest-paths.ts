import { sourceName } from "./nextpnr.ts";
import type { CellDelays, Delays, Pin, Wire } from "./sdf.ts";

/** A path between two registers of one clock. */
export interface Path {
  /** Net of the clock. */
  readonly clock: string;
  /** Names of the cells where it begins and ends. */
  readonly from: string;
  readonly to: string;
  /** From the first register's clock edge to the second one's that is late enough, in nanoseconds. */
  readonly delay: number;
  /** Of the clock, at least: twice the delay where the path begins and ends at different edges. */
  readonly period: number;
  readonly steps: readonly PathStep[];
}

export interface PathStep {
  readonly cell: string;
  readonly port: string;
  /** Until here, from the clock edge, in nanoseconds. */
  readonly arrival: number;
}

interface Edge {
  readonly to: number;
  readonly delay: number;
}

/** A clock net and an edge of it, and how long it takes to come to a pin, in nanoseconds. */
interface Clock {
  readonly net: string;
  readonly edge: "rising" | "falling";
  readonly latency: number;
}

interface Capture {
  readonly pin: number;
  readonly cell: string;
  readonly clock: Clock;
  readonly setup: number;
}

/** Names the group that a cell belongs to, or null. */
export type GroupOf = (cell: string) => string | null;

export interface LongestPaths {
  /** Of each clock, the slowest first. */
  readonly ofClocks: readonly Path[];
  /** Of those that end in a group of cells, that which needs the slowest clock; groups where none ends are missing. */
  readonly ofGroups: ReadonlyMap<string, Path>;
}

/** The longest path of each clock, the slowest first: `analysePaths` without groups. */
export const longestPaths = (delays: Delays): readonly Path[] => analysePaths(delays, () => null).ofClocks;

/**
 * Static timing analysis. A clock that comes earlier to where a path ends shortens the time; one that comes later gives none,
 * because nextpnr knows no delay of the clock to SPRAM.
 * @throws Error where logic goes round in a circle
 */
export function analysePaths(delays: Delays, groupOf: GroupOf): LongestPaths {
  const graph = new TimingGraph(delays);
  const captures = graph.captures.map((capture) => ({ ...capture, group: groupOf(capture.cell) }));
  const ofClocks = new SlowestPaths();
  const ofGroups = new SlowestPaths();
  for (const launch of graph.launches()) {
    const { arrival, before } = graph.propagate(launch.starts);
    for (const { pin, clock, setup, group } of captures) {
      const at = arrival[pin];
      if (at === undefined || at === Number.NEGATIVE_INFINITY || clock.net !== launch.clock.net) continue;
      const delay = at + setup + Math.max(0, launch.clock.latency - clock.latency);
      const period = clock.edge === launch.clock.edge ? delay : 2 * delay;
      const arrived: Arrived = { pin, clock: clock.net, delay, period };
      ofClocks.see(clock.net, arrived);
      if (group !== null) ofGroups.see(group, arrived);
    }
    const trace = (pin: number): Pick<Path, "from" | "to" | "steps"> => graph.trace(pin, arrival, before);
    ofClocks.keep(trace);
    ofGroups.keep(trace);
  }
  return {
    ofClocks: [...ofClocks.paths.values()].sort((a, b) => b.period - a.period),
    ofGroups: ofGroups.paths,
  };
}

/** A path of which only the end is known. */
interface Arrived extends Pick<Path, "clock" | "delay" | "period"> {
  readonly pin: number;
}

/** The slowest path of each key. Only what is slowest of a launch is traced. */
class SlowestPaths {
  readonly paths = new Map<string, Path>();
  private readonly arrived = new Map<string, Arrived>();

  see(key: string, arrived: Arrived): void {
    const slowest = this.arrived.get(key) ?? this.paths.get(key);
    if (arrived.period > (slowest?.period ?? 0)) this.arrived.set(key, arrived);
  }

  keep(trace: (pin: number) => Pick<Path, "from" | "to" | "steps">): void {
    for (const [key, { pin, ...path }] of this.arrived) this.paths.set(key, { ...path, ...trace(pin) });
    this.arrived.clear();
  }
}

class TimingGraph {
  readonly captures: Capture[] = [];
  private readonly pins: Pin[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly edges: Edge[][] = [];
  /** The wire that comes to a pin. */
  private readonly drivers = new Map<number, Wire>();
  private readonly starts = new Map<string, { readonly clock: Clock; readonly starts: Edge[] }>();
  /** Pins, each before those that follow it. */
  private readonly order: readonly number[];

  constructor({ cells, wires }: Delays) {
    for (const wire of wires) {
      const sink = this.pin(wire.to);
      this.edges[this.pin(wire.from)]?.push({ to: sink, delay: wire.delay });
      this.drivers.set(sink, wire);
    }
    for (const [name, cell] of cells) this.addCell(name, cell);
    this.order = this.inOrder();
  }

  /** For each clock, and each time that it takes to come to a register: the registers' outputs, with their delays. */
  launches(): Iterable<{ readonly clock: Clock; readonly starts: readonly Edge[] }> {
    return this.starts.values();
  }

  propagate(starts: readonly Edge[]): { readonly arrival: Float64Array; readonly before: Int32Array } {
    const arrival = new Float64Array(this.pins.length).fill(Number.NEGATIVE_INFINITY);
    const before = new Int32Array(this.pins.length).fill(-1);
    for (const { to, delay } of starts) arrival[to] = Math.max(arrival[to] ?? 0, delay);
    for (const pin of this.order) {
      const at = arrival[pin] ?? Number.NEGATIVE_INFINITY;
      if (at === Number.NEGATIVE_INFINITY) continue;
      for (const { to, delay } of this.edges[pin] ?? []) {
        if (at + delay <= (arrival[to] ?? 0)) continue;
        arrival[to] = at + delay;
        before[to] = pin;
      }
    }
    return { arrival, before };
  }

  trace(end: number, arrival: Float64Array, before: Int32Array): Pick<Path, "from" | "to" | "steps"> {
    const steps: PathStep[] = [];
    for (let pin = end; pin >= 0; pin = before[pin] ?? -1) {
      const { cell = "", port = "" } = this.pins[pin] ?? {};
      steps.push({ cell, port, arrival: arrival[pin] ?? 0 });
    }
    steps.reverse();
    return { from: steps[0]?.cell ?? "", to: steps.at(-1)?.cell ?? "", steps };
  }

  private pin(pin: Pin): number {
    const key = `${pin.cell}/${pin.port}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const made = this.pins.length;
    this.numbers.set(key, made);
    this.pins.push(pin);
    this.edges.push([]);
    return made;
  }

  private addCell(name: string, { arcs, checks }: CellDelays): void {
    const edgeOf = new Map(checks.map(({ clock, edge }) => [clock, edge]));
    const clockOf = (port: string): Clock | null => {
      const wire = this.drivers.get(this.pin({ cell: name, port }));
      if (wire === undefined) return null;
      return { net: sourceName(wire.from.cell), edge: edgeOf.get(port) ?? "rising", latency: wire.delay };
    };
    for (const { from, to, delay } of arcs) {
      const output = this.pin({ cell: name, port: to });
      if (!edgeOf.has(from) && !CLOCKS.has(from)) {
        this.edges[this.pin({ cell: name, port: from })]?.push({ to: output, delay });
        continue;
      }
      const clock = clockOf(from);
      if (clock === null) continue;
      const key = `${clock.edge} ${clock.latency} ${clock.net}`;
      const launch = this.starts.get(key) ?? { clock, starts: [] };
      launch.starts.push({ to: output, delay });
      this.starts.set(key, launch);
    }
    for (const { data, clock: port, setup } of checks) {
      const clock = clockOf(port);
      if (clock !== null)
        this.captures.push({ pin: this.pin({ cell: name, port: data }), cell: name, clock, setup });
    }
  }

  private inOrder(): number[] {
    const waiting = new Int32Array(this.pins.length);
    for (const edges of this.edges) for (const { to } of edges) waiting[to] = (waiting[to] ?? 0) + 1;
    const order: number[] = [];
    for (let pin = 0; pin < waiting.length; pin++) if (waiting[pin] === 0) order.push(pin);
    for (let next = 0; next < order.length; next++) {
      for (const { to } of this.edges[order[next] ?? 0] ?? []) {
        waiting[to] = (waiting[to] ?? 0) - 1;
        if (waiting[to] === 0) order.push(to);
      }
    }
    if (order.length < this.pins.length) {
      const { cell } = this.pins[waiting.findIndex((count) => count > 0)] ?? { cell: "?" };
      throw new Error(`logic at ${cell} goes round in a circle`);
    }
    return order;
  }
}

/** Clock inputs, for cells that have outputs and no checks. */
const CLOCKS: ReadonlySet<string> = new Set(["CLK", "CLOCK", "RCLK", "WCLK", "INPUT_CLK", "OUTPUT_CLK"]);
