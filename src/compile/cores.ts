import type { LlamaShape } from "../../models/decoder/shape.ts";
import { type CompileOptions, compile } from "./compile.ts";
import type { ModelPlan } from "./layout.ts";
import { coresOf, type Machine } from "./machine.ts";
import type { Program } from "./program.ts";
import { planShape, type ShapeFormats } from "./shape-plan.ts";
import { type Share, shareOf } from "./share.ts";

/**
 * The programs of all cores of a machine, the one with the largest share first.
 * @param planOf the plan of a core's share
 * @throws InputError where there are fewer key and value heads than cores, or a share does not fit
 */
export function compileCores(
  shape: LlamaShape,
  machine: Machine,
  planOf: (share: Share) => ModelPlan,
  options: CompileOptions = {},
): readonly [Program, ...Program[]] {
  const cores = coresOf(machine);
  const first = compile(planOf(shareOf(shape, 0, cores)), machine, options);
  const others = Array.from({ length: cores - 1 }, (_, i) =>
    compile(planOf(shareOf(shape, i + 1, cores)), machine, { context: first.context }),
  );
  return [first, ...others];
}

/**
 * The programs of all cores for a model of which only the shape is known, the one with the largest share of everything first. Cores
 * are alike and meet after every operator that needs the others' parts, so that its time is all but exactly the machine's: a core
 * with a smaller share has been seen some cycles behind it where shares end differently in blocks.
 */
export function compileShape(
  shape: LlamaShape,
  machine: Machine,
  { layers, head, kv, exceptions }: ShapeFormats,
  options: CompileOptions = {},
): readonly [Program, ...Program[]] {
  return compileCores(
    shape,
    machine,
    (share) => planShape(shape, layers, head, kv, share, exceptions),
    options,
  );
}
