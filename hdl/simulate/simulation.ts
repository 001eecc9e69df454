import type { Domain, Module, NumberType } from "../builder/graph.ts";
import type { Design } from "../builder/module.ts";
import type { StructShape } from "../builder/shape.ts";
import { Clocks, type Periods } from "./clocks.ts";
import { SimulationError } from "./errors.ts";
import type { FlatDesign } from "./flat.ts";
import { Machine } from "./machine.ts";
import { MemoryAccess } from "./memory-access.ts";
import { Names } from "./names.ts";
import { type Observed, observer } from "./observe.ts";
import { type Captured, type Play, Player } from "./play.ts";
import type { LeafName, ResetName } from "./port-names.ts";
import { powerUp } from "./power-up.ts";
import { prepare } from "./prepare.ts";
import { Recording, type RecordOptions } from "./recording.ts";
import { Runner } from "./runner.ts";
import { Signals, type Visible } from "./signals.ts";

export interface SimulationOptions {
  /** Signals that stay readable by `peek` though nothing needs them, by path or scope. Default: none but those that are needed. */
  readonly observe?: Observed;
  /** A recording for wave viewers; what it shows stays readable too. */
  readonly record?: RecordOptions;
  /** Chooses what stands in registers and memories that have no initial value; null: zeros. Default 1. */
  readonly seed?: number | null;
  /** Clock periods by domain; all the same where nothing is said. */
  readonly periods?: Periods;
}

/** Something outside of the circuit: looks at outputs and sets inputs, every cycle before the clock edge. */
export interface Model<I extends string = string, O extends string = string> {
  cycle(simulation: Simulation<I, O>): void;
}

/** A simulation that knows its ports' names. */
export type SimulationOf<I extends StructShape, O extends StructShape, P extends string = never> = Simulation<
  LeafName<I> | P | ResetName,
  LeafName<O> | `${P}.${"out" | "enable"}`
>;

/**
 * Compiles a module for simulation. Values are two-state: what has no initial value begins with random bits of a seed.
 * Modules made by `module` bring their port names along as types.
 */
export function simulate<I extends StructShape, O extends StructShape, P extends string = never>(
  module: Design<I, O, P>,
  options?: SimulationOptions,
): SimulationOf<I, O, P>;
export function simulate(module: Module, options?: SimulationOptions): Simulation;
export function simulate(module: Module, options: SimulationOptions = {}): Simulation {
  const { observe = [], record } = options;
  const isObserved = observer(observe);
  const isRecorded = record === undefined ? () => false : observer(record.scope ?? "all");
  return new Simulation(
    prepare(module, (signal) => isObserved(signal) || isRecorded(signal)),
    options,
  );
}

/** A running circuit. Inputs are zero in the beginning and keep what they are set to. */
export class Simulation<I extends string = string, O extends string = string> {
  private readonly design: FlatDesign;
  private readonly machine: Machine;
  private readonly signals: Signals;
  private readonly clocks: Clocks;
  private readonly edge: (() => void) | null;
  private readonly memories: Names<MemoryAccess>;
  private readonly domains: Names<Domain>;
  private readonly models: Model<I, O>[] = [];
  private readonly recording: Recording | null;
  private readonly player: Player;
  private readonly runners = new Map<string, Runner>();
  private cycles = 0;

  /** @param design without nodes of more than 64 bits, as `prepare` makes it */
  constructor(design: FlatDesign, { seed = 1, periods = {}, record }: SimulationOptions = {}) {
    this.design = design;
    this.machine = new Machine(design);
    this.signals = new Signals(design, this.machine);
    this.clocks = new Clocks(design.domains, periods);
    this.edge = this.clocks.isSimple ? this.machine.edge(new Set(design.domains)) : null;
    this.player = new Player(this.machine, this.signals, this.clocks, (cycles) => this.passed(cycles));
    this.memories = new Names(`a memory of ${design.name} that is still there`);
    for (const memory of design.memories)
      if (memory.parts !== null)
        this.memories.add(
          memory.path.join("."),
          new MemoryAccess(memory, this.machine, () => this.disturb()),
        );
    this.domains = new Names(`a clock domain of ${design.name}`);
    for (const domain of design.domains) this.domains.add(domain.name, domain);
    powerUp(this.machine, seed);
    this.recording = record === undefined ? null : new Recording(design, this.signals, this.clocks, record);
  }

  /** Cycles since power-up. */
  get cycle(): number {
    return this.cycles;
  }

  set(input: I, value: number | bigint): void {
    this.signals.inputs.get(input).access.set(value);
    this.disturb();
  }

  /** Sets several inputs. */
  drive(values: Readonly<Partial<Record<I, number | bigint>>>): void {
    this.disturb();
    for (const [input, value] of entriesOf(values)) this.signals.inputs.get(input).access.set(value);
  }

  /**
   * An input or output as it is now, before the next clock edge.
   * @throws SimulationError if it has more than 53 bits
   */
  get(port: I | O): number {
    const { access, group } = this.signals.ports.get(port);
    group?.settle();
    return access.get();
  }

  getBig(port: I | O): bigint {
    const { access, group } = this.signals.ports.get(port);
    group?.settle();
    return access.getBig();
  }

  /**
   * Any signal, by the instances on its path and its name, such as `core.alu.carry`.
   * @throws SimulationError if it is not there any more (see the option `observe`), or has more than 53 bits
   */
  peek(path: string): number {
    return this.look(path).access.get();
  }

  peekBig(path: string): bigint {
    return this.look(path).access.getBig();
  }

  /** Gives a register another value. Registers that always hold the same are one, and change together. */
  poke(path: string, value: number | bigint): void {
    const { access, isState } = this.signals.all.get(path);
    if (!isState)
      throw new SimulationError(`${path} is no register; only registers can be poked, and inputs set`);
    access.set(value);
    this.disturb();
  }

  /** @throws SimulationError that says what differs, and in which cycle */
  expect(values: Readonly<Partial<Record<I | O, number | bigint>>>): void {
    for (const [port, expected] of entriesOf(values)) {
      const got = this.getBig(port);
      if (got === BigInt(expected)) continue;
      const { type } = this.signals.ports.get(port).access;
      throw this.failure(
        `${port} is ${inBoth(got, type)}, and ${inBoth(BigInt(expected), type)} was expected`,
      );
    }
  }

  /** Lets `cycles` clock cycles pass. */
  step(cycles = 1): void {
    if (cycles === 1 && this.edge !== null && this.models.length === 0 && this.recording === null) {
      this.edge();
      this.passed(1);
      return;
    }
    if (!Number.isSafeInteger(cycles) || cycles < 0)
      throw new SimulationError(`step(${cycles}): cycles are a whole number, 0 or more`);
    if (this.isWatched) for (let i = 0; i < cycles; i++) this.watchedCycle();
    else this.run(this.runnerUntil(""), cycles);
  }

  /**
   * Lets cycles pass until a port or signal is not zero, or a function says so.
   * @returns how many
   * @throws SimulationError after `limit` cycles
   */
  until(condition: O | (string & {}) | ((simulation: this) => boolean), limit = 1_000_000): number {
    const start = this.cycles;
    if (typeof condition === "string" && !this.isWatched) {
      if (this.run(this.runnerUntil(condition), limit)) return this.cycles - start;
      // The last cycle's edge may have brought it.
      if (this.peekBig(condition) === 0n) throw this.failure(`${condition} is still 0 after ${limit} cycles`);
      return limit;
    }
    const holds =
      typeof condition === "string" ? () => this.peekBig(condition) !== 0n : () => condition(this);
    while (!holds()) {
      if (this.cycles - start >= limit)
        throw this.failure(
          `${typeof condition === "string" ? `${condition} is still 0` : "the condition does not hold"} after ${limit} cycles`,
        );
      this.step();
    }
    return this.cycles - start;
  }

  /** Holds all resets for some cycles. */
  reset(cycles = 1): void {
    const resets = [...new Set(this.design.domains.map((domain) => domain.reset))];
    const inputs = resets.flatMap((name) =>
      this.signals.inputs.has(name) ? [this.signals.inputs.get(name)] : [],
    );
    const all = (value: number): void => {
      for (const { access } of inputs) access.set(value);
      this.disturb();
    };
    all(1);
    this.step(cycles);
    all(0);
  }

  /** Clock edges of these domains alone, at the same moment; they count as no cycle and are not recorded. */
  tick(...domains: readonly string[]): void {
    this.machine.edge(new Set(domains.map((name) => this.domains.get(name))))();
    this.disturb();
  }

  memory(path: string): MemoryAccess {
    return this.memories.get(path);
  }

  /** Has `model.cycle` called every cycle, before the clock edge. */
  attach(model: Model<I, O>): void {
    this.models.push(model);
  }

  /**
   * Runs cycles with a given value of each input in each cycle, and captures outputs as they are before the clock edge.
   * Without models and recordings all of it runs compiled.
   */
  play<C extends I | O | (string & {}) = never, B extends I | O | (string & {}) = never>(
    play: Play<I, C, B>,
  ): Captured<C, B> {
    const watched = this.isWatched ? (before: () => void) => this.watchedCycle(before) : null;
    return this.player.play(play, this.cycles, watched);
  }

  /** Ends a recording. Failed expectations end it too. */
  close(): void {
    this.recording?.sample(this.clocks.startOf(this.cycles));
    this.recording?.close();
  }

  private get isWatched(): boolean {
    return this.models.length > 0 || this.recording !== null;
  }

  /** One cycle with all that looks on; `before` comes before the clock edges. */
  private watchedCycle(before: () => void = () => {}): void {
    this.disturb();
    for (const model of this.models) model.cycle(this);
    before();
    const { clocks, machine, recording } = this;
    recording?.sample(clocks.startOf(this.cycles));
    const end = clocks.startOf(this.cycles + 1);
    for (const { time, domains } of clocks.momentsOf(this.cycles)) {
      if (domains.size > 0) machine.edge(domains)();
      this.disturb();
      // The end is the next cycle's beginning, with its inputs.
      if (time < end) recording?.sample(time);
    }
    this.cycles++;
  }

  /** Runs compiled code until the stop; returns whether it came to that. */
  private run(runner: Runner, cycles: number): boolean {
    let left = cycles;
    for (;;) {
      const { cycles: done, stopped } = runner.run(this.cycles, left);
      this.passed(done);
      left -= done;
      if (stopped || left === 0) return stopped;
    }
  }

  /** Runs until a signal is not zero; for the empty name without looking at any. */
  private runnerUntil(name: string): Runner {
    let runner = this.runners.get(name);
    if (runner === undefined) {
      const visible = name === "" ? null : this.look(name);
      runner = new Runner(this.machine, this.clocks, {
        inputs: [],
        outputs: [],
        stop: visible?.access.places ?? [],
        settle: visible?.group == null ? [] : [visible.group],
      });
      this.runners.set(name, runner);
    }
    return runner;
  }

  private look(path: string): Visible {
    const visible = this.signals.all.get(path);
    visible.group?.settle();
    return visible;
  }

  /** Cycles have been run. */
  private passed(cycles: number): void {
    this.cycles += cycles;
    this.disturb();
  }

  /** Inputs or state have changed. */
  private disturb(): void {
    for (const group of this.signals.groups) group.disturb();
  }

  private failure(what: string): SimulationError {
    this.close();
    return new SimulationError(`cycle ${this.cycles}: ${what}`);
  }
}

/** What is given of some names. */
const entriesOf = <K extends string>(
  values: Readonly<Partial<Record<K, number | bigint>>>,
): readonly (readonly [K, number | bigint])[] =>
  // An object literal's own keys are of its type.
  Object.entries<number | bigint | undefined>(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name as K, value] as const],
  );

/** In decimal, and its bits in hexadecimal. */
const inBoth = (value: bigint, { width }: NumberType): string =>
  `${value} (0x${BigInt.asUintN(width, value).toString(16)})`;
