import { describe, expect, it } from "vitest";
import { ICE40_LIBRARY, sbMac16 } from "../../../hdl/primitives/ice40/index.ts";
import {
  MAC16_PARAMETER_BITS,
  type Mac16Parameters,
} from "../../../hdl/primitives/ice40/mac16-parameters.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { hasIcarus } from "../../../src/flow/native-tools.ts";
import { type Bench, firstDifference, knownPart, modelTrace, type Row } from "./bench.ts";
import { icarusTrace } from "./icarus.ts";
import { instancesRead, traceOf, yosysModels } from "./yosys.ts";

/** Any setting of all parameters. */
function randomParameters(random: Random): Mac16Parameters {
  return Object.fromEntries(
    Object.entries(MAC16_PARAMETER_BITS).map(([name, bits]) => [name, random.below(2 ** bits)]),
  );
}

const CORNERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x8080, 0xffff];

/** Inputs change with the falling edge only, so that every reset stands through an edge of either kind. */
function stimulus(random: Random, cycles: number): Row[] {
  const word = (): number => (random.chance(0.3) ? random.pick(CORNERS) : random.below(65_536));
  const bit = (probability: number): number => (random.chance(probability) ? 1 : 0);
  return Array.from({ length: cycles }, (_, cycle) => {
    const reset = cycle < 2 ? 1 : 0.05;
    const inputs = {
      CE: bit(0.9),
      A: word(),
      B: word(),
      C: word(),
      D: word(),
      AHOLD: bit(0.2),
      BHOLD: bit(0.2),
      CHOLD: bit(0.2),
      DHOLD: bit(0.2),
      IRSTTOP: bit(reset),
      IRSTBOT: bit(reset),
      ORSTTOP: bit(reset),
      ORSTBOT: bit(reset),
      OLOADTOP: bit(0.1),
      OLOADBOT: bit(0.1),
      ADDSUBTOP: bit(0.4),
      ADDSUBBOT: bit(0.4),
      OHOLDTOP: bit(0.1),
      OHOLDBOT: bit(0.1),
      CI: bit(0.5),
      ACCUMCI: bit(0.5),
      SIGNEXTIN: bit(0.5),
    };
    return [0, 1].map((): Row => ({ inputs, pin: 0, toggles: 1 }));
  }).flat();
}

const benchOf = (seed: number, count: number, cycles: number): Bench => {
  const random = new Random(seed);
  return {
    cells: Array.from({ length: count }, () => sbMac16(randomParameters(random))),
    clocks: { CLK: 0 },
    rows: stimulus(random, cycles),
  };
};

describe("SB_MAC16", () => {
  it.skipIf(!hasIcarus())("does what Yosys' model does in Icarus, for any parameters", async () => {
    const bench = benchOf(1, 60, 150);
    const vendor = await icarusTrace(bench);
    expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
    expect(knownPart(vendor)).toBeGreaterThan(0.97);
  });

  it("does what Yosys' model does as Yosys reads it", async () => {
    const bench = benchOf(2, 10, 60);
    const ours = modelTrace(bench);
    expect(knownPart(ours)).toBeGreaterThan(0.94);
    expect(firstDifference(bench, ours, traceOf(await yosysModels(bench), bench))).toBeNull();
  });

  it("is read from netlists with its parameters", async () => {
    const bench = benchOf(3, 20, 60);
    const read = await instancesRead(bench, ICE40_LIBRARY);
    expect(firstDifference(bench, modelTrace(bench), traceOf(read, bench))).toBeNull();
  });
});
