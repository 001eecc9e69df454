import {
  array,
  bit,
  concat,
  memory,
  module,
  register,
  type Signed,
  select,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { resized } from "../units/resized.ts";

export interface CodeMemoryParameters {
  /** Codes that the vector unit writes at a time, at multiples of as many. */
  readonly lanes: number;
  readonly bytes: number;
  /** Codes that the matrix unit, and stores, read at a time, at multiples of as many; powers of two. */
  readonly matrixCodes: number;
  readonly storedCodes: number;
}

/** Codes in a word of a copy from which so many are read at a time. */
export const codesInWord = ({ lanes }: Pick<CodeMemoryParameters, "lanes">, read: number): number =>
  Math.max(lanes, read);

/** Bits of the number of a group of so many codes. */
const groupBits = ({ bytes }: CodeMemoryParameters, codes: number): number =>
  bitsFor(Math.ceil(bytes / codes) - 1);

/**
 * Codes of activations. The vector unit writes up to `lanes` of them; the matrix unit and stores read groups of codes by their
 * numbers, each in a copy of its own, a cycle after they have asked. A group that is written in that cycle is not to be used.
 */
export function codeMemory(parameters: CodeMemoryParameters) {
  const { lanes, bytes, matrixCodes, storedCodes } = parameters;
  return module(
    "code_memory",
    {
      description: `${bytes} codes, written ${lanes} at a time; the matrix unit reads ${matrixCodes}, stores read ${storedCodes}.`,
      inputs: {
        valid: array(lanes, bit),
        place: unsigned(bitsFor(bytes - 1)),
        values: array(lanes, signed(8)),
        matrix_reads: bit,
        matrix_group: unsigned(groupBits(parameters, matrixCodes)),
        stored_group: unsigned(groupBits(parameters, storedCodes)),
      },
      outputs: { matrix_codes: array(matrixCodes, signed(8)), stored_codes: array(storedCodes, signed(8)) },
    },
    ({ valid, place, values, ...io }) => {
      const all = joined(values.map((value) => value.asUnsigned()));
      const writes = valid.reduce((some, one) => some.or(one));

      /** The codes of a group, from a copy of all. */
      function copy(name: string, codes: number, group: Unsigned, enable: Unsigned): readonly Signed[] {
        const word = codesInWord(parameters, codes);
        const wordBits = Math.log2(word);
        const depth = 2 ** bitsFor(Math.ceil(bytes / word) - 1);
        const words = memory(name, unsigned(8 * word), { depth, collisions: "undefined" });
        const parts = word / lanes;
        const mask = joined(
          Array.from({ length: word }, (_, i) => {
            const lane = valid[i % lanes] ?? unsignedConstant(0, 1);
            const part = Math.floor(i / lanes);
            return parts === 1 ? lane : lane.and(place.bits(wordBits - 1, Math.log2(lanes)).eq(part));
          }),
        );
        const row = resized(place.shr(wordBits), bitsFor(depth - 1));
        when(writes, () => words.write(row, all.repeat(parts), { mask }));
        const groups = word / codes;
        const read = words.read(resized(group.shr(Math.log2(groups)), bitsFor(depth - 1)), { enable });
        return bytesOf(groups === 1 ? read : partAt(`${name}_part`, read, group, groups, enable));
      }
      const matrix = copy("for_matrix", matrixCodes, io.matrix_group, io.matrix_reads);
      const stored = copy("for_stores", storedCodes, io.stored_group, unsignedConstant(1, 1));
      for (const [i, code] of matrix.entries()) io.matrix_codes[i]?.set(code);
      for (const [i, code] of stored.entries()) io.stored_codes[i]?.set(code);
    },
  );
}

/** The part of a word that was asked for in the cycle before. */
function partAt(name: string, word: Unsigned, group: Unsigned, groups: number, enable: Unsigned): Unsigned {
  const part = register(name, unsigned(Math.log2(groups)), {
    enable,
    next: group.truncate(Math.log2(groups)),
  });
  const bits = word.width / groups;
  return select(
    part,
    Array.from({ length: groups }, (_, i) => word.bits(bits * (i + 1) - 1, bits * i)),
  );
}

const bytesOf = (word: Unsigned): readonly Signed[] =>
  Array.from({ length: word.width / 8 }, (_, i) => word.bits(8 * i + 7, 8 * i).asSigned());
const joined = (parts: readonly Unsigned[]): Unsigned => parts.reduce((low, high) => concat(high, low));
