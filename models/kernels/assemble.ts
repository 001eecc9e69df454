/** Assembles `kernels.wat` into `kernels-binary.ts`. Run by hand after a change: `npx tsx models/kernels/assemble.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const source = new URL("kernels.wat", import.meta.url);
const target = new URL("kernels-binary.ts", import.meta.url);

const { parseWat } = await wabt();
const { buffer } = parseWat("kernels.wat", readFileSync(source, "utf8"), { simd: true }).toBinary({});
const base64 = Buffer.from(buffer).toString("base64");

writeFileSync(
  target,
  `/** \`kernels.wat\`, assembled by \`assemble.ts\`. */\nexport const KERNELS_BASE64 =\n  "${base64}";\n`,
);
