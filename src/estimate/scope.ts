import type { Instance, Module, Node } from "../../hdl/builder/graph.ts";
import type { Bits } from "./word-logic.ts";

/** A module where it stands in a design. */
export interface Scope {
  /** Names of the instances on the way, joined by points; empty for the top module. */
  readonly path: string;
  /** Place in the list of all scopes: who owns the logic that is made for it. */
  readonly index: number;
  readonly module: Module;
  readonly parent: { readonly scope: Scope; readonly instance: Instance } | null;
  readonly children: ReadonlyMap<Instance, Scope>;
  /** Of the values that somebody has asked for. */
  readonly bits: Map<Node, Bits>;
  /** Values whose bits wait for those of others. */
  readonly waiting: Set<Node>;
}

/** The top module's scope, and all within it, each behind the one that it is a part of. */
export function scopesOf(top: Module): readonly Scope[] {
  const scopes: Scope[] = [];
  const enter = (module: Module, path: string, parent: Scope["parent"]): Scope => {
    const children = new Map<Instance, Scope>();
    const scope: Scope = {
      path,
      index: scopes.length,
      module,
      parent,
      children,
      bits: new Map(),
      waiting: new Set(),
    };
    scopes.push(scope);
    for (const instance of module.instances) {
      const { of, name } = instance;
      if (of.kind !== "module") continue;
      children.set(instance, enter(of, path === "" ? name : `${path}.${name}`, { scope, instance }));
    }
    return scope;
  };
  enter(top, "", null);
  return scopes;
}
