import type { Domain } from "../builder/graph.ts";
import type { Clocks } from "./clocks.ts";
import { SimulationError } from "./errors.ts";
import type { Place } from "./linear-memory.ts";
import type { Area, Cell } from "./lower/layout.ts";
import { loadText, scaledText, storeText } from "./lower/text.ts";
import type { Code, Machine } from "./machine.ts";
import type { Group } from "./signals.ts";

/** Cycles for which there is room in the buffers of inputs and outputs. */
export const BATCH = 4096;
/** Moments with clock edges for which there is room, where not all clocks are alike. */
const MOMENTS = 65_536;
/** Cycles of which the moments are kept in mind. */
const MOST_PATTERNS = 10_000;
/** Marks a cycle's last moment. */
const LAST = 0x80;

export interface RunnerOptions {
  /** What takes a value each cycle, from a buffer. */
  readonly inputs: readonly Place[];
  /** What gives its value to a buffer each cycle, before the edges. */
  readonly outputs: readonly Place[];
  /** The run ends before the edges of a cycle in which one of these is not zero. */
  readonly stop: readonly Place[];
  /** What has to be computed for outputs and stop. */
  readonly settle: readonly Group[];
}

/** Runs many cycles without leaving WebAssembly. */
export class Runner {
  /** A word a cycle, for each of the inputs and of the outputs. */
  readonly inputs: readonly Area[];
  readonly outputs: readonly Area[];
  private readonly machine: Machine;
  private readonly clocks: Clocks;
  private readonly options: RunnerOptions;
  private readonly count: Cell;
  private readonly moments: Area | null;
  /** Code of the edges that come together, by what the moments call them. */
  private readonly edges = new Map<Code, number>();
  /** Moments of cycles, by their place among those that repeat. */
  private readonly patterns = new Map<number, readonly number[]>();
  private code: Code | null = null;

  constructor(machine: Machine, clocks: Clocks, options: RunnerOptions) {
    const { layout } = machine.program;
    this.machine = machine;
    this.clocks = clocks;
    this.options = options;
    const buffer = ({ type }: Place): Area => layout.row("buffer", type, BATCH);
    this.inputs = options.inputs.map(buffer);
    this.outputs = options.outputs.map(buffer);
    this.count = layout.cell("cycles", { width: 32, signed: false });
    this.moments = clocks.isSimple ? null : layout.row("moments", { width: 8, signed: false }, MOMENTS);
    if (clocks.isSimple) this.numberOf(clocks.edgesOf(0)[0] ?? new Set());
    machine.memory.fit();
  }

  /**
   * Runs cycles from number `from` on, `BATCH` of them at most.
   * @returns how many; fewer than asked for where it was stopped, or where there was no room for more clock edges
   */
  run(from: number, cycles: number): { readonly cycles: number; readonly stopped: boolean } {
    const { memory } = this.machine;
    const planned = this.plan(from, Math.min(cycles, BATCH));
    this.code ??= this.compile();
    memory.writeNumber(this.count, planned);
    this.code();
    const done = memory.readNumber(this.count);
    return { cycles: done, stopped: done < planned };
  }

  /** Writes down the edges of the cycles to come; returns for how many there was room. */
  private plan(from: number, cycles: number): number {
    if (this.moments === null) return cycles;
    const { memory } = this.machine;
    let at = this.moments.address;
    for (let i = 0; i < cycles; i++) {
      const numbers = this.momentsOf((from + i) % this.clocks.repeats);
      if (at + numbers.length > this.moments.address + MOMENTS) {
        if (i > 0) return i;
        throw new SimulationError(
          `more than ${MOMENTS} clock edges in one cycle: the periods are too different`,
        );
      }
      for (const number of numbers) memory.u8[at++] = number;
    }
    return cycles;
  }

  private momentsOf(cycle: number): readonly number[] {
    const known = this.patterns.get(cycle);
    if (known !== undefined) return known;
    const numbers = this.clocks.edgesOf(cycle).map((domains) => this.numberOf(domains));
    // A cycle without any edge still is one moment.
    if (numbers.length === 0) numbers.push(this.numberOf(new Set()));
    numbers[numbers.length - 1]! |= LAST;
    if (this.patterns.size < MOST_PATTERNS) this.patterns.set(cycle, numbers);
    return numbers;
  }

  private numberOf(domains: ReadonlySet<Domain>): number {
    const edge = this.machine.edge(domains);
    let number = this.edges.get(edge);
    if (number === undefined) {
      number = this.edges.size;
      this.edges.set(edge, number);
      this.code = null;
    }
    return number;
  }

  private compile(): Code {
    const { inputs, outputs, stop, settle } = this.options;
    const zero = "(i32.const 0)";
    const steps: string[] = [];
    const move = (cell: Place, buffer: Area, toCell: boolean): void => {
      const at = scaledText("(local.get $at)", cell.bytes);
      const bits = cell.bytes === 8 ? 64 : 32;
      steps.push(
        toCell
          ? storeText(cell.bytes, cell.address, zero, loadText(buffer, bits, at))
          : storeText(cell.bytes, buffer.address, at, loadText(cell, bits)),
      );
    };
    for (const [i, cell] of inputs.entries()) move(cell, this.inputs[i]!, true);
    for (const i of settle.keys()) steps.push(`(call $settle${i})`);
    for (const [i, cell] of outputs.entries()) move(cell, this.outputs[i]!, false);
    for (const cell of stop)
      steps.push(
        `(br_if $end ${cell.bytes === 8 ? `(i64.ne ${loadText(cell, 64)} (i64.const 0))` : loadText(cell, 32)})`,
      );
    const names = [...this.edges.values()].map((number) => `edge${number}`);
    const text = `(func $run (local $at i32) (local $moment i32) (local $edge i32) (local $count i32)
(local.set $count ${loadText(this.count, 32)})
(block $end
(loop $cycle
(br_if $end (i32.ge_u (local.get $at) (local.get $count)))
${steps.join("\n")}
${this.edgesText(names)}
(local.set $at (i32.add (local.get $at) (i32.const 1)))
(br $cycle)))
${storeText(this.count.bytes, this.count.address, zero, "(local.get $at)")})`;
    const imports = Object.fromEntries([
      ...[...this.edges].map(([edge, number]) => [`edge${number}`, edge] as const),
      ...settle.map(({ code }, i) => [`settle${i}`, code] as const),
    ]);
    return this.machine.load("run", text, imports);
  }

  /** The edges of one cycle. */
  private edgesText(names: readonly string[]): string {
    if (this.moments === null) return names.map((name) => `(call $${name})`).join("\n");
    let arms = `(br_table ${names.map((name) => `$${name}`).join(" ")} (i32.and (local.get $edge) (i32.const ${LAST - 1})))`;
    for (const name of names) arms = `(block $${name}\n${arms})\n(call $${name})\n(br $made)`;
    return `(loop $next
(local.set $edge ${loadText(this.moments, 32, "(local.get $moment)")})
(local.set $moment (i32.add (local.get $moment) (i32.const 1)))
(block $made
${arms})
(br_if $next (i32.lt_u (local.get $edge) (i32.const ${LAST}))))`;
  }
}
