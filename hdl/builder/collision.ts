import type { Memory, Node, ReadPort } from "./graph.ts";
import * as op from "./operators.ts";

/**
 * Whether a word is written at the port's next edge that the port may read at it; null: never. Writes of other clocks do not
 * count: what they do to a read is open anyhow.
 */
export function collisionOf({ writes }: Memory, { address, domain }: ReadPort): Node | null {
  const meets = writes
    .filter((write) => write.domain === domain)
    .map((write) => op.bitwise("and", write.enable, op.compare("equal", write.address, address)));
  const [first, ...others] = meets;
  return first === undefined ? null : others.reduce((any, one) => op.bitwise("or", any, one), first);
}
