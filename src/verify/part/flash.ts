import {
  bit,
  concat,
  fallingEdge,
  indexWidth,
  memory,
  module,
  mux,
  named,
  register,
  SYNC,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../../hdl/builder/index.ts";

/** What a flash finds wrong with what it is told, by number; 0 is nothing. */
export const FLASH_FAULTS = [
  "nothing",
  "its clock is high in the first half of a cycle, or its clock or selection is not driven",
  "a line is not driven in a command, an address or mode bits, or is low in a command that it is no part of",
  "a command other than EBh",
  "mode bits that announce a read without a command",
  "a line is driven while it answers, or just before",
] as const;
const [, NO_CLOCK, NO_LINE, NO_COMMAND, NO_MODE, COLLISION] = FLASH_FAULTS.keys();

const COMMAND = 0xeb;
/** Clocks until the end of the command on one line, of the address and the mode bits on four, and until the answer begins. */
const COMMAND_END = 8;
const ADDRESS_END = COMMAND_END + 6;
const MODE_END = ADDRESS_END + 2;
const ANSWER = MODE_END + 4;

const pin = { out: bit, enable: bit };

/**
 * A quad SPI flash of 16 MB in quad mode, as data sheets describe Fast Read Quad I/O (EBh): it takes what it is told from its
 * pins when its clock rises, and gives a nibble, the byte's high one first, when it falls. Its clock is expected to rise in the
 * middle of a cycle and to fall at its end, or to stand still; data lines are pulled up. Whatever else it is told is a fault,
 * which stays; one or two stray clocks before the first command are none.
 * @param contents bytes from `base` on; others are FFh
 */
export function quadFlash(contents: Uint8Array, base: number) {
  return module(
    "quad_flash",
    {
      description: "A quad SPI flash that understands the command EBh.",
      inputs: { clock_pin: pin, select: pin, data: { 0: pin, 1: pin, 2: pin, 3: pin } },
      outputs: { answer: unsigned(4), fault: unsigned(3) },
    },
    ({ clock_pin, select, data, answer, fault }) => {
      const lines = [data[3], data[2], data[1], data[0]];
      const nibble = concat(...lines.map(({ out }) => out));
      const driven = concat(...lines.map(({ enable }) => enable));
      const selected = named("selected", select.out.not());
      const rises = named("rises", selected.and(clock_pin.out));

      // Clocks since the selection, up to the first of the answer.
      const clocks = register("clocks", unsigned(5), { initial: 0 });
      const answers = named("answers", clocks.eq(ANSWER));
      const inCommand = named("in_command", clocks.lt(COMMAND_END));
      const inAddress = named("in_address", clocks.ge(COMMAND_END).and(clocks.lt(ADDRESS_END)));
      const inMode = named("in_mode", clocks.ge(ADDRESS_END).and(clocks.lt(MODE_END)));
      const command = register("command", unsigned(8), { initial: 0 });
      const mode = register("mode", unsigned(8), { initial: 0 });
      const low = register("low", bit, { initial: 0 });
      const address = register("address", unsigned(24), { initial: 0 });
      when(rises, () => {
        when(answers.not(), () => clocks.set(clocks.addWrap(1)));
        when(inCommand, () => command.set(concat(command.truncate(7), nibble.bit(0))));
        when(inMode, () => mode.set(concat(mode.truncate(4), nibble)));
        when(answers, () => low.set(low.not()));
      });
      const next = named("next_address", mux(answers.and(low), address.addWrap(1), address));
      const taken = mux(inAddress, concat(address.truncate(20), nibble), next);
      when(rises, () => address.set(taken));
      when(selected.not(), () => {
        clocks.set(0);
        low.set(0);
      });

      const bytes = memory("bytes", unsigned(8), { depth: contents.length, initial: [...contents] });
      const offset = mux(rises, taken, address).sub(base);
      const isInside = offset.ge(0).and(offset.lt(contents.length));
      const read = bytes.read(offset.asUnsigned().truncate(indexWidth(contents.length)));
      const byte = mux(register("inside", bit, { next: isInside }), read, unsignedConstant(0xff, 8));
      const shown = mux(low, byte.bits(3, 0), byte.bits(7, 4));
      answer.set(mux(answers, shown, unsignedConstant(0xf, 4)));

      const wrong = register("wrong", unsigned(3), { initial: 0 });
      const blame = (number: number | undefined, condition: Unsigned): void => {
        when(condition.and(wrong.eq(0)), () => wrong.set(number ?? 0));
      };
      const early = register("first_half", bit, { domain: fallingEdge(SYNC), next: clock_pin.out });
      blame(NO_CLOCK, selected.and(early.or(clock_pin.enable.and(select.enable).not())));
      const high = nibble.bits(3, 1).all();
      blame(NO_LINE, rises.and(inCommand).and(driven.all().and(high).not()));
      blame(NO_LINE, rises.and(inAddress.or(inMode)).and(driven.all().not()));
      blame(NO_COMMAND, clocks.eq(COMMAND_END).and(command.ne(COMMAND)));
      blame(NO_MODE, clocks.eq(MODE_END).and(mode.bits(5, 4).eq(2)));
      blame(COLLISION, clocks.ge(MODE_END).and(rises).and(driven.any()));
      const reported = register("reported", unsigned(3), { initial: 0 });
      when(clocks.ge(COMMAND_END).and(reported.eq(0)), () => reported.set(wrong));
      when(selected.not(), () => wrong.set(0));
      fault.set(reported);
    },
  );
}
