import { describe, expect, it } from "vitest";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { EXAMPLES } from "./examples.ts";
import { LINTERS } from "./lint.ts";

describe("examples", () => {
  it.each(EXAMPLES)("$name reads as in golden/", async (module) => {
    const { text } = writeVerilog(module, { sources: false });
    await expect(text).toMatchFileSnapshot(`golden/${module.name}.v`);
  });

  for (const { name, installed, primitives, complaints } of LINTERS)
    it.skipIf(!installed)(`${name} has nothing to say about them`, async () => {
      for (const module of EXAMPLES) expect(await complaints(writeVerilog(module, { primitives }))).toBe("");
    });

  it("are the same whenever they are written", () => {
    for (const module of EXAMPLES) expect(writeVerilog(module).text).toBe(writeVerilog(module).text);
  });
});
