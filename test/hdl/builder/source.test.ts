import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { array, bit, module, register, when } from "../../../hdl/builder/index.ts";
import { callerLocation, sourceText, UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { mistake } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

describe("places", () => {
  test("are lines of the user's code, however deep the builder and the user nest", () => {
    expect(callerLocation().file).toBe(fileURLToPath(import.meta.url));
    let shape: Parameters<typeof array>[1] = bit;
    for (let depth = 0; depth < 20; depth++) shape = array(1, shape);
    let value: unknown = "no signal";
    for (let depth = 0; depth < 20; depth++) value = [value];
    const nested = (depth: number, body: () => void): void => {
      if (depth === 0) body();
      else when(register(`r${depth}`, bit, { next: 0 }), () => nested(depth - 1, body));
    };
    expect(
      mistake(() =>
        module("deep", { inputs: {}, outputs: {} }, () =>
          nested(20, () => {
            register("bad", shape, { next: value as never });
          }),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "register bad[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0] takes a signal or a number
      > register("bad", shape, { next: value as never });"
    `);
  });

  test("are told by the file's name", () => {
    expect(sourceText({ file: "/some/where/counter.ts", line: 12 })).toBe("counter.ts:12");
    expect(sourceText(UNKNOWN_SOURCE)).toBe("somewhere");
  });

  test("are lines of what Node runs, where that was compiled", () => {
    // A folder as awkward as a user's may be.
    const folder = join(temporaryFolder(), "my hdl (copy) ü");
    mkdirSync(join(folder, "units"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const options = "--ignoreConfig --target es2023 --module nodenext --skipLibCheck --types node";
    const compile = (...args: readonly string[]) =>
      execFileSync(process.execPath, [
        join(ROOT, "node_modules/typescript/bin/tsc"),
        ...options.split(" "),
        ...args,
      ]);
    compile(
      "--rewriteRelativeImportExtensions",
      "--outDir",
      join(folder, "builder"),
      join(ROOT, "hdl/builder/index.ts"),
    );
    const unit = join(folder, "units", "unit.js");
    writeFileSync(
      unit,
      [
        'import { bit, HardwareError, module, wire } from "../builder/index.js";',
        "try {",
        '  module("unit", { inputs: {}, outputs: { y: bit } }, ({ y }) => {',
        "    y.set(0);",
        '    wire("loose", bit);',
        "  });",
        "} catch (error) {",
        "  console.log(error instanceof HardwareError, error.message, error.source.file);",
        "}",
      ].join("\n"),
    );
    const said = execFileSync(process.execPath, [unit], { encoding: "utf8" }).trim();
    expect(said).toBe(
      `true wire loose of unit is not driven: nothing assigns it (${basename(unit)}:5) ${unit}`,
    );
  });
});
