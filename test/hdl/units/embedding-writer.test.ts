import { describe, expect, it } from "vitest";
import { simulate } from "../../../hdl/simulate/index.ts";
import { embeddingWriter } from "../../../hdl/units/channel/embedding.ts";
import { channelSizes, WIDEST } from "../../../hdl/units/channel/parameters.ts";
import { residual } from "../../../models/decoder/integer/add.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { wordOf } from "./channel-bench.ts";

describe("the writer of the embedding's rows", () => {
  it("writes codes in turn and describes the row when the channel is done, for any word and number of lanes", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const drawn = randomMachine(random);
      const memories = [{ ...drawn.memories[0]!, latencyCycles: 5 }];
      const sizes = channelSizes({ ...drawn, memories }, 0, { ...WIDEST, sizeBits: 10 });
      const { wordBytes, vectorLanes } = sizes;
      const chunks = wordBytes / Math.min(wordBytes, vectorLanes);
      const lanes = wordBytes / chunks;
      const sim = simulate(embeddingWriter(sizes), { seed });
      sim.reset();
      for (let row = 0; row < 3; row++) {
        const label = `seed ${seed}, row ${row}`;
        const size = 1 + random.below(100);
        const count = Math.ceil(size / wordBytes);
        const bytes = Uint8Array.from({ length: count * wordBytes }, () => random.below(256));
        const z = random.below(50);
        const words = new Int32Array(size - 1);
        const written = new Uint8Array(size - 1);
        let last = Number.POSITIVE_INFINITY;
        sim.drive({ start: 1, size });
        sim.step();
        sim.drive({ start: 0 });
        let [next, due] = [0, 0];
        for (let cycle = 0; ; cycle++) {
          const arrives = next < count && cycle >= due && random.chance(0.7);
          // A word stays until the next one comes; its place goes on at once.
          const shown = arrives ? next : next - 1;
          sim.drive({
            arrival_valid: arrives ? 1 : 0,
            arrival_last: shown === count - 1 ? 1 : 0,
            arrival_place: z + next * wordBytes,
            arrival_word: wordOf(bytes.subarray(shown * wordBytes, (shown + 1) * wordBytes)),
          });
          if (arrives) {
            due = cycle + chunks;
            if (++next === count) last = cycle;
          }
          for (let lane = 0; lane < lanes; lane++) {
            if (sim.get(`words_${lane}_valid` as "words_0_valid") === 0) continue;
            const at = sim.get("place") + lane - z;
            expect(at, label).toBeLessThan(size - 1);
            words[at] = sim.get(`words_${lane}_value` as "words_0_value");
            written[at]!++;
          }
          const described = sim.get("described") === 1;
          expect(described, label).toBe(cycle === last + chunks);
          if (described) break;
          sim.step();
        }
        const expected = residual(Int32Array.from(new Int8Array(bytes.buffer, 0, size - 1)), 0);
        expect(Array.from(words), label).toEqual(Array.from(expected.words));
        expect(
          written.every((times) => times === 1),
          label,
        ).toBe(true);
        expect([sim.get("peak"), sim.get("exponent")], label).toEqual([
          expected.peak,
          new Int8Array(bytes.buffer)[size - 1],
        ]);
        sim.step();
      }
    }
  });
});
