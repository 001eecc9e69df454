import { ByteCounts } from "../../sim/byte-counts.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { InstructionTime } from "../../sim/token-result.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import type { OperatorFigures } from "../report/data.ts";
import { decodeCosts, type OperatorCost } from "../roofline/operator-cost.ts";
import { boundOf, ceilingsOf } from "../roofline/roofline.ts";
import { bytesByOperator } from "./operator-bytes.ts";
import { cyclesByOperator, keyText, type OperatorKey, operatorOfStep } from "./operator-time.ts";
import type { Simulation } from "./simulate.ts";

/**
 * The operators of the last token: operations and bytes of all cores, cycles of the first. Cores attend to different heads at the
 * same time, so that the heads of several cores make one operator.
 */
export function operatorFigures({ program, others, generation }: Simulation): OperatorFigures[] {
  const { position } = generation.results.at(-1)!;
  const programs = [program, ...others];
  const keyOf = (key: OperatorKey): string => keyText(others.length === 0 ? key : headsTogether(key));
  const keyOfStep = (step: string): string => keyOf(operatorOfStep(step, program.plan.shape));
  const cycles = cyclesByOperator(generation.times, keyOfStep);
  const moved = new Map<string, ByteCounts>();
  for (const [core, one] of programs.entries()) {
    const times = core === 0 ? generation.times : timesOf(one, position);
    for (const [key, bytes] of bytesByOperator(one, times, position, keyOfStep)) {
      const sum = moved.get(key) ?? new ByteCounts();
      sum.countMore(bytes.counts);
      moved.set(key, sum);
    }
  }
  const costs = costsOf(programs, position, keyOf);
  return [...costs].map(([key, cost]) => {
    const named = others.length === 0 ? cost : { ...cost, ...headsTogether(cost) };
    const bytes = moved.get(key) ?? new ByteCounts();
    return operatorFigure(program.machine, programs.length, named, bytes, cycles.get(key) ?? 0);
  });
}

const headsTogether = ({ layer, name }: OperatorKey): OperatorKey => ({
  layer,
  name: name.replace(/^attend \d+$/, "attend"),
});

/** The instructions of a core that was not watched. */
function timesOf(program: Program, position: number): readonly InstructionTime[] {
  const times: InstructionTime[] = [];
  const input = { token: 0, position, sampler: greedy };
  new Simulator(program, null).run(input, { timed: (time) => times.push(time) });
  return times;
}

/** Products of all cores; what each core does with a whole vector counts once. */
function costsOf(
  programs: readonly Program[],
  position: number,
  keyOf: (key: OperatorKey) => string,
): Map<string, OperatorCost> {
  const costs = new Map<string, OperatorCost>();
  for (const cost of programs.flatMap((program) => decodeCosts(program, position))) {
    const key = keyOf(cost);
    const known = costs.get(key);
    if (known === undefined) costs.set(key, cost);
    else if (cost.matrixOperations > 0)
      costs.set(key, {
        ...known,
        operations: known.operations + cost.operations,
        matrixOperations: known.matrixOperations + cost.matrixOperations,
      });
  }
  return costs;
}

/** Families that the roofline colours by. */
const FAMILIES: Readonly<Record<OperatorCost["kind"], string>> = {
  embed: "embedding",
  norm: "norm",
  linear: "linear",
  remember: "attention",
  attend: "attention",
  quantize: "attention",
  silu: "activation",
  add: "residual",
  sample: "sampling",
};

function operatorFigure(
  machine: Machine,
  cores: number,
  cost: OperatorCost,
  moved: ByteCounts,
  cycles: number,
): OperatorFigures {
  const bound = boundOf(machine, [{ ...cost, bytes: moved }]);
  const { weights, metadata, keysAndValues, tables, vectors } = moved;
  return {
    name: cost.name,
    kind: FAMILIES[cost.kind],
    layer: cost.layer,
    count: 1,
    operations: cost.operations,
    bytes: {
      weights,
      metadata: metadata + tables,
      keysAndValues,
      ...(vectors === 0 ? {} : { activations: vectors }),
    },
    bound: bound.seconds === 0 ? "vector" : bound.resource,
    cycles,
    attainableOpsPerSecond:
      cores *
      (cost.matrixOperations > 0
        ? cost.matrixOperations / bound.seconds
        : ceilingsOf(machine).operationsPerSecond),
  };
}
