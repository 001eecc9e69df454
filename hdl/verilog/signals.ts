import type { NumberType } from "../builder/graph.ts";
import { Names } from "./names.ts";

/** Something with a name in the Verilog module. */
export interface Signal {
  readonly name: string;
  readonly type: NumberType;
  /** Names of localparams for its values. */
  readonly labels: readonly string[] | null;
}

/** Bits of a signal by name: `count[3:0]`, or the whole. */
export function bitsOf({ name, type }: Signal, low: number, width: number): string {
  if (width === type.width) return name;
  return width === 1 ? `${name}[${low}]` : `${name}[${low + width - 1}:${low}]`;
}

/** The names of a module, and which of their bits are read. */
export class Signals {
  readonly names = new Names();
  private readonly read = new Map<string, bigint>();

  use({ name }: Pick<Signal, "name">, low: number, width: number): void {
    const mask = ((1n << BigInt(width)) - 1n) << BigInt(low);
    this.read.set(name, (this.read.get(name) ?? 0n) | mask);
  }

  useAll(signal: Pick<Signal, "name" | "type">): void {
    this.use(signal, 0, signal.type.width);
  }

  isUsed({ name, type }: Pick<Signal, "name" | "type">): boolean {
    return this.read.get(name) === (1n << BigInt(type.width)) - 1n;
  }
}
