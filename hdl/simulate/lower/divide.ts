import { costOf } from "./cost.ts";
import { armsOf, endsInChain, type Step, type Steps, visitExpressions } from "./step.ts";
import type { Term } from "./term.ts";

/** Operations of a function, about: beyond a few thousand V8 takes long to optimise one, and far beyond it refuses. */
const LARGEST_FUNCTION = 3000;
/** Branches in branches, and cases of one jump: beyond a hundred the assembler's stack overflows. */
const DEEPEST_NESTING = 40;
/** Cases of one jump; more take several. */
export const MOST_CASES = 16;

/** Steps, and what they come to. */
interface Measured {
  readonly steps: Steps;
  readonly size: number;
  readonly depth: number;
}

/** Divides steps into functions of a bearable size and nesting; the first is the one to call. */
export function divide(steps: Steps, kept: ReadonlySet<Term>): readonly Steps[] {
  const functions: Steps[] = [[]];

  /** Puts steps into functions of their own until the rest is small enough. */
  const shrink = (all: Steps): Measured => {
    const parts = all.map(shrinkArms);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const depth = parts.reduce((most, part) => Math.max(most, part.depth), 0);
    if (size <= LARGEST_FUNCTION) return { steps: parts.flatMap((part) => part.steps), size, depth };
    return shrink(packed(parts).map(call));
  };

  const shrinkArms = (step: Step): Measured => {
    let own = 1;
    // The lanes of a pack are computed at once.
    const share = step.kind === "pack" ? step.lanes.length : 1;
    visitExpressions(step, kept, (term, isKept) => {
      own += isKept ? 0 : costOf(term) / share;
    });
    const arms = armsOf(step).map(shrink);
    const inner = arms.reduce((sum, arm) => sum + arm.size, 0);
    const depth = nesting(step, arms);
    if (own + inner <= LARGEST_FUNCTION && depth <= DEEPEST_NESTING)
      return {
        steps: [
          withArms(
            step,
            arms.map((arm) => arm.steps),
          ),
        ],
        size: own + inner,
        depth,
      };
    const calls = arms.map((arm) => (arm.steps.length === 0 ? [] : [call(arm.steps)]));
    return { steps: [withArms(step, calls)], size: own + arms.length, depth: nesting(step, []) };
  };

  const call = (body: Steps): Step => {
    functions.push(body);
    return { kind: "call", callee: functions.length - 1 };
  };

  functions[0] = shrink(steps).steps;
  return functions;
}

/** How deep the text of a step is nested. */
function nesting(step: Step, arms: readonly Measured[]): number {
  const deepest = arms.reduce((most, arm) => Math.max(most, arm.depth), 0);
  if (step.kind === "if") {
    const [then, otherwise] = arms;
    // Conditions one after the other stand side by side.
    const isChain = otherwise !== undefined && endsInChain(otherwise.steps);
    return isChain ? Math.max((then?.depth ?? 0) + 2, otherwise.depth) : deepest + 1;
  }
  return step.kind === "switch" ? deepest + 2 * Math.min(MOST_CASES, step.arms.length) : 0;
}

/** Neighbours together as long as they fit into a function. */
function packed(parts: readonly Measured[]): readonly Steps[] {
  const groups: Step[][] = [];
  let room = 0;
  for (const { steps, size } of parts) {
    if (size > room) {
      groups.push([]);
      room = LARGEST_FUNCTION;
    }
    groups.at(-1)?.push(...steps);
    room -= size;
  }
  return groups;
}

function withArms(step: Step, arms: readonly Steps[]): Step {
  if (step.kind === "switch") return { ...step, arms };
  const [then = [], otherwise = []] = arms;
  return step.kind === "if" ? { ...step, then, otherwise } : step;
}
