import type { Registers } from "./chip.ts";

/** The registers as the last of the vectors that are taken in sees them. */
export function lastOf(registers: Registers): Registers {
  return registers.vectors === 1
    ? registers
    : { ...registers, position: registers.position + registers.vectors - 1 };
}

/** Tokens that the vectors taken in attend to, each its own and those before, summed up. */
export const attendedTokens = ({ position, vectors }: Registers): number =>
  vectors * position + (vectors * (vectors + 1)) / 2;
