import { named, register, type Unsigned, unsigned, when } from "../../builder/index.ts";
import { resized } from "../resized.ts";
import { type Coming, fieldComes, withField } from "../sequencer/coming.ts";
import { blockBits, countBits, countOf } from "./counts.ts";
import type { Kind } from "./kind.ts";
import { type ChannelSizes, UNIT_BYTES } from "./parameters.ts";
import type { ChannelCommand } from "./shapes.ts";

interface Source {
  readonly coming: Coming;
  readonly start: Unsigned;
  readonly command: ChannelCommand;
  readonly position: Unsigned;
}

/** Counts the words of a load that are still to be moved, or the pieces of a store. */
export interface WordsLeft {
  readonly none: Unsigned;
  /** Where words do not go to the matrix unit: the next one is the last. */
  readonly one: Unsigned;
  /** One is moved where `advance` is 1. */
  moves(advance: Unsigned): void;
}

export const wordsLeft = (sizes: ChannelSizes, kind: Kind, source: Source): WordsLeft =>
  sizes.keepsSize ? countedWords(sizes, kind, source) : countedUnits(sizes, kind, source);

/** Words. Keys and values come in stretches of so many blocks of tokens, each as long as the one before. */
function countedWords(sizes: ChannelSizes, kind: Kind, { start, command, position }: Source): WordsLeft {
  const left = register("left", unsigned(countBits(sizes)));
  const count = named("count", countOf(sizes, kind, command.x, position));
  return {
    none: left.eq(0),
    one: left.eq(1),
    moves: (advance) => {
      when(advance, () => left.set(left.subWrap(1)));
      if (sizes.keysAndValues) {
        const blocksLeft = register("blocks_left", unsigned(blockBits(sizes)));
        const stretch = command.z.shr(4);
        const again = named("again", kind.tiles.and(blocksLeft.ge(stretch)));
        when(advance.and(left.eq(1)).and(again), () => {
          left.set(count);
          blocksLeft.set(blocksLeft.subWrap(resized(stretch, blocksLeft.width)));
        });
        when(start, () => blocksLeft.set(resized(position.shr(4), blocksLeft.width)));
      }
      when(start, () => left.set(count));
    },
  };
}

/** The size as it comes: streams' units of several words, rows' bytes, which are words. */
function countedUnits(sizes: ChannelSizes, kind: Kind, { coming }: Source): WordsLeft {
  const { operandBits, wordBytes } = sizes;
  const wordsInUnit = UNIT_BYTES / wordBytes;
  const left = register("left", unsigned(operandBits));
  return {
    none: left.eq(0),
    one: left.eq(1),
    moves: (advance) => {
      let counted = advance;
      if (wordsInUnit > 1) {
        const within = register("within_unit", unsigned(Math.log2(wordsInUnit)), { reset: 0 });
        when(advance.and(kind.weights), () => within.set(within.addWrap(1)));
        counted = advance.and(kind.weights.not().or(within.all()));
      }
      when(counted, () => left.set(left.subWrap(1)));
      when(fieldComes(coming, "x", operandBits, sizes), () => left.set(withField(coming, "x", left, sizes)));
    },
  };
}
