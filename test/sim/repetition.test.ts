import { describe, expect, it } from "vitest";
import { Repetition } from "../../sim/repetition.ts";

/** Bits of a layer's number: so many cycles longer is it. */
const bits = (layer: number): number => layer.toString(2).length - (layer === 0 ? 1 : 0);

/** Layers that differ in their bits and come in turns of `turns`, walked with and without skipping. */
function walk(
  layers: number,
  turns: number,
  skipping: boolean,
): { cycle: number; counted: number; walked: number } {
  const repetition = new Repetition();
  const unit = { at: 0 };
  let [cycle, counted, walked] = [0, 0, 0];
  for (let layer = 0; layer < layers; ) {
    const length = 100 + bits(layer) + (cycle % turns);
    unit.at = cycle + length - 3;
    cycle += length;
    counted += length % 7;
    walked++;
    layer++;
    if (!skipping || layer === layers) continue;
    const timed = {
      state: (now: number) => [unit.at - now],
      shift: (by: number) => {
        unit.at += by;
      },
    };
    const skipped = repetition.skip(layer, layers - layer, cycle, cycle % turns, [timed], [counted]);
    cycle += skipped.cycles;
    counted += skipped.counts[0] ?? 0;
    layer += skipped.layers;
    expect(unit.at).toBe(cycle - 3);
  }
  return { cycle, counted, walked };
}

describe("repeated layers", () => {
  it("are skipped with the cycles and counts of the plain walk, whatever their number", () => {
    for (const turns of [1, 2, 5, 6]) {
      for (let layers = 1; layers <= 140; layers++) {
        const { walked, ...plain } = walk(layers, turns, false);
        expect(walked).toBe(layers);
        expect(walk(layers, turns, true), `${layers} layers, ${turns} turns`).toMatchObject(plain);
      }
    }
  });

  it("are few that have to be walked through", () => {
    expect(walk(128, 1, true).walked).toBeLessThan(20);
    expect(walk(128, 6, true).walked).toBeLessThan(70);
  });
});
