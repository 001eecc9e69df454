import { setImmediate } from "node:timers/promises";
import type { Transport } from "./transport.ts";

/** A simulation of a design with the pins of a serial line. */
export interface BoardSimulation {
  readonly cycle: number;
  drive(values: { readonly rx: number }): void;
  get(port: "tx"): number;
  step(cycles: number): void;
}

export interface BoardOptions {
  readonly clockHz: number;
  /** Of the design; the baud rate is that of its clock by this. */
  readonly cyclesPerBit: number;
  /** What becomes of the line's level on its way to the device; called for each bit. */
  readonly disturb?: (level: number) => number;
}

const DATA_BITS = 8;
/** Cycles after which others have their turn. */
const TURN = 50_000;

/** The line to a simulated board: the same bytes, as bits on its pins. Time passes while bytes are written and read. */
export class SimulatedPort implements Transport {
  readonly baud: number;
  private readonly simulation: BoardSimulation;
  private readonly options: BoardOptions;
  /** Levels that are still to be sent, a bit's time each. */
  private levels: number[] = [];
  private nextLevel = 0;
  /** Cycle in which the start bit of a byte that comes in was seen, and its bits so far. */
  private start: number | null = null;
  private bits: number[] = [];
  private received: number[] = [];

  constructor(simulation: BoardSimulation, options: BoardOptions) {
    this.simulation = simulation;
    this.options = options;
    this.baud = options.clockHz / options.cyclesPerBit;
    simulation.drive({ rx: 1 });
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      const data = Array.from({ length: DATA_BITS }, (_, i) => (byte >> i) & 1);
      this.levels.push(0, ...data, 1);
    }
    await this.passUntil(() => this.levels.length === 0 && this.simulation.cycle >= this.nextLevel);
  }

  /** Holds the line low for as many bits, then high for as long as a byte takes: a break. */
  async break(bits: number): Promise<void> {
    this.levels.push(...new Array<number>(bits).fill(0), ...new Array<number>(DATA_BITS + 2).fill(1));
    await this.write(new Uint8Array());
  }

  async read(milliseconds: number): Promise<Uint8Array> {
    const end = this.simulation.cycle + Math.ceil((milliseconds * this.options.clockHz) / 1000);
    await this.passUntil(() => this.received.length > 0 || this.simulation.cycle >= end);
    const bytes = Uint8Array.from(this.received);
    this.received = [];
    return bytes;
  }

  async close(): Promise<void> {}

  private async passUntil(done: () => boolean): Promise<void> {
    let turn = this.simulation.cycle + TURN;
    while (!done()) {
      this.pass();
      if (this.simulation.cycle < turn) continue;
      await setImmediate();
      turn = this.simulation.cycle + TURN;
    }
  }

  /** Lets time pass to the next moment at which a bit begins or is looked at. */
  private pass(): void {
    const { simulation } = this;
    const { cyclesPerBit, disturb = (level) => level } = this.options;
    const now = simulation.cycle;
    if (now >= this.nextLevel) {
      const level = this.levels.shift();
      simulation.drive({ rx: disturb(level ?? 1) });
      if (level !== undefined) this.nextLevel = now + cyclesPerBit;
    }
    this.look();
    // An idle line is looked at four times a bit; bits in their middle, as near as that is.
    const look =
      this.start === null
        ? now + Math.max(1, cyclesPerBit >> 2)
        : this.start + cyclesPerBit * (this.bits.length + 1) + (cyclesPerBit >> 1);
    const next = this.nextLevel > now ? Math.min(look, this.nextLevel) : look;
    simulation.step(Math.max(1, next - now));
  }

  private look(): void {
    const { cyclesPerBit } = this.options;
    const now = this.simulation.cycle;
    if (this.start === null) {
      if (this.simulation.get("tx") === 0) this.start = now;
      return;
    }
    if (now < this.start + cyclesPerBit * (this.bits.length + 1) + (cyclesPerBit >> 1)) return;
    this.bits.push(this.simulation.get("tx"));
    if (this.bits.length <= DATA_BITS) return;
    // The stop bit has to be high, or it was no byte.
    if (this.bits[DATA_BITS] === 1)
      this.received.push(this.bits.slice(0, DATA_BITS).reduce((byte, bit, i) => byte | (bit << i), 0));
    this.start = null;
    this.bits = [];
  }
}
