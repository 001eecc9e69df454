import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accel, type Ended } from "../../support/command-line.ts";

const roofline = (...args: string[]): Ended => accel("roofline", "--as", "llm-viewer", ...args);

describe("accel roofline --as llm-viewer", () => {
  it("prints both stages in the tool's own names", () => {
    const file = join(import.meta.dirname, "golden/flash-llama-2-7b-hf__nvidia_A100_80G.jsonl");
    const [head, ...cases] = readFileSync(file, "utf8").trimEnd().split("\n");
    const { layerFields } = JSON.parse(head!) as { layerFields: string[] };
    const golden = cases
      .map((line) => JSON.parse(line))
      .find(({ input }) => input.join() === "1024,1,8,8,8,true,1");
    const { status, out } = roofline(
      ...["--model", "llama-2-7b-hf", "--device", "nvidia_A100_80G", "--batch", "1", "--context", "1024"],
      ...["--weight-bits", "8", "--activation-bits", "8", "--kv-bits", "8", "--tensor-parallel", "1"],
      ...["--flash-attention", "--json"],
    );
    expect(status).toBe(0);
    const got = JSON.parse(out);
    expect(Object.keys(got)).toEqual(["prefill", "decode"]);
    for (const stage of ["prefill", "decode"]) {
      expect(Object.keys(got[stage])).toEqual(["layers", "total"]);
      expect(got[stage].layers.map((row: object) => Object.values(row))).toStrictEqual(golden[stage].layers);
      expect(Object.values(got[stage].total)).toStrictEqual(golden[stage].total);
      expect(Object.keys(got[stage].layers[0])).toEqual(layerFields);
    }
  });

  it("prints every digit of operations that no double holds", () => {
    const { out } = roofline(
      ...[
        "--model",
        "llama-2-70b-hf",
        "--device",
        "nvidia_H100",
        "--batch",
        "1001",
        "--context",
        "777777",
        "--json",
      ],
    );
    expect(out).toContain(`"OPs": ${8192n * 28672n * 1001n * 777_777n * 2n},`);
  });

  it("says in one sentence what it does not know", () => {
    const { status, err } = roofline("--model", "llama-2-7b-hf", "--device", "a100-80g");
    expect(status).toBe(2);
    expect(err).toMatch(/^accel: LLM-Viewer has no device "a100-80g": choose nvidia_V100, .*\n$/);
  });
});
