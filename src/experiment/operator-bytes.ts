import { ByteCounts } from "../../sim/byte-counts.ts";
import type { InstructionTime } from "../../sim/token-result.ts";
import { countMatrix, countMoved } from "../../sim/traffic.ts";
import { FIRST_CHANNEL } from "../compile/instruction.ts";
import { memoryHolding } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { keyText, operatorOfStep } from "./operator-time.ts";

/**
 * Bytes that a core moves for each operator of the token at `position`, counted as the simulator counts them; the fetch of the
 * program is no operator's.
 * @param times the token's instructions
 * @param keyOf the key that a step's bytes are booked under
 */
export function bytesByOperator(
  { machine, layout, plan }: Program,
  times: readonly InstructionTime[],
  position: number,
  keyOf: (step: string) => string,
): Map<string, ByteCounts> {
  const streams = new Map(layout.streams.map((stream) => [keyText(stream), stream.plan]));
  const weights = memoryHolding(machine, "weights");
  const moved = new Map<string, ByteCounts>();
  for (const { instruction, operator, layer } of times) {
    const key = keyOf(operator);
    const counts = moved.get(key) ?? new ByteCounts();
    moved.set(key, counts);
    const { operation, unit } = instruction;
    if (unit >= FIRST_CHANNEL) {
      const registers = { token: 0, position, layer, vectors: 1 };
      countMoved(instruction, registers, machine.memories[unit - FIRST_CHANNEL]!, counts);
    } else if (operation.endsWith(".WEIGHTS")) {
      const stream = streams.get(keyText(operatorOfStep(operator, plan.shape)));
      if (stream === undefined) throw new RangeError(`no matrix belongs to "${operator}"`);
      countMatrix(stream, weights, counts);
    }
  }
  return moved;
}
