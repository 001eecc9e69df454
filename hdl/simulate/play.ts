import { largest, smallest } from "../builder/type.ts";
import { Access } from "./access.ts";
import type { Clocks } from "./clocks.ts";
import { SimulationError } from "./errors.ts";
import { type LinearMemory, wordOf } from "./linear-memory.ts";
import type { Area } from "./lower/layout.ts";
import type { Machine } from "./machine.ts";
import { BATCH, Runner } from "./runner.ts";
import type { Signals, Visible } from "./signals.ts";

/** One value a cycle. */
export type Values = ArrayLike<number> | ArrayLike<bigint>;

export interface Play<I extends string, C extends string, B extends string> {
  /** Values of driven inputs; the other inputs stay what they are. */
  readonly inputs?: { readonly [K in I]?: Values };
  /** How many cycles; as many as the first input has values where nothing is said. */
  readonly cycles?: number;
  /** Ports, or signals by path, to be captured as numbers. */
  readonly capture?: readonly C[];
  /** Those to be captured as bigints, as all of more than 53 bits have to be. */
  readonly captureBig?: readonly B[];
}

/** Values before the clock edge, cycle by cycle. */
export type Captured<C extends string, B extends string> = { readonly [K in C]: Numbers } & {
  readonly [K in B]: readonly bigint[];
};

/** An array of the fewest bytes that hold the signal's type; of floats for 33 to 53 bits. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float64Array;

interface Driven {
  readonly access: Access;
  readonly values: Values;
}

interface Capture {
  readonly name: string;
  readonly visible: Visible;
  readonly into: Numbers | bigint[];
}

/** Runs given values of inputs through a circuit and captures what comes out. */
export class Player {
  private readonly machine: Machine;
  private readonly signals: Signals;
  private readonly clocks: Clocks;
  private readonly passed: (cycles: number) => void;
  /** By the names of the inputs and captured signals. */
  private readonly runners = new Map<string, Runner>();

  /** @param passed is told how many cycles have been run compiled */
  constructor(machine: Machine, signals: Signals, clocks: Clocks, passed: (cycles: number) => void) {
    this.machine = machine;
    this.signals = signals;
    this.clocks = clocks;
    this.passed = passed;
  }

  /**
   * @param from number of the first cycle
   * @param watched runs one cycle and calls `before` before its clock edges; null: nobody watches, all is run compiled
   */
  play<I extends string, C extends string, B extends string>(
    { inputs = {}, cycles, capture = [], captureBig = [] }: Play<I, C, B>,
    from: number,
    watched: ((before: () => void) => void) | null,
  ): Captured<C, B> {
    const driven = Object.entries<Values | undefined>(inputs).flatMap(([name, values]): readonly Driven[] =>
      values === undefined ? [] : [{ access: this.signals.inputs.get(name).access, values }],
    );
    const count = cycles ?? driven[0]?.values.length;
    if (count === undefined || !Number.isSafeInteger(count) || count < 0)
      throw new SimulationError("play runs a whole number of cycles: give cycles, or values of an input");
    for (const { access, values } of driven)
      if (values.length < count)
        throw new SimulationError(`play: ${values.length} values of ${access.name} for ${count} cycles`);
    const captures = [
      ...capture.map((name) => this.capture(name, (access) => numbersFor(access, count))),
      ...captureBig.map((name) => this.capture(name, () => [])),
    ];
    if (watched === null) this.run(driven, captures, from, count);
    else
      for (let i = 0; i < count; i++) {
        for (const { access, values } of driven) access.set(values[i]!);
        watched(() => {
          for (const { visible, into } of captures) {
            visible.group?.settle();
            put(into, i, visible.access);
          }
        });
      }
    // One array for each name.
    return Object.fromEntries(captures.map(({ name, into }) => [name, into])) as Captured<C, B>;
  }

  private capture(name: string, array: (access: Access) => Numbers | bigint[]): Capture {
    const visible = this.signals.all.get(name);
    return { name, visible, into: array(visible.access) };
  }

  private run(driven: readonly Driven[], captures: readonly Capture[], from: number, count: number): void {
    const runner = this.runnerFor(driven, captures);
    for (let at = 0; at < count; ) {
      const wanted = Math.min(BATCH, count - at);
      let row = 0;
      for (const { access, values } of driven) {
        const rows = runner.inputs.slice(row, row + access.places.length);
        fill(this.machine.memory, rows, access, values, at, wanted);
        row += rows.length;
      }
      const { cycles } = runner.run(from + at, wanted);
      this.passed(cycles);
      row = 0;
      for (const { visible, into } of captures) {
        const rows = runner.outputs.slice(row, row + visible.access.places.length);
        take(this.machine.memory, rows, visible.access, into, at, cycles);
        row += rows.length;
      }
      at += cycles;
    }
  }

  private runnerFor(driven: readonly Driven[], captures: readonly Capture[]): Runner {
    const key = `${driven.map(({ access }) => access.name).join()};${captures.map(({ name }) => name).join()}`;
    let runner = this.runners.get(key);
    if (runner === undefined) {
      runner = new Runner(this.machine, this.clocks, {
        inputs: driven.flatMap(({ access }) => access.places),
        outputs: captures.flatMap(({ visible }) => visible.access.places),
        stop: [],
        settle: [...new Set(captures.flatMap(({ visible: { group } }) => group ?? []))],
      });
      this.runners.set(key, runner);
    }
    return runner;
  }
}

function numbersFor(access: Access, length: number): Numbers {
  const { width, signed } = access.type;
  access.demandNumber();
  if (width <= 8) return signed ? new Int8Array(length) : new Uint8Array(length);
  if (width <= 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  if (width <= 32) return signed ? new Int32Array(length) : new Uint32Array(length);
  return new Float64Array(length);
}

function put(into: Numbers | bigint[], at: number, access: Access): void {
  if (Array.isArray(into)) into[at] = access.getBig();
  else into[at] = access.get();
}

/** Access to the word of a cycle in a value's buffers. */
const inCycle = (
  cycle: number,
  rows: readonly Area[],
  { name, type }: Access,
  memory: LinearMemory,
): Access =>
  new Access(
    name,
    type,
    rows.map((row) => wordOf(row, cycle)),
    memory,
  );

/** Writes values from number `at` on into the buffers. */
function fill(
  memory: LinearMemory,
  rows: readonly Area[],
  access: Access,
  values: Values,
  at: number,
  count: number,
): void {
  const [row] = rows;
  if (row === undefined || access.type.width > 32) {
    for (let i = 0; i < count; i++) inCycle(i, rows, access, memory).set(values[at + i]!);
    return;
  }
  const words = memory.wordsOf(row);
  if (isBig(values)) {
    for (let i = 0; i < count; i++) {
      const value = Number(values[at + i]!);
      if (!access.fits(value)) throw access.misfit(values[at + i]!);
      words[i] = value;
    }
    return;
  }
  // A loop over plain numbers without a call: it may well take longer than the circuit itself.
  const least = Number(smallest(access.type));
  const most = Number(largest(access.type));
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    words[i] = value;
    if (words[i] !== value || value < least || value > most) throw access.misfit(value);
  }
}

const isBig = (values: Values): values is ArrayLike<bigint> => typeof values[0] === "bigint";

/** Reads what the buffers hold into the array, from number `at` on. */
function take(
  memory: LinearMemory,
  rows: readonly Area[],
  access: Access,
  into: Numbers | bigint[],
  at: number,
  count: number,
): void {
  const [row] = rows;
  if (row !== undefined && access.type.width <= 32 && !Array.isArray(into))
    into.set(memory.wordsOf(row).subarray(0, count), at);
  else for (let i = 0; i < count; i++) put(into, at + i, inCycle(i, rows, access, memory));
}
