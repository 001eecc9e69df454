import { type Block, type Case, draft, within } from "./context.ts";
import { HardwareError } from "./errors.ts";
import * as op from "./operators.ts";
import type { Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";

/** What may follow a `when`, directly. */
export interface WhenChain {
  /** Counts where none of the conditions before held. */
  elseWhen(condition: Unsigned, body: () => void): WhenChain;
  otherwise(body: () => void): void;
}

/** Assignments and memory writes in `body` count only where `condition` is 1. */
export function when(condition: Unsigned, body: () => void): WhenChain {
  const at = draft("when");
  const { block } = at;
  const place = block.length;
  const cases: Case[] = [];
  const otherwise: Block = [];
  block.push({ kind: "if", cases, otherwise });
  /** Under which the next case counts. */
  const conditions = [...at.conditions];
  let ended = false;
  // A chain that went on elsewhere would put its assignments before those written in between.
  const checkPlace = (): void => {
    const here = draft("elseWhen or otherwise") === at && at.block === block && block.length === place + 1;
    if (ended || !here)
      throw new HardwareError("elseWhen and otherwise follow their when directly, and otherwise is the last");
  };
  const add = ({ node }: Unsigned, then: () => void): WhenChain => {
    op.demandBit("when", node);
    const statements: Block = [];
    cases.push({ condition: node, statements, source: callerLocation() });
    within(statements, [...conditions, node], then);
    conditions.push(op.not(node));
    return chain;
  };
  const chain: WhenChain = {
    elseWhen: (next, then) => {
      checkPlace();
      return add(next, then);
    },
    otherwise: (then) => {
      checkPlace();
      ended = true;
      within(otherwise, conditions, then);
    },
  };
  return add(condition, body);
}
