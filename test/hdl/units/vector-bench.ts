import { simulate } from "../../../hdl/simulate/index.ts";
import type { VectorParameters } from "../../../hdl/units/vector/parameters.ts";
import { vectorUnit } from "../../../hdl/units/vector/vector-unit.ts";
import { type Instruction, OPERATIONS } from "../../../src/compile/instruction.ts";

/** What is around the vector unit: memories, descriptors and the host's registers. */
export interface Surroundings {
  readonly words: Int32Array;
  readonly codes: Int8Array;
  readonly exponents: Int8Array;
  /** Exponent, and 32 bits of peak or inverse sum. */
  readonly descriptors: { exponent: number; peak: number }[];
  /** Cosine and sine in turn. */
  angles: Int16Array;
  position: number;
  /** Draws at this temperature, if at all. */
  temperature: { readonly mantissa: number; readonly exponent: number } | null;
}

export interface VectorRun {
  /** From the start on, until the next instruction may start. */
  readonly cycles: number;
  readonly token: number | null;
}

type Fields = Partial<Omit<Instruction, "operation">>;

/** A vector unit whose memories are arrays. */
export class VectorBench {
  readonly around: Surroundings;
  private readonly parameters: VectorParameters;
  private readonly simulation;
  private wrote = false;

  constructor(parameters: VectorParameters, around: Surroundings) {
    this.parameters = parameters;
    this.around = around;
    this.simulation = simulate(vectorUnit(parameters));
    this.set("reset", 1);
    this.simulation.step();
    this.set("reset", 0);
  }

  private set(name: string, value: number): void {
    this.simulation.set(name as "start", value);
  }

  private get(name: string): number {
    return this.simulation.get(name as "done");
  }

  seed(value: number): void {
    this.set("seed", value);
    this.set("seeds", 1);
    this.simulation.step();
    this.set("seeds", 0);
  }

  run(operation: keyof typeof OPERATIONS, fields: Fields, limit = 1e5): VectorRun {
    const { position, temperature } = this.around;
    this.set("position", position);
    this.set("draws", temperature === null ? 0 : 1);
    this.set("temperature_mantissa", temperature?.mantissa ?? 0);
    this.set("temperature_exponent", temperature?.exponent ?? 0);
    this.set("start", 1);
    this.simulation.step();
    this.set("start", 0);
    this.set("command_operation", OPERATIONS[operation] & 15);
    for (const name of ["a", "b", "c", "d", "w", "x", "y", "z"] as const)
      this.set(`command_${name}`, fields[name] ?? 0);
    let token: number | null = null;
    for (let cycles = 1; cycles < limit; cycles++) {
      const done = this.get("done") === 1;
      if (this.get("token_picked") === 1) token = this.get("token");
      this.cycle();
      if (done) return { cycles, token };
    }
    throw new Error(`${operation} does not end`);
  }

  /** Reads and writes of the memories at the clock's edge. */
  private cycle(): void {
    const { words, codes, exponents, descriptors, angles } = this.around;
    const { lanes } = this.parameters;
    const wordAddress = this.get("word_address");
    const exponentAddress = this.get("exponent_address");
    // Cosine and sine of an element lie side by side.
    const angleAddress = 2 * this.get("angle_index") * lanes + this.get("angle_sine");
    const descriptor = { ...descriptors[this.get("descriptor_address")]! };
    const lane = Array.from({ length: lanes }, (_, i) => i);
    const next: [string, number][] = [
      ...lane.map((i): [string, number] => [`words_${i}`, words[wordAddress + i] ?? 0]),
      ...lane.map((i): [string, number] => [`exponents_${i}_key`, exponents[exponentAddress + 2 * i] ?? 0]),
      ...lane.map((i): [string, number] => [
        `exponents_${i}_value`,
        exponents[exponentAddress + 2 * i + 1] ?? 0,
      ]),
      ...lane.map((i): [string, number] => [`angles_${i}`, angles[angleAddress + 2 * i] ?? 0]),
      ["descriptor_exponent", descriptor.exponent],
      ["descriptor_peak", descriptor.peak],
    ];
    // Others write through the same port in the cycles between.
    const writes = lane.some((i) => this.get(`word_writes_${i}`) === 1);
    if (writes && this.wrote) throw new Error("words are written in two cycles in a row");
    this.wrote = writes;
    for (const i of lane) {
      if (this.get(`word_writes_${i}`) === 1)
        words[this.get("word_place") + i] = this.get(`words_written_${i}`);
      if (this.get(`code_writes_${i}`) === 1)
        codes[this.get("code_place") + i] = this.get(`codes_written_${i}`);
    }
    if (this.get("descriptor_writes") === 1)
      Object.assign(descriptors[this.get("descriptor_place")]!, {
        exponent: this.get("descriptor_written_exponent"),
        peak: this.get("descriptor_written_peak"),
      });
    this.simulation.step();
    for (const [name, value] of next) this.set(name, value);
  }
}
