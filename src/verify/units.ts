import type { Instance, Module } from "../../hdl/builder/graph.ts";

/** A unit of a design: an instance of a module. */
export interface Unit {
  /** Names of the instances on the way to it, joined by points; empty for the design itself. */
  readonly path: string;
  readonly instance: Instance | null;
  readonly module: Module;
  /** Units that it is made of, where they are told apart; otherwise it is one. */
  readonly parts: readonly Unit[];
}

/** Modules that only hold others together. */
const FRAMES: ReadonlySet<string> = new Set(["board", "part", "device", "decoder"]);
/** Units whose parts are told apart too. */
const OPENED: ReadonlySet<string> = new Set(["matrix_path", "matrix_unit", "vector_unit"]);

export const isFrame = ({ module }: Unit): boolean => FRAMES.has(module.name);

/** A design as a tree of units. */
export function unitTree(module: Module, path = "", instance: Instance | null = null): Unit {
  const opens = FRAMES.has(module.name) || OPENED.has(module.name);
  const parts = opens
    ? module.instances.flatMap((inner) =>
        inner.of.kind === "module"
          ? [unitTree(inner.of, path === "" ? inner.name : `${path}.${inner.name}`, inner)]
          : [],
      )
    : [];
  return { path, instance, module, parts };
}

/** A unit and all in it that are told apart, from the outside in. */
export function* allUnits(unit: Unit): Generator<Unit> {
  yield unit;
  for (const part of unit.parts) yield* allUnits(part);
}
