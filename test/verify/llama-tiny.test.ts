import { describe, expect, it } from "vitest";
import { parseCompression } from "../../src/compress/spec.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { generate } from "../../src/experiment/generate.ts";
import { integerDecoder, LoadedModel } from "../../src/experiment/prepare.ts";
import { circuitFor } from "../../src/verify/circuit.ts";
import { circuitRung } from "../../src/verify/rungs/circuit.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

const FORMATS = [
  { weights: "w4g32", sparsity: "2:4", kv: "8" },
  { weights: "w4g32", sparsity: "8:16", kv: "4" },
  { weights: "w8g32", sparsity: "dense", kv: "8" },
  { weights: "w4g32", sparsity: "dense", kv: "4" },
] as const;

const PROMPTS = ["Once upon a time, there was a", "Tom had a red ball.", "Anna and Ben went to the"];

describe("llama-tiny on the circuit of up5k-flash", () => {
  const model = new LoadedModel("llama-tiny");
  const { tokenizer } = model;

  it.each(DEEP ? FORMATS : FORMATS.slice(0, 2))(
    "gives every token of the integer decoder, bit for bit: $weights $sparsity kv$kv",
    { timeout: 1_800_000 },
    (format) => {
      const decoder = integerDecoder(
        model.compress(parseCompression({ ...format, method: "second-order" })).model,
      );
      const circuit = circuitFor(decoder.model, machineFrom("up5k-flash"));
      for (const [i, text] of (DEEP ? PROMPTS : PROMPTS.slice(0, 1)).entries()) {
        const prompt = tokenizer?.encode(text) ?? [];
        // The second prompt's tokens are drawn.
        const sampling = i === 1 ? { temperature: 0.8, seed: 5 } : null;
        const tokens = DEEP ? 64 : 2;
        const { ids, wordsCompared, wordsEqual } = generate(circuit.program, decoder, {
          prompt,
          tokens,
          endTokens: [],
          sampling,
        });
        expect(wordsEqual).toBe(wordsCompared);
        const session = {
          ids: [...prompt, ...ids.slice(0, -1)],
          samplesFrom: prompt.length - 1,
          sampling,
        };
        const { equal, why, shares } = circuitRung(circuit, session, { vcd: null });
        expect(equal, why ?? "").toBe(true);
        expect(shares?.flash).toBeGreaterThan(0.95);
      }
    },
  );
});
