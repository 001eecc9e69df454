import { type Block, draft, within } from "./context.ts";
import * as op from "./operators.ts";
import type { Unsigned } from "./signal.ts";

/** What may follow a `when`. */
export interface WhenChain {
  /** Counts where none of the conditions before held. */
  elseWhen(condition: Unsigned, body: () => void): WhenChain;
  otherwise(body: () => void): void;
}

/** Assignments and memory writes in `body` count only where `condition` is 1. */
export function when(condition: Unsigned, body: () => void): WhenChain {
  return branch(draft("when").block, condition, body);
}

function branch(into: Block, condition: Unsigned, body: () => void): WhenChain {
  op.demandBit("when", condition.node);
  const then: Block = [];
  const otherwise: Block = [];
  const unless = op.not(condition.node);
  into.push({ kind: "if", condition: condition.node, then, otherwise });
  within(then, condition.node, body);
  return {
    elseWhen: (next, inner) => within(otherwise, unless, () => branch(otherwise, next, inner)),
    otherwise: (inner) => within(otherwise, unless, inner),
  };
}
