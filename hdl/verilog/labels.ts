import type { Node, Register, Wire } from "../builder/graph.ts";
import { sameType } from "../builder/type.ts";
import { constantName } from "./names.ts";
import type { Signals } from "./signals.ts";
import { nodesIn, type Statement } from "./statement.ts";

/** The localparams for the values of a register, and of others with the same ones. */
export interface LabelSet {
  readonly of: Register;
  readonly names: readonly string[];
}

/** Names for the values of state machines; registers with equal labels share them. */
export class Labels {
  readonly sets: readonly LabelSet[];
  private readonly byNode = new Map<Node, readonly string[]>();

  constructor(registers: readonly Register[], signals: Signals) {
    const sets = new Map<string, LabelSet>();
    for (const register of registers) {
      const { labels, name, type } = register;
      if (labels === null) continue;
      const key = [type.width, type.signed, ...labels].join("\n");
      const set = sets.get(key) ?? {
        of: register,
        names: labels.map((label) => signals.names.claim(`${constantName(name)}_${constantName(label)}`)),
      };
      sets.set(key, set);
      this.byNode.set(register, set.names);
    }
    this.sets = [...sets.values()];
  }

  of(node: Node): readonly string[] | null {
    return this.byNode.get(node) ?? null;
  }

  /** Wires that give a state its next value, or only another name, have its labels. */
  spread(statements: readonly Statement[], drivers: ReadonlyMap<Wire, Node>): void {
    for (const { node, target } of nodesIn(statements)) {
      const names = target === null ? undefined : this.byNode.get(target);
      if (names !== undefined && target !== null && node.kind === "wire" && sameType(node.type, target.type))
        this.byNode.set(node, names);
    }
    for (const [wire, driver] of drivers) {
      const names = this.byNode.get(driver);
      if (names !== undefined && sameType(wire.type, driver.type)) this.byNode.set(wire, names);
    }
  }
}
