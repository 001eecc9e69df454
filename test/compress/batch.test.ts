import { expect, it } from "vitest";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { KernelArena } from "../../models/kernels/arena.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { attention, embed, normalized, product, siluTimes, sum } from "../../src/compress/batch.ts";
import { foldedWeights, unfoldedWeights } from "../../src/compress/fold.ts";
import { randomLlama, tinyShape } from "./random-llama.ts";

it("the first layer's matrices see the inputs that the float decoder gives them, sequence by sequence", () => {
  const folded = foldedWeights(tinyShape, randomLlama(tinyShape, new Random(6)));
  const sequences = [[3, 1, 4, 1, 5, 9, 2, 6], [7], [2, 7, 1, 8, 2]];

  const expected = new Map<string, number[]>();
  const observe = (name: string, layer: number, inputs: Float32Array) => {
    if (layer === 0) expected.set(name, [...(expected.get(name) ?? []), ...inputs]);
  };
  const decoder = new FloatDecoder(tinyShape, unfoldedWeights(tinyShape, folded), { observe });
  for (const ids of sequences) decoder.start().extend(ids);

  const { q, k, v, o, gate, up } = folded.layers[0]!;
  const arena = new KernelArena();
  const hidden = embed(sequences, folded.embedding);
  const x = normalized(hidden, tinyShape);
  const projected = { q: product(q, x, arena), k: product(k, x, arena), v: product(v, x, arena) };
  const mixed = attention(tinyShape, [8, 1, 5], projected, arena);
  const y = normalized(sum(hidden, product(o, mixed, arena)), tinyShape);
  const activated = siluTimes(product(gate, y, arena), product(up, y, arena));

  for (const [name, inputs] of Object.entries({ q: x, o: mixed, gate: y, down: activated })) {
    const want = expected.get(name)!;
    expect(inputs.length).toBe(want.length);
    inputs.forEach((value, i) => {
      expect(value).toBeCloseTo(want[i]!, 4);
    });
  }
});
