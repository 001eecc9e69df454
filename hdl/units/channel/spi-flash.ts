import {
  assign,
  bit,
  concat,
  delayed,
  HardwareError,
  lookup,
  module,
  mux,
  named,
  register,
  select,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { resized } from "../resized.ts";
import type { ChannelSizes } from "./parameters.ts";
import { requestShape, responseShape } from "./shapes.ts";

/** Fast Read Quad I/O: the command on one line, the address and mode bits on four, then dummy clocks. */
const COMMAND = 0xeb;
const COMMAND_CLOCKS = 8;
const ADDRESS_BITS = 24;
const ADDRESS_CLOCKS = 6;
const MODE_CLOCKS = 2;
const DUMMY_CLOCKS = 4;
/** To the pins, two nibbles back, and from the pins. */
const ANSWER_CYCLES = 3;
export const FLASH_COMMAND_CYCLES = COMMAND_CLOCKS + ADDRESS_CLOCKS + MODE_CLOCKS + DUMMY_CLOCKS;

/** What a quad SPI flash is told in a cycle; the pins show it in the next one. */
export const flashPinsShape = {
  /** Its clock rises in the middle of the pins' cycle. */
  clock: bit,
  /** Chip select, active low. */
  deselect: bit,
  drive: bit,
  out: unsigned(4),
};

/** A stretch of a flash: 2^bits bytes from `base` on, a multiple of that. */
export interface FlashWindow {
  readonly base: number;
  readonly bits: number;
}

export const WHOLE_FLASH: FlashWindow = { base: 0, bits: ADDRESS_BITS };

/**
 * A memory port that reads a quad SPI flash of 16 MB or less, a byte in two clocks. Its clock stops while no byte is wanted, and
 * goes on behind the last byte as long as nothing else was asked for. The flash's quad mode has to be enabled (the QE bit of its
 * status register), as it is on parts that boot in it.
 * @throws HardwareError where the description says what such a flash does not
 */
export function spiFlashPort(sizes: ChannelSizes, { base, bits: windowBits }: FlashWindow = WHOLE_FLASH) {
  const { name, wordBytes, cyclesPerWord, latencyCycles, answerCycles, commandCycles, writeBits, byteBits } =
    sizes;
  const wrong = (what: string, should: string): never => {
    throw new HardwareError(`${name}: ${what}; as quad SPI flash it has to be ${should}`);
  };
  if (byteBits > ADDRESS_BITS) wrong(`it has ${2 ** byteBits} bytes`, "16 MB or fewer");
  const size = 2 ** windowBits;
  if (!Number.isInteger(base / size) || base + size > 2 ** ADDRESS_BITS)
    throw new HardwareError(
      `${name} is to lie at ${base} of the flash; it has to be a multiple of ${size} below 16 MB`,
    );
  if (wordBytes !== 1) wrong(`wordBytes is ${wordBytes}`, "1");
  if (cyclesPerWord !== 2) wrong(`cyclesPerWord is ${cyclesPerWord}`, "2");
  if (answerCycles !== ANSWER_CYCLES)
    wrong(`latencyCycles is ${latencyCycles}`, `${latencyCycles + ANSWER_CYCLES - answerCycles}`);
  if (commandCycles !== FLASH_COMMAND_CYCLES)
    wrong(`commandCycles is ${commandCycles}`, `${FLASH_COMMAND_CYCLES}`);
  if (writeBits !== null) wrong(`writeBits is ${writeBits}`, "null");
  return module(
    "spi_flash_port",
    {
      description: "Reads a quad SPI flash, four bits a clock.",
      inputs: {
        request: requestShape(sizes),
        // What stood on the pins at the end of the cycle before.
        in: unsigned(4),
      },
      outputs: { response: responseShape(sizes), pins: flashPinsShape },
    },
    ({ request, in: nibble, response, pins }) => {
      const clock = register("command_clock", unsigned(5), { reset: 0 });
      const commands = named("commands", request.open.or(clock.ne(0)));
      when(commands, () => clock.set(clock.addWrap(1)));
      when(clock.eq(FLASH_COMMAND_CYCLES - 1), () => clock.set(0));
      const selected = register("selected", bit, { reset: 0, initial: 0 });
      when(request.open, () => selected.set(1)).elseWhen(request.close, () => selected.set(0));

      // The command's bits, most significant first, on the lowest line; the others are high. Then nibbles.
      const bits = lookup(
        clock.truncate(3),
        bit,
        Array.from({ length: COMMAND_CLOCKS }, (_, i) => (COMMAND >> (COMMAND_CLOCKS - 1 - i)) & 1),
      );
      const offset = resized(request.address, windowBits);
      const address =
        windowBits === ADDRESS_BITS
          ? offset
          : concat(unsignedConstant(base / size, ADDRESS_BITS - windowBits), offset);
      const nibbles: readonly Unsigned[] = [
        ...Array.from({ length: ADDRESS_CLOCKS }, (_, i) => {
          const top = ADDRESS_BITS - 1 - 4 * i;
          return address.bits(top, top - 3);
        }),
        // Mode bits that do not ask for another read without a command.
        unsignedConstant(0, 4),
      ];
      const inCommand = clock.lt(COMMAND_CLOCKS);
      const second = register("second", bit, { reset: 0, next: request.valid });
      assign(pins, {
        clock: commands.or(request.valid).or(second),
        // High in the cycle of `close` already, as a command may follow in the next one: once the lines' cycle, at least.
        deselect: request.open.or(selected.and(request.close.not())).not(),
        drive: commands.and(clock.lt(FLASH_COMMAND_CYCLES - DUMMY_CLOCKS)),
        out: mux(inCommand, concat(unsignedConstant(7, 3), bits), select(clock.truncate(3), nibbles)),
      });
      const arrives = delayed("asked", request.valid, ANSWER_CYCLES, { reset: 0 });
      assign(response, {
        valid: arrives,
        tag: delayed("tag", request.tag, ANSWER_CYCLES),
        word: concat(register("high", unsigned(4), { next: nibble }), nibble),
      });
    },
  );
}
