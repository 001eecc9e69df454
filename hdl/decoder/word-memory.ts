import {
  array,
  assign,
  bit,
  memory,
  module,
  mux,
  register,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type ValueOf,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { banksFor, toBanks, toLanes } from "./banks.ts";

/** Words that are written together, from `place` on. */
export const wordsShape = (lanes: number, places: number) => ({
  valid: array(lanes, bit),
  place: unsigned(bitsFor(places - 1)),
  values: array(lanes, signed(32)),
});
export type Words = ValueOf<ReturnType<typeof wordsShape>>;

/**
 * The vector memory: `lanes` words from any address on are read in a cycle, and as many written. The vector unit and the matrix
 * unit both write in every second cycle at most, so the matrix unit's words wait a cycle where the two meet, and never longer.
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
      const vectorWrites = any(from_vector);
      const late = register("late", shape, { reset: 0 });
      when(vectorWrites, () => assign(late, from_matrix)).otherwise(() => {
        for (const valid of late.valid) valid.set(0);
      });
      const written = mux(
        vectorWrites,
        from_vector,
        mux(any(late), late, mux(any(from_matrix), from_matrix, from_embedding)),
      );
      const first = banks.firstOf(written.place);
      const valid = toBanks(written.valid, first);
      const values = toBanks(written.values, first);
      const read = Array.from({ length: lanes }, (_, bank) => {
        const part = memory(lanes === 1 ? "words" : `bank_${bank}`, signed(32), { depth: banks.depth });
        when(valid[bank] ?? unsignedConstant(0, 1), () =>
          part.write(banks.rowOf(written.place, bank), values[bank] ?? 0),
        );
        return part.read(banks.rowOf(read_address, bank));
      });
      const readFirst = register("first_read", unsigned(banks.firstOf(read_address).width), {
        next: banks.firstOf(read_address),
      });
      for (const [lane, value] of toLanes(read, readFirst).entries()) words[lane]?.set(value);
    },
  );
}

const any = ({ valid }: Words): Unsigned => valid.reduce((some, one) => some.or(one));
