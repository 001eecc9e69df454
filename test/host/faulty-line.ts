import type { Transport } from "../../src/host/transport.ts";

/** How often what happens to a byte, and to all that is written at once. */
export interface Faults {
  readonly flip?: number;
  readonly drop?: number;
  readonly insert?: number;
  /** The rest is lost. */
  readonly cut?: number;
}

/** Numbers from 0 to 1 that follow from a seed. */
export function randomFrom(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A line that damages what goes over it, in both directions. */
export class FaultyLine implements Transport {
  readonly baud: number;
  /** Faults so far. */
  count = 0;
  private readonly line: Transport;
  private readonly faults: Faults;
  private readonly random: () => number;

  constructor(line: Transport, faults: Faults, seed: number) {
    this.line = line;
    this.baud = line.baud;
    this.faults = faults;
    this.random = randomFrom(seed);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.line.write(this.damaged(bytes));
  }

  async read(milliseconds: number): Promise<Uint8Array> {
    for (;;) {
      const bytes = await this.line.read(milliseconds);
      const damaged = this.damaged(bytes);
      // An empty answer would say that time is up.
      if (bytes.length === 0 || damaged.length > 0) return damaged;
    }
  }

  close(): Promise<void> {
    return this.line.close();
  }

  private happens(chance = 0): boolean {
    const happens = this.random() < chance;
    if (happens) this.count++;
    return happens;
  }

  private damaged(bytes: Uint8Array): Uint8Array {
    const { flip, drop, insert, cut } = this.faults;
    const out: number[] = [];
    for (const byte of bytes) {
      if (this.happens(cut)) break;
      if (this.happens(insert)) out.push(Math.floor(256 * this.random()));
      if (this.happens(drop)) continue;
      out.push(this.happens(flip) ? byte ^ (1 << Math.floor(8 * this.random())) : byte);
    }
    return Uint8Array.from(out);
  }
}
