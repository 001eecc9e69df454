import { describe, expect, it } from "vitest";
import { simulate } from "../../../hdl/simulate/index.ts";
import { SPRAM_BUFFER_CYCLES, spramBuffer } from "../../../hdl/units/channel/spram-buffer.ts";
import { BLOCK_BUFFER_CYCLES, wordBuffer } from "../../../hdl/units/channel/word-buffer.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

const KINDS = [
  {
    name: "block RAM",
    cycles: BLOCK_BUFFER_CYCLES,
    apart: 1,
    make: (places: number) => wordBuffer(1, places),
  },
  {
    name: "SPRAM",
    cycles: SPRAM_BUFFER_CYCLES,
    apart: 2,
    make: (places: number) => spramBuffer(1, 2, places),
  },
];

describe("the buffer before the matrix unit", () => {
  for (const { name, cycles, apart, make } of KINDS)
    it(`in ${name} gives each word out from the same number of cycles after its arrival on`, () => {
      for (let seed = 1; seed <= 40; seed++) {
        const random = new Random(seed);
        const places = random.pick([1, 2, 3, 5, 8, 40, 700]);
        const sim = simulate(make(places), { seed });
        sim.reset();
        const arrivals: { readonly cycle: number; readonly byte: number }[] = [];
        let [asked, popped, taken, lastArrival] = [0, 0, 0, Number.NEGATIVE_INFINITY];
        // The readiness of both sides changes from time to time.
        let [arriving, popping] = [1, 1];
        for (let cycle = 0; cycle < 3000; cycle++) {
          if (cycle % 50 === 0)
            [arriving, popping] = [random.pick([0, 0.3, 1]), random.pick([0, 0.1, 0.6, 1])];
          expect(sim.get("room"), `seed ${seed}, cycle ${cycle}`).toBe(taken < places ? 1 : 0);
          const asks = taken < places && random.chance(0.8);
          const arrives = arrivals.length < asked && cycle >= lastArrival + apart && random.chance(arriving);
          const byte = random.below(256);
          const first = arrivals[popped];
          const valid = first !== undefined && cycle >= first.cycle + cycles;
          sim.drive({ asks: asks ? 1 : 0, arrives: arrives ? 1 : 0, data: byte });
          expect(sim.get("word_valid"), `seed ${seed}, cycle ${cycle}`).toBe(valid ? 1 : 0);
          if (valid) expect(sim.get("word"), `seed ${seed}, cycle ${cycle}`).toBe(first.byte);
          const pops = valid && random.chance(popping);
          sim.drive({ pop: pops ? 1 : 0 });
          if (arrives) {
            arrivals.push({ cycle, byte });
            lastArrival = cycle;
          }
          asked += asks ? 1 : 0;
          popped += pops ? 1 : 0;
          taken += (asks ? 1 : 0) - (pops ? 1 : 0);
          sim.step();
        }
        expect(popped, `seed ${seed}`).toBeGreaterThan(100);
      }
    });

  it("says what an SPRAM cannot hold", () => {
    expect(() => spramBuffer(1, 2, 40_000)).toThrow(/40000 words of 1 bytes/);
    expect(() => spramBuffer(1, 1, 100)).toThrow(/one in 1 cycles/);
  });
});
