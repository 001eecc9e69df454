import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import wabt from "wabt";
import { KERNELS_BASE64 } from "../../../models/kernels/kernels-binary.ts";

test("the kernels' bytes are what their source assembles to", async () => {
  const source = readFileSync(new URL("../../../models/kernels/kernels.wat", import.meta.url), "utf8");
  const { buffer } = (await wabt()).parseWat("kernels.wat", source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString("base64")).toBe(KERNELS_BASE64);
});
