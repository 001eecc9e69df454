import type { Node } from "../builder/graph.ts";

/** A condition that a case label can say: `subject` is one of `values`. */
export interface Equality {
  readonly subject: Node;
  readonly values: readonly bigint[];
}

/** How a simplified condition reads as a case label; null: not at all. */
export function equalityOf(condition: Node): Equality | null {
  if (condition.kind === "equal")
    return condition.right.kind === "constant"
      ? { subject: condition.left, values: [condition.right.value] }
      : null;
  if (condition.kind !== "or") return null;
  const [a, b] = [equalityOf(condition.left), equalityOf(condition.right)];
  return a !== null && b !== null && a.subject === b.subject
    ? { subject: a.subject, values: [...new Set([...a.values, ...b.values])] }
    : null;
}

/** Every value that `subject` can have is among these. */
export const covers = (subject: Node, values: ReadonlySet<bigint>): boolean =>
  subject.type.width < 24 && values.size === 2 ** subject.type.width;

/** Those of a few that `subject` can have besides these. */
export function missingValues({ type }: Node, values: ReadonlySet<bigint>): readonly bigint[] {
  if (type.width > 8 || type.signed) return [];
  const all = Array.from({ length: 2 ** type.width }, (_, i) => BigInt(i));
  return all.filter((value) => !values.has(value));
}
