import {
  assign,
  bit,
  concat,
  HardwareError,
  module,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
} from "../../builder/index.ts";
import { spram } from "../../primitives/ice40/index.ts";
import { choose } from "../choose.ts";
import { resized } from "../resized.ts";
import type { ChannelSizes } from "./parameters.ts";
import { requestShape, responseShape } from "./shapes.ts";

const CELL_BYTES = 2;
const CELL_ADDRESS_BITS = 14;
/** Cells of an iCE40 UltraPlus. */
const PART_CELLS = 4;

/**
 * A memory port of SB_SPRAM256KA cells: side by side, 2 bytes a cycle each, written by nibbles; and in banks one behind the other.
 * @throws HardwareError where the description says what these cells do not
 */
export function spramPort(sizes: ChannelSizes) {
  const { name, wordBytes, cyclesPerWord, latencyCycles, commandCycles, writeBits, addressBits } = sizes;
  const cells = wordBytes / CELL_BYTES;
  const wrong = (what: string, should: string): never => {
    throw new HardwareError(`${name}: ${what}; as SPRAM it has to be ${should}`);
  };
  if (cells !== 1 && cells !== 2 && cells !== 4) wrong(`wordBytes is ${wordBytes}`, "2, 4 or 8");
  const banks = 2 ** Math.max(0, addressBits - CELL_ADDRESS_BITS);
  if (cells * banks > PART_CELLS)
    wrong(`it has ${2 ** addressBits} words`, `${(PART_CELLS / cells) * 2 ** CELL_ADDRESS_BITS} or fewer`);
  if (cyclesPerWord !== 1) wrong(`cyclesPerWord is ${cyclesPerWord}`, "1");
  if (latencyCycles !== 2) wrong(`latencyCycles is ${latencyCycles}`, "2");
  if (commandCycles !== 0) wrong(`commandCycles is ${commandCycles}`, "0");
  if (writeBits !== 4) wrong(`writeBits is ${writeBits}`, "4");
  return module(
    "spram_port",
    {
      description: `${cells * banks} SPRAM blocks, ${cells} side by side.`,
      inputs: { request: requestShape(sizes) },
      outputs: { response: responseShape(sizes) },
    },
    ({ request, response }) => {
      const address = resized(request.address, CELL_ADDRESS_BITS);
      const bank =
        banks === 1 ? unsignedConstant(0, 1) : request.address.bits(addressBits - 1, CELL_ADDRESS_BITS);
      const words = Array.from({ length: banks }, (_, b) =>
        Array.from(
          { length: cells },
          (_, i): Unsigned =>
            spram(banks === 1 ? `cell_${i}` : `cell_${b}_${i}`, {
              address,
              data: request.data.bits(16 * i + 15, 16 * i),
              mask: request.mask.bits(4 * i + 3, 4 * i),
              write: request.write,
              enable: banks === 1 ? request.valid : request.valid.and(bank.eq(b)),
            }),
        ).reduce((low, high) => concat(high, low)),
      );
      assign(response, {
        valid: register("asked", bit, { reset: 0, next: request.valid.and(request.write.not()) }),
        tag: register("tag", unsigned(2), { next: request.tag }),
        word: choose(register("bank", unsigned(bank.width), { next: bank }), words),
      });
    },
  );
}
