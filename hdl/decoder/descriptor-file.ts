import {
  assign,
  bit,
  memory,
  module,
  mux,
  register,
  signed,
  type Unsigned,
  unsigned,
  type ValueOf,
  when,
} from "../builder/index.ts";
import { DESCRIPTOR } from "../units/vector/command.ts";

const NUMBERS = 256;

/** A descriptor that is written. */
export const describingShape = { valid: bit, number: unsigned(8), value: DESCRIPTOR };
export type Describing = ValueOf<typeof describingShape>;

/**
 * What is known of vectors, by their numbers. Where the vector unit's descriptor and the matrix unit's come in the same cycle, the
 * matrix unit's waits for a cycle, for which the matrix unit holds it; nobody can need it yet. Nobody else writes while a row of
 * the embedding is described: all that a token does follows it.
 * @param shared stores ask for exponents where the matrix unit does; they get one where it needs none, in every second cycle
 */
export const descriptorFile = (shared: boolean) =>
  module(
    "descriptor_file",
    {
      description: `Exponents and peaks of ${NUMBERS} vectors.`,
      inputs: {
        address: unsigned(8),
        // Exponents alone are read by the matrix unit, and their lower bits by stores.
        source_address: unsigned(8),
        source_needed: bit,
        stored_address: unsigned(8),
        from_vector: describingShape,
        from_matrix: describingShape,
        from_embedding: describingShape,
      },
      outputs: {
        read: DESCRIPTOR,
        source_exponent: signed(16),
        stored_exponent: signed(8),
        // The exponent is the one that stores asked for.
        stored_given: bit,
      },
    },
    ({
      address,
      source_address,
      source_needed,
      stored_address,
      from_vector,
      from_matrix,
      from_embedding,
      ...io
    }) => {
      const options = { depth: NUMBERS, collisions: "undefined" } as const;
      const file = memory("descriptors", DESCRIPTOR, options);
      const exponents = memory("exponents", signed(16), options);
      const forStores = shared ? null : memory("stored_exponents", signed(8), options);
      const late = register("late", bit, { reset: 0, next: from_vector.valid.and(from_matrix.valid) });
      const described = (vector: Unsigned, matrix: Unsigned, embedding: Unsigned): Unsigned =>
        mux(from_embedding.valid, embedding, mux(from_vector.valid, vector, matrix));
      const [vector, matrix, embedding] = [from_vector.value, from_matrix.value, from_embedding.value];
      const number = described(from_vector.number, from_matrix.number, from_embedding.number);
      const peak = described(vector.peak, matrix.peak, embedding.peak);
      const exponent = described(
        vector.exponent.asUnsigned(),
        matrix.exponent.asUnsigned(),
        embedding.exponent.asUnsigned(),
      ).asSigned();
      when(from_vector.valid.or(from_matrix.valid).or(late).or(from_embedding.valid), () => {
        file.write(number, { exponent, peak });
        exponents.write(number, exponent);
        forStores?.write(number, exponent.truncate(8));
      });
      assign(io.read, file.read(address));
      const read = exponents.read(
        shared ? mux(source_needed, source_address, stored_address) : source_address,
      );
      io.source_exponent.set(read);
      io.stored_exponent.set(forStores === null ? read.truncate(8) : forStores.read(stored_address));
      io.stored_given.set(forStores === null ? register("given", bit, { next: source_needed.not() }) : 1);
    },
  );
