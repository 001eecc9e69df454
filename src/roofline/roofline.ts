import { channelHolding, type Machine } from "../compile/machine.ts";
import type { OperatorCost } from "./operator-cost.ts";

/** What a machine can do at most. */
export interface Ceilings {
  /** Operations a second of the matrix unit: two for each multiplier and cycle. */
  readonly operationsPerSecond: number;
  /** Bytes a second of each memory's port, in the order of the machine's memories. */
  readonly bytesPerSecond: readonly number[];
}

export function ceilingsOf({ matrix, memories, clockMHz }: Machine): Ceilings {
  return {
    operationsPerSecond: 2 * matrix.lanes * clockMHz * 1e6,
    bytesPerSecond: memories.map(
      ({ wordBytes, cyclesPerWord, burst }) =>
        (burst?.bytesPerCycle ?? wordBytes / cyclesPerWord) * clockMHz * 1e6,
    ),
  };
}

/** Bytes that an operator moves over each memory's port. */
export function bytesByMemory(machine: Machine, { bytes }: Pick<OperatorCost, "bytes">): number[] {
  const moved = machine.memories.map(() => 0);
  moved[channelHolding(machine, "weights")]! += bytes.weights + bytes.metadata;
  moved[channelHolding(machine, "keysAndValues")]! += bytes.keysAndValues;
  moved[channelHolding(machine, "tables")]! += bytes.tables;
  return moved;
}

/** What holds a token, or an operator, up: the resource that needs the most time. */
export interface Bound {
  readonly kind: "compute" | "memory";
  /** `matrix`, or the name of the memory. */
  readonly resource: string;
  readonly seconds: number;
}

/** The roofline's bound: every resource works at its ceiling, all at once (Williams et al., CACM 2009). */
export function boundOf(machine: Machine, costs: readonly OperatorCost[]): Bound {
  const ceilings = ceilingsOf(machine);
  const operations = costs.reduce((sum, cost) => sum + cost.matrixOperations, 0);
  const candidates: Bound[] = [
    { kind: "compute", resource: "matrix", seconds: operations / ceilings.operationsPerSecond },
    ...machine.memories.map((memory, index): Bound => {
      const bytes = costs.reduce((sum, cost) => sum + bytesByMemory(machine, cost)[index]!, 0);
      return { kind: "memory", resource: memory.name, seconds: bytes / ceilings.bytesPerSecond[index]! };
    }),
  ];
  return candidates.reduce((slowest, candidate) =>
    candidate.seconds > slowest.seconds ? candidate : slowest,
  );
}

/** Operations a byte from which on the matrix unit, and no longer a memory, is the limit. */
export function ridgePoint(machine: Machine, memory: number): number {
  const { operationsPerSecond, bytesPerSecond } = ceilingsOf(machine);
  return operationsPerSecond / bytesPerSecond[memory]!;
}
