import { FALSE, isFixed, type Literal, type LogicGraph, not, TRUE } from "./logic-graph.ts";

/** A flip-flop with what it takes in. */
export interface FlipFlop {
  readonly data: Literal;
  /** TRUE: it takes data every cycle. */
  readonly enable: Literal;
  /** Where it becomes `value`, whatever the data; FALSE: nowhere. */
  readonly reset: Literal;
  readonly value: Literal;
}

/**
 * What Yosys' `opt_dff` makes of a bit that takes `next`, or `value` where `reset` is 1: paths on which the bit keeps its own
 * value become an enable, a constant before all else a reset. The cells are reset only where they are enabled.
 */
export function flipFlop(
  graph: LogicGraph,
  own: Literal,
  next: Literal,
  reset: Literal,
  value: Literal,
): FlipFlop {
  let [data, clear, constant] = [next, reset, value];
  const takeConstants = (): void => {
    for (let choice = graph.choiceOf(data); choice !== null; choice = graph.choiceOf(data)) {
      const { condition, then, otherwise } = choice;
      const [fixed, rest, when] = isFixed(then)
        ? [then, otherwise, condition]
        : [otherwise, then, not(condition)];
      if (!isFixed(fixed) || (clear !== FALSE && constant !== fixed)) return;
      [data, clear, constant] = [rest, graph.or(clear, when), fixed];
    }
  };
  takeConstants();
  const { holds, moved } = new Holding(graph, own).of(data);
  if (holds === FALSE) return { data, enable: TRUE, reset: clear, value: constant };
  data = moved ?? FALSE;
  let enable = graph.or(not(holds), clear);
  if (clear === FALSE) {
    takeConstants();
    enable = not(holds);
  }
  return { data, enable, reset: clear, value: constant };
}

interface Held {
  /** Where the bit keeps its value. */
  readonly holds: Literal;
  /** What it takes elsewhere; null: it always keeps its value. */
  readonly moved: Literal | null;
}

class Holding {
  private readonly graph: LogicGraph;
  private readonly own: Literal;
  private readonly known = new Map<Literal, Held>();

  constructor(graph: LogicGraph, own: Literal) {
    this.graph = graph;
    this.own = own;
  }

  of(next: Literal): Held {
    const known = this.known.get(next);
    if (known !== undefined) return known;
    const held = this.found(next);
    this.known.set(next, held);
    return held;
  }

  private found(next: Literal): Held {
    if (next === this.own) return { holds: TRUE, moved: null };
    const choice = this.graph.choiceOf(next);
    if (choice === null) return { holds: FALSE, moved: next };
    const [then, otherwise] = [this.of(choice.then), this.of(choice.otherwise)];
    if (then.holds === FALSE && otherwise.holds === FALSE) return { holds: FALSE, moved: next };
    const holds = this.graph.mux(choice.condition, then.holds, otherwise.holds);
    if (then.moved === null || otherwise.moved === null)
      return { holds, moved: then.moved ?? otherwise.moved };
    return { holds, moved: this.graph.mux(choice.condition, then.moved, otherwise.moved) };
  }
}
