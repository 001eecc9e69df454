import type { NumberType } from "../builder/graph.ts";
import { fits, largest, smallest, typeText } from "../builder/type.ts";
import { SimulationError } from "./errors.ts";
import { PART_BITS } from "./flat.ts";
import type { LinearMemory, Place } from "./linear-memory.ts";

/** The widest integers that are exact as JavaScript numbers. */
const NUMBER_BITS = 53;

/** Reads and writes one value, which may lie in several places. */
export class Access {
  readonly name: string;
  readonly type: NumberType;
  /** Low part first. */
  readonly places: readonly Place[];
  private readonly memory: LinearMemory;
  private readonly only: Place | null;
  private readonly low: number;
  private readonly high: number;

  constructor(name: string, type: NumberType, places: readonly Place[], memory: LinearMemory) {
    this.name = name;
    this.type = type;
    this.places = places;
    this.memory = memory;
    const [first = null] = places;
    this.only = type.width <= NUMBER_BITS ? first : null;
    this.low = Number(smallest(type));
    this.high = Number(largest(type));
  }

  /** @throws SimulationError if the type is too wide for numbers */
  get(): number {
    if (this.only === null) throw this.tooWide();
    return this.memory.readNumber(this.only);
  }

  /** @throws SimulationError if the type is too wide for numbers */
  demandNumber(): void {
    if (this.only === null) throw this.tooWide();
  }

  getBig(): bigint {
    let value = 0n;
    for (const [i, place] of this.places.entries()) value += this.memory.read(place) << BigInt(i * PART_BITS);
    return value;
  }

  /** @throws SimulationError if the value does not fit the type */
  set(value: number | bigint): void {
    if (typeof value === "number" && this.only !== null) {
      if (!this.fits(value)) throw this.misfit(value);
      this.memory.writeNumber(this.only, value);
      return;
    }
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw this.misfit(value);
    const integer = BigInt(value);
    if (!fits(integer, this.type)) throw this.misfit(value);
    for (const [i, place] of this.places.entries())
      this.memory.write(place, integer >> BigInt(i * PART_BITS));
  }

  /** Whether a number is one of a type of at most 53 bits. */
  fits(value: number): boolean {
    return value >= this.low && value <= this.high && Number.isInteger(value);
  }

  misfit(value: number | bigint): SimulationError {
    return new SimulationError(
      `${value} does not fit ${this.name}, which is ${typeText(this.type)}: ${smallest(this.type)} to ${largest(this.type)}`,
    );
  }

  private tooWide(): SimulationError {
    return new SimulationError(
      `${this.name} is ${typeText(this.type)}, and numbers are exact up to ${NUMBER_BITS} bits only: use getBig, peekBig or captureBig`,
    );
  }
}
