import {
  array,
  bit,
  concat,
  indexWidth,
  memory,
  module,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";

const BLOCK = 16;

/**
 * Codes of activations in blocks of 16. The vector unit writes up to `lanes` of them, at multiples of as many; the matrix unit and
 * stores read blocks, each by a port of its own, a cycle after they have asked.
 */
export function codeMemory(lanes: number, bytes: number) {
  const depth = Math.ceil(bytes / BLOCK);
  const block = unsigned(indexWidth(depth));
  return module(
    "code_memory",
    {
      description: `${bytes} codes in blocks of ${BLOCK}.`,
      inputs: {
        valid: array(lanes, bit),
        place: unsigned(bitsFor(bytes - 1)),
        values: array(lanes, signed(8)),
        matrix_reads: bit,
        matrix_block: block,
        stored_block: block,
      },
      outputs: { matrix_codes: array(BLOCK, signed(8)), stored_codes: array(BLOCK, signed(8)) },
    },
    ({ valid, place, values, ...io }) => {
      const blocks = memory("blocks", unsigned(8 * BLOCK), { depth });
      const part = place.truncate(4);
      const mask = joined(
        Array.from({ length: BLOCK }, (_, i) => {
          const lane = valid[i % lanes] ?? unsignedConstant(0, 1);
          return lanes === BLOCK ? lane : lane.and(part.bits(3, Math.log2(lanes)).eq(Math.floor(i / lanes)));
        }),
      );
      const all = joined(values.map((value) => value.asUnsigned()));
      when(
        valid.reduce((some, one) => some.or(one)),
        () => blocks.write(resized(place.shr(4), block.width), all.repeat(BLOCK / lanes), { mask }),
      );
      const codesOf = (word: Unsigned): readonly Signed[] =>
        Array.from({ length: BLOCK }, (_, i) => word.bits(8 * i + 7, 8 * i).asSigned());
      const matrix = codesOf(blocks.read(io.matrix_block, { enable: io.matrix_reads }));
      const stored = codesOf(blocks.read(io.stored_block));
      for (let i = 0; i < BLOCK; i++) {
        io.matrix_codes[i]?.set(matrix[i] ?? 0);
        io.stored_codes[i]?.set(stored[i] ?? 0);
      }
    },
  );
}

const joined = (parts: readonly Unsigned[]): Unsigned => parts.reduce((low, high) => concat(high, low));
const resized = (value: Unsigned, bits: number): Unsigned =>
  value.width > bits ? value.truncate(bits) : value.extend(bits);
