import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { shapeNamed } from "../../models/shapes/library.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { chooseMachine } from "../../src/devices/library.ts";
import { LoadedModel } from "../../src/experiment/prepare.ts";
import { QualityMeter } from "../../src/experiment/quality.ts";
import { reportData } from "../../src/experiment/report-data.ts";
import { type SimulationRequest, simulate, simulateShape } from "../../src/experiment/simulate.ts";
import { writeRandomCheckpoint } from "../support/checkpoint-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "accel-simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (model: LoadedModel, request: SimulationRequest) => {
  const meter = new QualityMeter(model, { stories: 2, questions: 4, seed: 0 });
  return simulate(model, request, async (compressed) => meter.measure(compressed));
};
const request = (
  words: Parameters<typeof parseCompression>[0],
  choice: Parameters<typeof chooseMachine>[0] = {},
): SimulationRequest => ({
  ...chooseMachine(choice),
  spec: parseCompression(words),
  tokens: 12,
  sampling: null,
});

describe("simulate, on llama-tiny", () => {
  const model = new LoadedModel("llama-tiny");

  it("equals the integer decoder in every word, on every machine that ships", async () => {
    const runs = [
      { machine: "up5k-flash", words: { weights: "w3", sparsity: "n:16@0.5" } },
      { machine: "up5k-spram", words: { sparsity: "2:4", kv: "4" } },
      { machine: "generic-hbm", words: { weights: "w5", sparsity: "8:16" } },
    ];
    for (const { machine, words } of runs) {
      const { result } = await run(model, request(words, { machine }));
      expect(result.firstDifference).toBeNull();
      expect(result.wordsEqual).toBe(result.wordsCompared);
      expect(result.wordsCompared).toBeGreaterThan(100_000);
    }
  });

  it("says figures that belong together", async () => {
    const { result } = await run(model, request({ sparsity: "2:4" }));
    const { weights, metadata, keysAndValues, tables, program, total } = result.bytesPerToken;
    expect(weights + metadata + keysAndValues + tables + program).toBeCloseTo(total, 6);
    expect(result.tokensPerSecond * result.cyclesPerToken).toBeCloseTo(result.clockMHz * 1e6, 3);
    expect(result.tokens).toBe(result.tokenIds.length);
    for (const share of [...Object.values(result.utilisation), result.rooflineShare])
      expect(share >= 0 && share <= 1).toBe(true);
    expect(result.bitsPerWeight).toBeGreaterThan(3);
    expect(result.bitsPerWeight).toBeLessThan(4);
  });

  it("draws other texts for other seeds, and the same for the same one", async () => {
    const text = async (seed: number): Promise<string> => {
      const sampling = { temperature: 1.5, seed };
      return (await run(model, { ...request({ weights: "w8" }), sampling })).result.text;
    };
    const first = await text(1);
    expect(await text(1)).toBe(first);
    expect(await text(2)).not.toBe(first);
  });

  it("refuses more tokens than there is room for", async () => {
    await expect(run(model, { ...request({}), tokens: 4000 })).rejects.toThrow(InputError);
    await expect(run(model, request({}, { machine: "up5k-spram" }))).rejects.toThrow(
      /does not fit machine up5k-spram.*131072 bytes/,
    );
  });

  it("makes a report whose parts agree with the result", async () => {
    const simulation = await run(model, request({ sparsity: "2:4" }));
    const data = reportData(simulation, chooseMachine({}).device);
    const last = simulation.generation.results.at(-1)!;
    expect(data.operators.reduce((sum, { cycles }) => sum + cycles, 0)).toBeLessThanOrEqual(last.cycles);
    expect(data.operators.reduce((sum, { cycles }) => sum + cycles, 0)).toBeGreaterThan(0.9 * last.cycles);
    const weights = data.operators.reduce((sum, { bytes }) => sum + bytes.weights, 0);
    expect(weights).toBe(last.bytes.weights);
  });
});

describe("simulate, on other models", () => {
  it("serves grouped queries, untied heads and sizes that are no multiples of 16, without text or tokenizer", async () => {
    const shapes = [
      {
        hiddenSize: 40,
        intermediateSize: 72,
        heads: 6,
        kvHeads: 2,
        headDim: 12,
        layers: 2,
        vocabSize: 101,
        tiedEmbeddings: false,
      },
      {
        hiddenSize: 48,
        intermediateSize: 100,
        heads: 3,
        kvHeads: 3,
        headDim: 16,
        layers: 1,
        vocabSize: 90,
        tiedEmbeddings: true,
      },
    ];
    for (const [index, shapeOverrides] of shapes.entries()) {
      const path = join(folder, `model-${index}`);
      writeRandomCheckpoint(path, { shapeOverrides, seed: index });
      const model = new LoadedModel(path);
      for (const sparsity of ["dense", "2:4"]) {
        const { result } = await run(model, request({ sparsity }, { device: "generic" }));
        expect(result.wordsEqual).toBe(result.wordsCompared);
        expect(result.quality).toBeNull();
        expect(result.tokens).toBeGreaterThan(0);
      }
    }
  });

  it("refuses a prompt that nothing can turn into tokens", async () => {
    const path = join(folder, "model-0");
    const asked = { ...request({}, { device: "generic" }), prompt: "hello" };
    await expect(run(new LoadedModel(path), asked)).rejects.toThrow(/has no tokenizer\.json/);
  });

  it("refuses to time a shape beyond what it knows", () => {
    const target = request({ weights: "w4g128" }, { device: "generic" });
    const time = (promptTokens: number, tokens: number) => () =>
      simulateShape("tinyllama-1.1b", shapeNamed("tinyllama-1.1b"), target, { promptTokens, tokens });
    expect(time(2048, 2)).toThrow(/need room for 2049, but tinyllama-1.1b knows 2048/);
  });

  it("times a public shape without its weights", async () => {
    const { result } = simulateShape(
      "tinyllama-1.1b",
      shapeNamed("tinyllama-1.1b"),
      request({ weights: "w4g128" }, { device: "generic" }),
      { promptTokens: 64, tokens: 1 },
    );
    expect(result.wordsCompared).toBe(0);
    expect(result.bound.resource).toBe("hbm");
    expect(result.bytesPerToken.weights).toBeGreaterThan(4e8);
  });
});
