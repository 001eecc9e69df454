import type { Node, WritePort } from "../builder/graph.ts";
import { constant } from "../builder/operators.ts";
import type { FlatDesign, FlatSignal } from "./flat.ts";
import { demandOf, narrowed } from "./optimise/demand.ts";
import { isOnes, isZero } from "./optimise/facts.ts";
import { sharing } from "./optimise/nodes.ts";
import { constantValue, firstOfEqual } from "./optimise/registers.ts";
import { simplify } from "./optimise/simplify.ts";
import { type Kept, liveNodes, mapSignals, rewrite, type Translation } from "./rewrite.ts";

/** Each round can open a way for the next one; real designs settle after three or four. */
const MOST_ROUNDS = 10;

/**
 * The same design with less to compute: what its outputs and the signals in `keep` show stays the same in every cycle.
 * Other signals lose their parts where these are not needed.
 */
export function optimise(design: FlatDesign, keep: (signal: FlatSignal) => boolean): FlatDesign {
  const kept: Kept = { signals: keep, memories: () => false };
  let now = design;
  let live = liveNodes(now, kept);
  for (let round = 0, settled = false; round < MOST_ROUNDS && !settled; round++) {
    const before = live;
    now = improved(now, kept, live);
    live = liveNodes(now, kept);
    settled = live.length === before.length && bitsOf(live) === bitsOf(before);
  }
  // Signals lose what nothing needs any more.
  const needed = new Set(live);
  const shown = mapSignals(now, ({ parts }) => (parts?.every((part) => needed.has(part)) ? parts : null));
  return { ...now, ...shown };
}

const bitsOf = (nodes: readonly Node[]): number => nodes.reduce((bits, { type }) => bits + type.width, 0);

function improved(design: FlatDesign, kept: Kept, order: readonly Node[]): FlatDesign {
  const make = sharing(simplify);
  const registers = order.filter((node) => node.kind === "register");
  const equal = firstOfEqual(registers);
  const demand = demandOf(order, wholeNodes(design, kept, order));
  const translation: Translation = {
    node: (node, image, old) => {
      if (old.kind === "register") {
        const value = constantValue(old);
        if (value !== null) return make(constant(value, old.type));
        const other = equal.get(old);
        return other === undefined ? node : image(other);
      }
      return old.kind === "read" ? node : narrowed(node, demand, image, make, old);
    },
    write: (port) => (isZero(port.enable) ? null : withoutFullMask(port)),
    readEnable: (enable) => (isOnes(enable) ? null : enable),
  };
  return rewrite(design, kept, translation, order);
}

const withoutFullMask = (port: WritePort): WritePort =>
  port.mask !== null && isOnes(port.mask) ? { ...port, mask: null } : port;

/** All nodes whose every bit is wanted: what is stored and what is shown. */
function wholeNodes(design: FlatDesign, kept: Kept, order: readonly Node[]): Node[] {
  const whole: (Node | null)[] = [];
  for (const signal of [...design.outputs, ...design.signals.filter(kept.signals)])
    whole.push(...(signal.parts ?? []));
  for (const node of order) {
    if (node.kind === "register") whole.push(node.next);
    if (node.kind !== "read") continue;
    whole.push(node.address, node.enable);
    for (const { address, data, enable, mask } of node.memory.writes) whole.push(address, data, enable, mask);
  }
  return whole.filter((node) => node !== null);
}
