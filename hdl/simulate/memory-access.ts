import { Access } from "./access.ts";
import { SimulationError } from "./errors.ts";
import type { FlatMemory } from "./flat.ts";
import { wordOf } from "./linear-memory.ts";
import type { Machine } from "./machine.ts";

/** The words of a memory in a running simulation. */
export class MemoryAccess {
  readonly depth: number;
  private readonly name: string;
  private readonly memory: FlatMemory;
  private readonly machine: Machine;
  private readonly changed: () => void;

  /** @param changed called after words have been written */
  constructor(memory: FlatMemory, machine: Machine, changed: () => void) {
    this.name = memory.path.join(".");
    this.depth = memory.depth;
    this.memory = memory;
    this.machine = machine;
    this.changed = changed;
  }

  /** @throws SimulationError if the words are too wide for numbers */
  get(address: number): number {
    return this.word(address).get();
  }

  getBig(address: number): bigint {
    return this.word(address).getBig();
  }

  set(address: number, value: number | bigint): void {
    this.word(address).set(value);
    this.changed();
  }

  /** Writes words from `start` on. */
  load(words: Iterable<number | bigint>, start = 0): void {
    let address = start;
    for (const word of words) this.word(address++).set(word);
    this.changed();
  }

  /** All words. */
  *words(): Iterable<bigint> {
    for (let address = 0; address < this.depth; address++) yield this.getBig(address);
  }

  private word(address: number): Access {
    if (!Number.isInteger(address) || address < 0 || address >= this.depth)
      throw new SimulationError(`${this.name} has words 0 to ${this.depth - 1}; ${address} is none of them`);
    const { program, memory } = this.machine;
    const places = (this.memory.parts ?? []).map((part) => wordOf(program.layout.areaOf(part), address));
    return new Access(`${this.name}[${address}]`, this.memory.type, places, memory);
  }
}
