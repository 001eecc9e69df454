import type { Node } from "./graph.ts";

/** Nodes that this one's value follows within a cycle and within its module. */
export function operandsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "constant":
    case "input":
    case "register":
    case "read":
    case "instance-output":
      return [];
    case "wire":
      return [node.driver];
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
    case "equal":
    case "less":
      return [node.left, node.right];
    case "not":
    case "all":
    case "any":
    case "parity":
    case "slice":
    case "convert":
      return [node.value];
    case "shift-left":
    case "shift-right":
      return [node.value, node.amount];
    case "mux":
      return [node.condition, node.then, node.otherwise];
    case "select":
      return [node.index, ...node.cases];
    case "concat":
      return node.parts;
  }
}

/**
 * Visits everything that `roots` follow, each node once, operands before the nodes that use them.
 * @param follow the operands to go on with
 * @param cycle called with the nodes of a cycle, in order of dependence, where there is one
 */
export function visitInOrder(
  roots: Iterable<Node>,
  visit: (node: Node) => void,
  follow: (node: Node) => readonly Node[] = operandsOf,
  cycle: (nodes: readonly Node[]) => void = () => {},
): void {
  const state = new Map<Node, "open" | "done">();
  for (const root of roots) {
    // A stack of its own: chains of logic can be deeper than the language's stack.
    const stack: { readonly node: Node; readonly operands: readonly Node[]; next: number }[] = [];
    const enter = (node: Node): void => {
      if (state.get(node) === "done") return;
      if (state.get(node) === "open") {
        const path = stack.map((frame) => frame.node);
        cycle(path.slice(path.indexOf(node)));
        return;
      }
      state.set(node, "open");
      stack.push({ node, operands: follow(node), next: 0 });
    };
    enter(root);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const operand = frame.operands[frame.next++];
      if (operand !== undefined) {
        enter(operand);
        continue;
      }
      visit(frame.node);
      state.set(frame.node, "done");
      stack.pop();
    }
  }
}
