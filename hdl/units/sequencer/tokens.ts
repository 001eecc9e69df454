import {
  array,
  bit,
  module,
  mux,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import type { SequencerSizes } from "./parameters.ts";

/** Passes of the matrix unit that have been started and are not done: a tile waits for the one before last. */
const MOST_PASSES = 3;

/**
 * Tokens on their way from one unit to another. A unit may start when a token of each unit that it waits for is there; a token
 * that is released in a cycle is there in the next one.
 */
export function tokenCounts({ units, tokenBits, releases }: SequencerSizes) {
  return module(
    "token_counts",
    {
      description: `Counts of tokens between ${units} units.`,
      inputs: {
        begin: bit,
        wait: array(units, unsigned(units)),
        release: array(units, unsigned(units)),
        start: array(units, bit),
        done: array(units, bit),
      },
      outputs: { allowed: array(units, bit) },
    },
    ({ begin, wait, release, start, done, allowed }) => {
      const released = release.map((mask, from) =>
        from === 0 ? ofPass(mask, begin, start[0]!, done[0]!) : mask,
      );
      for (let to = 0; to < units; to++) {
        let there: Unsigned = unsignedConstant(1, 1);
        for (let from = 0; from < units; from++) {
          // Bits of the mask count from the sequencer on, which gives none.
          if (from === to || (((releases[from] ?? 0) >> (to + 1)) & 1) === 0) continue;
          const count = register(`tokens_${from + 1}_${to + 1}`, unsigned(tokenBits), { reset: 0 });
          const awaits = wait[to]!.bit(from);
          const gives = done[from]!.and(released[from]!.bit(to));
          const takes = start[to]!.and(awaits);
          when(gives.xor(takes), () =>
            count.set(
              count.addWrap(
                mux(takes, unsignedConstant(2 ** tokenBits - 1, tokenBits), unsignedConstant(1, tokenBits)),
              ),
            ),
          );
          when(begin, () => count.set(0));
          there = there.and(awaits.not().or(count.ne(0)));
        }
        allowed[to]!.set(there);
      }
    },
  );
}

/** What the oldest pass under way releases: the matrix unit begins passes before others are done. */
function ofPass(mask: Unsigned, begin: Unsigned, start: Unsigned, done: Unsigned): Unsigned {
  const passes = Array.from({ length: MOST_PASSES }, (_, i) => register(`pass_${i}`, unsigned(mask.width)));
  const count = register("passes", unsigned(2), { reset: 0 });
  const after = mux(done, count.subWrap(1), count);
  count.set(mux(start, after.addWrap(1), after));
  when(begin, () => count.set(0));
  for (const [i, pass] of passes.entries()) {
    const next = passes[i + 1];
    if (next !== undefined) when(done, () => pass.set(next));
    when(start.and(after.eq(i)), () => pass.set(mask));
  }
  return passes[0]!;
}
