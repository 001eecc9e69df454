import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { InstructionTime } from "../../sim/token-result.ts";
import { MATRIX, VECTOR } from "../compile/instruction.ts";

/** An operator of the decoder's list: its layer (null outside the layers) and its name. */
export interface OperatorKey {
  readonly layer: number | null;
  readonly name: string;
}

export const keyText = ({ layer, name }: OperatorKey): string => (layer === null ? name : `${layer} ${name}`);

/** The operator that a step of the program is a part of, by the step's name ("layer 2 head 3 scores"). */
export function operatorOfStep(step: string, shape: LlamaShape): OperatorKey {
  const inLayer = /^layer (\d+) (.*)$/.exec(step);
  const layer = inLayer === null ? null : Number(inLayer[1]);
  const name = inLayer === null ? step : inLayer[2]!;
  const head = /^head (\d+)/.exec(name);
  if (head !== null)
    return { layer, name: `attend ${Math.floor((Number(head[1]) * shape.kvHeads) / shape.heads)}` };
  if (/^(key|value) head/.test(name)) return { layer, name: "remember" };
  if (name === "gate silu" || name === "hidden") return { layer, name: "silu" };
  if (name === "angles" || name === "position") return { layer, name: "embed" };
  return { layer, name };
}

/**
 * Shares a token's cycles out among its operators: the cycles between the end of one instruction of the matrix or
 * vector unit and the end of the next belong to the operator of the next. Every cycle up to the last end is counted once.
 * @param keyOf the key that a step's cycles are booked under
 */
export function cyclesByOperator(
  times: readonly InstructionTime[],
  keyOf: (step: string) => string,
): Map<string, number> {
  const computing = times.filter(
    ({ instruction }) => instruction.unit === MATRIX || instruction.unit === VECTOR,
  );
  const shares = new Map<string, number>();
  let reached = 0;
  for (const { operator, end } of [...computing].sort((a, b) => a.end - b.end)) {
    const key = keyOf(operator);
    shares.set(key, (shares.get(key) ?? 0) + end - reached);
    reached = end;
  }
  return shares;
}
