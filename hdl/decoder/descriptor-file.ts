import {
  assign,
  bit,
  memory,
  module,
  mux,
  register,
  signed,
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
 * What is known of vectors, by their numbers. The vector unit's own descriptor is the last thing that it writes for an instruction:
 * where another one comes in the same cycle, that one waits for a cycle, in which nobody can need it yet.
 */
export const descriptorFile = module(
  "descriptor_file",
  {
    description: `Exponents and peaks of ${NUMBERS} vectors.`,
    inputs: {
      address: unsigned(8),
      // Exponents alone are read by the matrix unit and by stores, too.
      source_address: unsigned(8),
      stored_address: unsigned(8),
      from_vector: describingShape,
      from_matrix: describingShape,
      from_embedding: describingShape,
    },
    outputs: { read: DESCRIPTOR, source_exponent: signed(16), stored_exponent: signed(16) },
  },
  ({ address, source_address, stored_address, from_vector, from_matrix, from_embedding, ...io }) => {
    const file = memory("descriptors", DESCRIPTOR, { depth: NUMBERS });
    const exponents = memory("exponents", signed(16), { depth: NUMBERS });
    const late = register("late", describingShape, { reset: 0 });
    when(from_vector.valid, () => assign(late, from_matrix)).otherwise(() => late.valid.set(0));
    const written = mux(
      from_vector.valid,
      from_vector,
      mux(late.valid, late, mux(from_matrix.valid, from_matrix, from_embedding)),
    );
    when(written.valid, () => {
      file.write(written.number, written.value);
      exponents.write(written.number, written.value.exponent);
    });
    assign(io.read, file.read(address));
    io.source_exponent.set(exponents.read(source_address));
    io.stored_exponent.set(exponents.read(stored_address));
  },
);
