import { describe, expect, it } from "vitest";
import { sbIo } from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { hasIcarus } from "../../../src/flow/native-tools.ts";
import { type Bench, firstDifference, knownPart, modelTrace, type Row } from "./bench.ts";
import { icarusTrace } from "./icarus.ts";

const TYPES = Array.from({ length: 64 }, (_, i) => i);

/**
 * Inputs and the pin change with both edges, but for LATCH_INPUT_VALUE, which changes with the first edge of the cell.
 * @param toggles the clocks of a row
 * @param isFirst whether a first edge ends a row
 */
function rowsOf(
  random: Random,
  count: number,
  toggles: (row: number) => number,
  isFirst: (row: number) => boolean,
): Row[] {
  const bit = (probability = 0.5): 0 | 1 => (random.chance(probability) ? 1 : 0);
  let latched: 0 | 1 = 0;
  return Array.from({ length: count }, (_, row) => {
    const inputs = {
      LATCH_INPUT_VALUE: latched,
      CLOCK_ENABLE: row < 8 ? 1 : bit(0.8),
      OUTPUT_ENABLE: bit(),
      D_OUT_0: bit(),
      D_OUT_1: bit(),
    };
    if (row >= 8 && isFirst(row)) latched = bit(0.4);
    return { inputs, pin: bit(), toggles: toggles(row) };
  });
}

describe("SB_IO", () => {
  it.skipIf(!hasIcarus()).each([false, true])(
    "does what Yosys' model does in Icarus, for all PIN_TYPEs (NEG_TRIGGER %s)",
    async (negTrigger) => {
      // The clock begins low: even rows end with its rising edge.
      const isFirst = (row: number): boolean => row % 2 === (negTrigger ? 1 : 0);
      const bench: Bench = {
        cells: TYPES.map((pinType) => sbIo({ pinType, negTrigger })),
        clocks: { INPUT_CLK: 0, OUTPUT_CLK: 0 },
        rows: rowsOf(new Random(1), 600, () => 1, isFirst),
      };
      const vendor = await icarusTrace(bench);
      expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
      // A third of PIN_INPUT's outputs is D_IN_1 without a clock.
      expect(knownPart(vendor)).toBeGreaterThan(0.91);
    },
  );
});
