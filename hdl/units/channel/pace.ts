import { register, type Unsigned, unsigned, unsignedConstant, when } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import type { ChannelSizes } from "./parameters.ts";

/** Counts the cycles that a transfer takes, and those behind the last word of a row of the embedding. */
export interface Pace {
  readonly ready: Unsigned;
  /** A transfer begins in this cycle. */
  transfer(embedding: Unsigned): void;
  /** A load's last word is there. */
  settle(embedding: Unsigned): void;
}

export function paceOf({
  cyclesPerWord,
  latencyCycles,
  answerCycles,
  wordBytes,
  vectorLanes,
  tables,
}: ChannelSizes): Pace {
  const codes = Math.ceil(wordBytes / vectorLanes);
  // A word counts as late as it would through the buffer; without one it is there two cycles after it was answered.
  const rest = cyclesPerWord + latencyCycles - answerCycles - 2;
  const most = Math.max(cyclesPerWord - 1, rest + (tables ? codes : 0));
  const left = register("pace", unsigned(bitsFor(most)), { reset: 0 });
  when(left.ne(0), () => left.set(left.subWrap(1)));
  return {
    ready: left.eq(0),
    transfer: (embedding) => {
      left.set(cyclesPerWord - 1);
      if (tables && codes > cyclesPerWord) when(embedding, () => left.set(codes - 1));
    },
    settle: (embedding) => {
      left.set(rest);
      if (tables) when(embedding, () => left.set(rest + codes));
    },
  };
}

/** Whether the port rests: at the end of every refresh interval. Intervals begin with a token. */
export function restOf({ refresh }: ChannelSizes, begin: Unsigned): Unsigned {
  if (refresh === null) return unsignedConstant(0, 1);
  const { intervalCycles, cycles } = refresh;
  const count = register("refresh_count", unsigned(bitsFor(intervalCycles - 1)), { reset: 0 });
  count.set(count.addWrap(1 % 2 ** count.width));
  when(begin.or(count.eq(intervalCycles - 1)), () => count.set(0));
  return count.ge(intervalCycles - cycles);
}

/** Over in the last of so many cycles in which `active` is 1. */
export function countdown(
  name: string,
  cycles: number,
  active: Unsigned,
): { readonly first: Unsigned; readonly last: Unsigned } {
  if (cycles <= 1) return { first: active, last: active };
  const count = register(name, unsigned(bitsFor(cycles - 1)), { reset: 0 });
  const last = active.and(count.eq(cycles - 1));
  when(active, () => count.set(count.addWrap(1)));
  when(last, () => count.set(0));
  return { first: active.and(count.eq(0)), last };
}
