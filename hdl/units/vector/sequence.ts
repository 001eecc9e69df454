import {
  assign,
  bit,
  concat,
  memory,
  module,
  mux,
  priority,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../builder/index.ts";
import { CONTROL, controlOf, isOperation } from "./control.ts";
import { ADDRESS_BITS, microcode, STORED, WORD_COUNT } from "./microcode.ts";
import { ENTRIES } from "./program.ts";
import type { ProgramName } from "./programs.ts";

/** Bits of a random number that a draw uses: as often its word is repeated. */
const DRAWS = 20;

/** Mask of the addresses in a block that is repeated for each segment. */
const SEGMENT_BLOCK = 3;

/** Goes over the microcode of an instruction: the next word's address is known a cycle before the word. */
export function sequence({ drawing }: { readonly drawing: boolean }) {
  return module(
    "sequence",
    {
      description: "The words of microcode, one a cycle.",
      inputs: {
        start: bit,
        operation: unsigned(4),
        segments: unsigned(8),
        // SAMPLE draws.
        draws: bit,
        // A pass is over.
        through: bit,
      },
      outputs: {
        control: CONTROL,
        running: bit,
        // The first cycle of an instruction, and the last one.
        looks: bit,
        ends: bit,
        segment: unsigned(8),
        // Another segment follows the one of the cycle before.
        more: bit,
        // Bits of the draw that are done.
        drawn: unsigned(5),
      },
    },
    ({ start, operation, segments, draws, through, ...io }) => {
      const running = register("running_now", bit, { reset: 0 });
      const at = register("at", unsigned(ADDRESS_BITS), { reset: 0 });
      const next = wire("next", unsigned(ADDRESS_BITS));
      const words = memory("microcode", STORED, { depth: WORD_COUNT, initial: microcode() });
      const control = controlOf(words.read(next), operation);
      at.set(next);

      const looks = register("looks_now", bit, { reset: 0, next: start });
      const isQuantize = isOperation(operation, "MISC.QUANTIZE");
      // The first one when an instruction begins.
      const segment = register("segment_now", unsigned(8), { reset: 0 });
      const more = register("more_now", bit, { next: segment.ne(segments).and(isQuantize) });
      when(control.next_segment, () => segment.set(segment.addWrap(1)));
      when(control.ends.or(control.repeats.and(more.not())), () => segment.set(0));

      const drawn = register("drawn_now", unsigned(5));
      when(control.draws, () => drawn.set(drawn.addWrap(1))).otherwise(() => drawn.set(0));

      const entry = priority(
        [
          ...INSTRUCTIONS.map((name) => [isOperation(operation, `MISC.${name}`), entryOf(name)] as const),
          ...(drawing ? [[draws, entryOf("DRAW")] as const] : []),
        ],
        entryOf("SAMPLE"),
      );
      const ends = control.ends.and(running);
      const leaves = control.passes.not().or(through);
      const repeats = control.passes.or(control.repeats).and(more).and(leaves);
      const goesBack = repeats.or(leaves.not().and(control.wraps));
      const stays = control.draws.and(drawn.ne(DRAWS - 1));
      // Blocks begin at multiples of their size: lower bits of an address are its place within.
      const block = mux(repeats, unsignedConstant(SEGMENT_BLOCK, 3), control.round);
      const within = at.truncate(3);
      const from = mux(goesBack, within.and(block.not()), mux(leaves, within.or(block), within));
      const following = concat(at.bits(ADDRESS_BITS - 1, 3), from)
        .add(goesBack.or(stays).not())
        .truncate(ADDRESS_BITS);
      const goesOn = running.and(ends.not()).and(start.not());
      next.set(mux(looks, entry, following).and(goesOn.repeat(ADDRESS_BITS)).or(start.extend(ADDRESS_BITS)));
      when(ends, () => running.set(0));
      when(start, () => running.set(1));

      assign(io.control, control);
      io.running.set(running);
      io.looks.set(looks);
      io.ends.set(ends);
      io.segment.set(segment);
      io.more.set(more);
      io.drawn.set(drawn);
    },
  );
}

const INSTRUCTIONS = [
  "NORM",
  "ROTATE",
  "QUANTIZE",
  "SOFTMAX",
  "SCALE",
  "GATE",
  "MULTIPLY",
  "ADD",
  "PEAK",
] as const satisfies readonly ProgramName[];

const entryOf = (name: ProgramName): Unsigned => unsignedConstant(ENTRIES[name], ADDRESS_BITS);
