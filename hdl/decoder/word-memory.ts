import {
  array,
  bit,
  module,
  mux,
  register,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type ValueOf,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { banksFor, toBanks, toLanes } from "./banks.ts";
import { piecedMemory } from "./pieced-memory.ts";

/** Words that are written together, from `place` on. */
export const wordsShape = (lanes: number, places: number) => ({
  valid: array(lanes, bit),
  place: unsigned(bitsFor(places - 1)),
  values: array(lanes, signed(32)),
});
export type Words = ValueOf<ReturnType<typeof wordsShape>>;

/** Name of a bank's memory. */
export const bankName = (lanes: number, bank: number): string => (lanes === 1 ? "words" : `bank_${bank}`);

/**
 * The vector memory: `lanes` words from any address on are read in a cycle, and as many written. The vector unit and the matrix
 * unit both write in every second cycle at most, so the matrix unit's words wait a cycle where the two meet, and never longer; it
 * holds them for that cycle. Nobody else writes while a row of the embedding comes: all that a token does follows it.
 */
export function wordMemory(lanes: number, places: number) {
  const banks = banksFor(places, lanes);
  const shape = wordsShape(lanes, places);
  return module(
    "word_memory",
    {
      description: `${places} words, ${lanes} at a time.`,
      inputs: {
        read_address: unsigned(bitsFor(places - 1)),
        from_vector: shape,
        from_matrix: shape,
        from_embedding: shape,
      },
      outputs: { words: array(lanes, signed(32)) },
    },
    ({ read_address, from_vector, from_matrix, from_embedding, words }) => {
      const vectorWrites = any(from_vector.valid);
      const late = register("late", array(lanes, bit), { reset: 0 });
      for (const [lane, waits] of late.entries()) waits.set(vectorWrites.and(validIn(from_matrix, lane)));
      const embeds = from_embedding.valid;
      const placed = mux(
        any(embeds),
        from_embedding.place,
        mux(vectorWrites, from_vector.place, from_matrix.place),
      );
      const first = banks.firstOf(placed);
      const valid = toBanks(
        late.map((waits, lane) =>
          mux(vectorWrites, validIn(from_vector, lane), waits.or(validIn(from_matrix, lane))).or(
            validIn(from_embedding, lane),
          ),
        ),
        first,
      );
      const values = toBanks(
        embeds.map((one, lane) =>
          mux(
            one,
            bitsIn(from_embedding, lane),
            mux(vectorWrites, bitsIn(from_vector, lane), bitsIn(from_matrix, lane)),
          ),
        ),
        first,
      );
      const read = Array.from({ length: lanes }, (_, bank): Signed => {
        const part = piecedMemory(bankName(lanes, bank), 32, banks.depth);
        part.write(
          valid[bank] ?? unsignedConstant(0, 1),
          banks.rowOf(placed, bank),
          values[bank] ?? unsignedConstant(0, 32),
        );
        return part.read(banks.rowOf(read_address, bank)).asSigned();
      });
      const readFirst = register("first_read", unsigned(banks.firstOf(read_address).width), {
        next: banks.firstOf(read_address),
      });
      for (const [lane, value] of toLanes(read, readFirst).entries()) words[lane]?.set(value);
    },
  );
}

const any = (valid: readonly Unsigned[]): Unsigned => valid.reduce((some, one) => some.or(one));
const validIn = ({ valid }: Words, lane: number): Unsigned => valid[lane] ?? unsignedConstant(0, 1);
const bitsIn = ({ values }: Words, lane: number): Unsigned =>
  values[lane]?.asUnsigned() ?? unsignedConstant(0, 32);
