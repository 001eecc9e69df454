import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyze } from "../../../src/roofline/llm-viewer/analysis.ts";
import { viewerHardware, viewerHardwareNamed } from "../../../src/roofline/llm-viewer/hardware.ts";
import { viewerModelNamed, viewerModels } from "../../../src/roofline/llm-viewer/models.ts";
import { STAGES, type ViewerInput } from "../../../src/roofline/llm-viewer/work.ts";

const GOLDEN = join(import.meta.dirname, "golden");

/** A line of a golden file: the values of the fields that the first line names. */
interface GoldenCase {
  readonly model: string;
  readonly hardware: string;
  readonly input: readonly unknown[];
  readonly prefill: GoldenStage;
  readonly decode: GoldenStage;
}
interface GoldenStage {
  readonly layers: readonly (readonly unknown[])[];
  readonly total: readonly unknown[];
}
interface GoldenHead {
  readonly inputFields: readonly (keyof ViewerInput)[];
  readonly layerFields: readonly string[];
  readonly totalFields: readonly string[];
}

const files = readdirSync(GOLDEN);

const INPUT: ViewerInput = {
  seqlen: 1024,
  batchsize: 1,
  w_bit: 16,
  a_bit: 16,
  kv_bit: 16,
  use_flashattention: false,
  tp_size: 1,
};

/** Values in the order of their fields; operations as the double that they are read back as. */
const values = (row: object): unknown[] =>
  Object.values(row).map((value) => (typeof value === "bigint" ? Number(value) : value));

describe("LLM-Viewer's analysis", () => {
  it.each(files)("every field of %s is equal to the last bit", (file) => {
    const [head, ...cases] = readFileSync(join(GOLDEN, file), "utf8").trimEnd().split("\n");
    const { inputFields, layerFields, totalFields } = JSON.parse(head!) as GoldenHead;
    expect(cases.length).toBeGreaterThan(10);
    for (const line of cases) {
      const golden = JSON.parse(line) as GoldenCase;
      const input = Object.fromEntries(inputFields.map((field, i) => [field, golden.input[i]]));
      const got = analyze(viewerModelNamed(golden.model), viewerHardwareNamed(golden.hardware), {
        ...INPUT,
        ...input,
      });
      for (const stage of STAGES) {
        expect(Object.keys(got[stage].total)).toEqual(totalFields);
        for (const row of got[stage].layers) expect(Object.keys(row)).toEqual(layerFields);
        // toStrictEqual compares numbers with Object.is
        expect(got[stage].layers.map(values), line.slice(0, 120)).toStrictEqual(golden[stage].layers);
        expect(values(got[stage].total), line.slice(0, 120)).toStrictEqual(golden[stage].total);
      }
    }
  });

  it("sums every layer's rows once a layer, and the head once", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...viewerModels()),
        fc.constantFrom(...viewerHardware().filter(({ INT8 }) => INT8 !== undefined)),
        fc.record({
          seqlen: fc.integer({ min: 1, max: 1 << 20 }),
          batchsize: fc.integer({ min: 1, max: 4096 }),
          w_bit: fc.integer({ min: 1, max: 16 }),
          a_bit: fc.integer({ min: 1, max: 16 }),
          kv_bit: fc.integer({ min: 1, max: 16 }),
          use_flashattention: fc.boolean(),
          tp_size: fc.constant(1),
        }),
        (model, hardware, input) => {
          const analysis = analyze(model, hardware, input);
          for (const stage of STAGES) {
            const { layers, total } = analysis[stage];
            const times = (name: string) => (name === "lm_head" ? 1 : model.layers);
            const operations = layers.reduce((sum, row) => sum + row.OPs * BigInt(times(row.name)), 0n);
            expect(total.OPs).toBe(operations);
            const bytes = layers.reduce((sum, row) => sum + row.memory_access * times(row.name), 0);
            expect(Math.abs(total.memory_access / bytes - 1)).toBeLessThan(1e-12);
            for (const row of layers) {
              const byMemory = row.memory_access / hardware.bandwidth;
              expect(row.inference_time).toBeGreaterThanOrEqual(byMemory * (1 - 1e-12));
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("operations are exact beyond what a double holds", () => {
    const { prefill } = analyze(viewerModelNamed("llama-2-70b-hf"), viewerHardwareNamed("nvidia_H100"), {
      ...INPUT,
      seqlen: 777_777,
      batchsize: 1001,
    });
    const up = prefill.layers.find(({ name }) => name === "up_proj")!;
    expect(up.OPs).toBe(8192n * 28672n * 1001n * 777_777n * 2n);
    expect(prefill.total.OPs > 2n ** 53n).toBe(true);
  });

  it("models are found by id and by the last part of it, in any case", () => {
    expect(viewerModelNamed("LLAMA-2-7B-HF").id).toBe("meta-llama/Llama-2-7b-hf");
    expect(viewerModelNamed("facebook/OPT-66b").heads).toBe(72);
    expect(viewerModelNamed("DiT-XL/2").family).toBe("DiT");
    // "2" ends four names
    expect(() => viewerModelNamed("2")).toThrow(/There is no/);
    expect(viewerHardwareNamed("NVIDIA_a40").id).toBe("nvidia_A40");
    expect(() => viewerHardwareNamed("nvidia_A41")).toThrow(/has no device "nvidia_A41": choose nvidia_V100/);
  });

  it("what LLM-Viewer refuses is refused", () => {
    const llama = viewerModelNamed("llama-2-70b-hf");
    const a100 = viewerHardwareNamed("nvidia_A100_80G");
    expect(() => analyze(llama, a100, { ...INPUT, tp_size: 16 })).toThrow(/not split over 16.*key heads/);
    expect(() => analyze(llama, a100, { ...INPUT, tp_size: 3 })).toThrow(/hidden size/);
    const cpu = viewerHardwareNamed("intel_13900k");
    expect(() => analyze(llama, cpu, { ...INPUT, w_bit: 8, a_bit: 8, kv_bit: 8 })).toThrow(/no INT8 figure/);
    expect(analyze(llama, cpu, { ...INPUT, w_bit: 8, a_bit: 8 }).decode.layers).toHaveLength(16);
  });
});
