import {
  assign,
  bit,
  concat,
  HardwareError,
  memory,
  module,
  register,
  unsigned,
  when,
} from "../../builder/index.ts";
import type { ChannelSizes } from "./parameters.ts";
import { requestShape, responseShape } from "./shapes.ts";

/** Cycles from a request to its answer. */
const ANSWER_CYCLES = 1;

/**
 * A memory port of block RAM, for parts without larger memories: a memory for each piece that is written alone, so that no mask
 * is needed.
 * @throws HardwareError where the description says what such memories do not
 */
export function blockRamPort(sizes: ChannelSizes) {
  const {
    name,
    wordBytes,
    cyclesPerWord,
    latencyCycles,
    answerCycles,
    commandCycles,
    writeBits,
    addressBits,
  } = sizes;
  const wrong = (what: string, should: string): never => {
    throw new HardwareError(`${name}: ${what}; as block RAM it has to be ${should}`);
  };
  if (cyclesPerWord !== 1) wrong(`cyclesPerWord is ${cyclesPerWord}`, "1");
  if (answerCycles !== ANSWER_CYCLES)
    wrong(`latencyCycles is ${latencyCycles}`, `${latencyCycles + ANSWER_CYCLES - answerCycles}`);
  if (commandCycles !== 0) wrong(`commandCycles is ${commandCycles}`, "0");
  const bits = writeBits ?? 8 * wordBytes;
  return module(
    "block_ram_port",
    {
      description: `Block RAM of ${2 ** addressBits} words.`,
      inputs: { request: requestShape(sizes) },
      outputs: { response: responseShape(sizes) },
    },
    ({ request, response }) => {
      const pieces = Array.from({ length: (8 * wordBytes) / bits }, (_, i) => {
        // One port: what is written is not read in that cycle.
        const piece = memory(`piece_${i}`, unsigned(bits), {
          depth: 2 ** addressBits,
          collisions: "undefined",
        });
        when(request.valid.and(request.write).and(request.mask.bit(i)), () =>
          piece.write(request.address, request.data.bits(bits * i + bits - 1, bits * i)),
        );
        return piece.read(request.address);
      });
      assign(response, {
        valid: register("asked", bit, { reset: 0, next: request.valid.and(request.write.not()) }),
        tag: register("tag", unsigned(2), { next: request.tag }),
        word: pieces.reduce((low, high) => concat(high, low)),
      });
    },
  );
}
