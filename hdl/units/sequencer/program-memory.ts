import {
  bit,
  concat,
  HardwareError,
  indexWidth,
  memory,
  module,
  mux,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";
import { spram } from "../../primitives/ice40/index.ts";
import type { SequencerSizes } from "./parameters.ts";

const SPRAM_BYTES = 2;
const SPRAM_ADDRESS_BITS = 14;

/** Pieces of one kind lie side by side: an address is made of numbers, without an adder. */
const wordsOf = ({ pieces, programBits }: SequencerSizes): number => pieces * 2 ** programBits;
export const programAddressBits = (sizes: SequencerSizes): number => indexWidth(wordsOf(sizes));

/** The host's port to the program memory. */
export const programPorts = ({ programBits, pieceBits, pieceBytes }: SequencerSizes) => ({
  write: bit,
  instruction: unsigned(programBits),
  piece: unsigned(pieceBits),
  data: unsigned(8 * pieceBytes),
});

/**
 * The program, piece by piece. While the host writes, nobody reads.
 * @throws HardwareError where an SPRAM cannot hold it
 */
export function programMemory(sizes: SequencerSizes) {
  const { pieceBytes, programMemory: made } = sizes;
  const addressBits = programAddressBits(sizes);
  if (made === "spram" && (pieceBytes !== SPRAM_BYTES || addressBits > SPRAM_ADDRESS_BITS))
    throw new HardwareError(
      `a program of ${wordsOf(sizes)} pieces of ${pieceBytes} bytes does not go into an SPRAM; it takes ${2 ** SPRAM_ADDRESS_BITS} of ${SPRAM_BYTES} bytes (bytesPerCycle)`,
    );
  return module(
    "program_memory",
    {
      description: `The program, ${pieceBytes} bytes at a time.`,
      inputs: { program: programPorts(sizes), address: unsigned(addressBits) },
      // What stands at the address of the cycle before.
      outputs: { word: unsigned(8 * pieceBytes) },
    },
    ({ program, address, word }) => {
      const written = concat(program.piece, program.instruction).truncate(addressBits);
      if (made === "spram") {
        const at = (value: Unsigned): Unsigned => value.extend(SPRAM_ADDRESS_BITS);
        const { write, data } = program;
        word.set(spram("words", { address: at(mux(write, written, address)), data, write }));
        return;
      }
      const words = memory("words", unsigned(8 * pieceBytes), {
        depth: wordsOf(sizes),
        collisions: "undefined",
      });
      when(program.write, () => words.write(written, program.data));
      word.set(words.read(address));
    },
  );
}
