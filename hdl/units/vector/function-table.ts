import { exp2Negative, inverseSqrt, reciprocal, sigmoid } from "../../../models/decoder/integer/table.ts";
import { bit, concat, memory, module, register, signed, unsigned } from "../../builder/index.ts";

/** Numbers of the functions: the upper bits of a table's address. Those of 15-bit arguments are odd. */
export const FUNCTION = { exp2: 0, reciprocal: 1, inverseSqrt: 2, sigmoid: 3 } as const;

const PIECES = 64;
const Q15 = 2 ** 15;

/** A function of the integer decoder by its table's argument, an unsigned number of 15 or 16 bits. */
interface Argument {
  readonly bits: number;
  readonly at: (argument: number) => number;
}

const FUNCTIONS: readonly Argument[] = [
  { bits: 16, at: exp2Negative },
  { bits: 15, at: (argument) => reciprocal(Q15 + argument) },
  { bits: 16, at: (argument) => inverseSqrt(Q15 + (argument % Q15), argument >= Q15) },
  { bits: 15, at: sigmoid },
];

/** Values at the pieces' beginnings, and their differences; at the last argument of all a piece is not half a unit from its end. */
function piecesOf({ bits, at }: Argument): { readonly base: number; readonly difference: number }[] {
  const size = 2 ** bits / PIECES;
  return Array.from({ length: PIECES }, (_, i) => {
    const base = at(i * size);
    const end = i + 1 < PIECES ? at((i + 1) * size) : at(2 ** bits - 1);
    return { base, difference: end - base };
  });
}

/**
 * All four functions in straight pieces, those of the last address that was looked at: `difference` a cycle after it, `base`
 * another cycle later, as a product with the difference takes it.
 */
export function functionTable() {
  const pieces = FUNCTIONS.flatMap(piecesOf);
  return module(
    "function_table",
    {
      description: "exp2, reciprocal, inverse square root and sigmoid: 64 straight pieces each.",
      inputs: { function: unsigned(2), piece: unsigned(6), looks: bit },
      outputs: { difference: signed(16), base: unsigned(16) },
    },
    ({ function: which, piece, looks, difference, base }) => {
      const address = concat(which, piece);
      const differences = memory("differences", signed(16), {
        depth: pieces.length,
        initial: pieces.map((one) => one.difference),
      });
      const bases = memory("bases", unsigned(16), {
        depth: pieces.length,
        initial: pieces.map((one) => one.base),
      });
      difference.set(differences.read(address, { enable: looks }));
      base.set(bases.read(register("address_of_base", unsigned(8), { enable: looks, next: address })));
    },
  );
}
