import { describe, expect, it } from "vitest";
import { sbSpram256ka } from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { hasIcarus } from "../../../src/flow/native-tools.ts";
import { type Bench, firstDifference, knownPart, modelTrace, type Row } from "./bench.ts";
import { icarusTrace } from "./icarus.ts";
import { traceOf, yosysModels } from "./yosys.ts";

/** Probabilities that the cell is put to rest, in a cycle. */
interface Rest {
  readonly standby: number;
  readonly sleep: number;
  readonly off: number;
}

/** Few, so that words are met again; both ends among them. */
const ADDRESSES = [0, 1, 2, 0x1fff, 0x2000, 0x3fff];

/** Inputs change with the falling edge only, so that each of them stands through a rising one. */
function benchOf(seed: number, cycles: number, rest: Rest, addresses = ADDRESSES): Bench {
  const random = new Random(seed);
  const bit = (probability: number): number => (random.chance(probability) ? 1 : 0);
  const rows = Array.from({ length: cycles }, (_, cycle) => {
    const fill = cycle < addresses.length;
    const inputs = {
      ADDRESS: fill ? addresses[cycle]! : random.pick(addresses),
      DATAIN: random.below(65_536),
      MASKWREN: fill || random.chance(0.3) ? 15 : random.below(16),
      WREN: fill ? 1 : bit(0.4),
      CHIPSELECT: fill ? 1 : bit(0.85),
      STANDBY: fill ? 0 : bit(rest.standby),
      SLEEP: fill ? 0 : bit(rest.sleep),
      POWEROFF: fill ? 1 : 1 - bit(rest.off),
    };
    return [0, 1].map((): Row => ({ inputs, pin: 0, toggles: 1 }));
  }).flat();
  return { cells: [sbSpram256ka], clocks: { CLOCK: 0 }, rows };
}

describe("SB_SPRAM256KA", () => {
  it.skipIf(!hasIcarus())("reads, writes nibbles and holds as Yosys' model does in Icarus", async () => {
    const bench = benchOf(1, 2000, { standby: 0, sleep: 0, off: 0 });
    const vendor = await icarusTrace(bench);
    expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
    // After a write DATAOUT is undefined until the next read.
    expect(knownPart(vendor)).toBeGreaterThan(0.5);
  });

  it.skipIf(!hasIcarus())(
    "stands by, sleeps and loses its words as Yosys' model does in Icarus",
    async () => {
      const bench = benchOf(2, 4000, { standby: 0.1, sleep: 0.1, off: 0.02 });
      const vendor = await icarusTrace(bench);
      expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
      expect(knownPart(vendor)).toBeGreaterThan(0.3);
    },
  );

  it("does what Yosys' model does as Yosys reads it, where it is defined", async () => {
    const bench = benchOf(3, 600, { standby: 0.1, sleep: 0.1, off: 0 }, [0, 1, 4, 7]);
    const ours = modelTrace(bench);
    expect(knownPart(ours)).toBeGreaterThan(0.4);
    expect(firstDifference(bench, ours, traceOf(await yosysModels(bench), bench))).toBeNull();
  });

  it("does not know what it leaves undefined", () => {
    const access = { ADDRESS: 5, DATAIN: 0xabcd, MASKWREN: 0b0101, WREN: 1, CHIPSELECT: 1, POWEROFF: 1 };
    const read = { ...access, WREN: 0 };
    const steps = [access, read, { ...access, MASKWREN: 15 }, read, { ...read, STANDBY: 1 }, read];
    const rows = [...steps, { ...read, POWEROFF: 0 }, read, read].flatMap((inputs): Row[] => [
      { inputs, pin: 0, toggles: 1 },
      { inputs, pin: 0, toggles: 1 },
    ]);
    const [trace] = modelTrace({ cells: [sbSpram256ka], clocks: { CLOCK: 0 }, rows });
    const anything = "x".repeat(16);
    expect(trace!.filter((_, i) => i % 2 === 1).map((row) => row.get("DATAOUT"))).toEqual([
      anything,
      "xxxx1011xxxx1101",
      anything,
      "1010101111001101",
      anything,
      "1010101111001101",
      "0000000000000000",
      anything,
      anything,
    ]);
  });
});
