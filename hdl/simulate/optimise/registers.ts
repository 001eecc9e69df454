import type { Domain, Node, Register } from "../../builder/graph.ts";
import { typeText } from "../../builder/type.ts";

/** Bounds the search for what a register can become. */
const MOST_NODES = 64;

/**
 * The value of a register that never has another one: it starts with it, and each path to its next value ends in it or in
 * the register itself.
 */
export function constantValue(register: Register): bigint | null {
  const { initial } = register;
  if (initial === null) return null;
  const queue: Node[] = [register.next];
  const seen = new Set<Node>(queue);
  for (const node of queue) {
    if (seen.size > MOST_NODES) return null;
    const cases =
      node.kind === "mux" ? [node.then, node.otherwise] : node.kind === "select" ? node.cases : null;
    if (cases === null) {
      if (node !== register && (node.kind !== "constant" || node.value !== initial)) return null;
      continue;
    }
    for (const one of cases) if (!seen.has(one)) queue.push(one);
    for (const one of cases) seen.add(one);
  }
  return initial;
}

/** For each register the first of those that always equal it: same start, same clock, same next value. */
export function firstOfEqual(registers: readonly Register[]): ReadonlyMap<Register, Register> {
  const first = new Map<Register, Register>();
  const known = new Map<Node, Map<Domain, Map<string, Register>>>();
  for (const register of registers) {
    const { next, domain, initial, type } = register;
    if (initial === null) continue;
    const domains = known.get(next) ?? new Map<Domain, Map<string, Register>>();
    const starts = domains.get(domain) ?? new Map<string, Register>();
    known.set(next, domains);
    domains.set(domain, starts);
    const start = `${initial} ${typeText(type)}`;
    const other = starts.get(start);
    if (other === undefined) starts.set(start, register);
    else first.set(register, other);
  }
  return first;
}
