import { bitLength } from "../../models/decoder/integer/arithmetic.ts";
import type { Chip } from "../../sim/chip.ts";
import type { Simulator } from "../../sim/simulator.ts";
import type { TokenInput, TokenResult } from "../../sim/token-result.ts";
import type { Instruction } from "../compile/instruction.ts";

/** A vector that an instruction leaves in one of the chip's memories. */
export interface Left {
  readonly space: "words" | "codes";
  readonly from: number;
  readonly values: readonly number[];
}

/** What the simulator says of an instruction of a token. */
export interface Expected {
  /** Number in the program. */
  readonly index: number;
  readonly instruction: Instruction;
  readonly operator: string;
  readonly layer: number;
  readonly start: number;
  /** First cycle in which all is done; null for streams to the matrix unit, which nobody waits for. */
  readonly end: number | null;
  readonly left: readonly Left[];
  readonly described: readonly Described[];
}

/** A descriptor that an instruction leaves. */
export interface Described {
  readonly number: number;
  readonly exponent: number;
  /** Bits of the vector's peak; null where no peak is kept. */
  readonly peakBits: number | null;
}

export interface ExpectedToken {
  readonly result: TokenResult;
  /** By unit of the instruction set, in the order in which the unit runs them. */
  readonly byUnit: readonly (readonly Expected[])[];
}

const STREAMS = new Set(["LD.WEIGHTS", "LD.KEYS", "LD.VALUES"]);

/** Runs a token in the simulator and notes down all that a circuit can be held to. */
export function expectToken(simulator: Simulator, input: TokenInput): ExpectedToken {
  const leftBy = new Map<number, Left[][]>();
  let current: { index: number; left: Left[] } | null = null;
  const byUnit: Expected[][] = [];
  const result = simulator.run(input, {
    written: (_, { data }, index) => {
      if (current?.index !== index) {
        current = { index, left: [] };
        const all = leftBy.get(index) ?? [];
        all.push(current.left);
        leftBy.set(index, all);
      }
      current.left.push({
        space: data instanceof Int32Array ? "words" : "codes",
        from: data.byteOffset / data.BYTES_PER_ELEMENT,
        values: Array.from(data),
      });
    },
    timed: ({ index, instruction, operator, layer, start, end }) => {
      const unit = byUnit[instruction.unit] ?? [];
      byUnit[instruction.unit] = unit;
      const streams = STREAMS.has(instruction.operation);
      unit.push({
        index,
        instruction,
        operator,
        layer,
        start,
        end: streams ? null : end,
        left: leftBy.get(index)?.shift() ?? [],
        described: describedBy(instruction, simulator.chip),
      });
      current = null;
    },
  });
  for (const unit of byUnit) unit?.sort((a, b) => a.start - b.start);
  return { result, byUnit };
}

/** The descriptors of what an instruction has just written. */
function describedBy({ operation, a, c, d }: Instruction, chip: Chip | null): Described[] {
  if (chip === null) return [];
  const of = (number: number, hasPeak: boolean): Described[] => {
    const descriptor = chip.descriptors[number];
    if (descriptor === undefined) return [];
    const { exponent, peak } = descriptor;
    return [{ number, exponent, peakBits: hasPeak ? bitLength(peak) : null }];
  };
  if (operation === "LD.EMBEDDING") return of(d, true);
  if (/^M[VM].(WEIGHTS|VALUES)$/.test(operation))
    return Array.from({ length: a }, (_, i) => of(c + i, true)).flat();
  if (operation === "MISC.SAMPLE" || !operation.startsWith("MISC.")) return [];
  const codes = operation === "MISC.NORM" || operation === "MISC.QUANTIZE" || operation === "MISC.SOFTMAX";
  return of(d, !codes);
}
