import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Samples import `../../hdl/...`, and so they have to lie in a folder of `test`. */
const FOLDER = mkdtempSync(join(ROOT, "test", ".guide-"));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

interface Sample {
  /** From its first line, `// name.ts`. */
  readonly name: string;
  readonly code: string;
  /** What it prints: the `text` block that follows it at once. */
  readonly output: string | null;
}

/** All `ts` blocks of the page. */
function samplesOf(page: string): readonly Sample[] {
  const blocks = page.matchAll(/```ts\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g);
  return [...blocks].map(([, code = "", output]) => {
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1];
    if (name === undefined) throw new Error(`a sample begins with no file name: ${code.slice(0, 80)}`);
    return { name, code, output: output ?? null };
  });
}

const samples = samplesOf(readFileSync(join(ROOT, "docs/hardware.md"), "utf8"));
/** A name that no other run of the tests, looking for files, takes for one of its own. */
const fileOf = (name: string): string => name.replace(".test.ts", ".check.ts");
for (const { name, code } of samples) writeFileSync(join(FOLDER, fileOf(name)), code);

/** Runs a sample and gives what it printed. */
async function run(name: string): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    printed.push(values.map(String).join(" "));
  });
  try {
    await import(join(FOLDER, fileOf(name)));
  } finally {
    log.mockRestore();
  }
  return printed.map((line) => `${line}\n`).join("");
}

describe("samples of docs/hardware.md", () => {
  test("have names of their own", () => {
    expect(samples.length).toBeGreaterThan(10);
    expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
  });

  test("are right for TypeScript, as strictly as the project itself", () => {
    // Named one by one: a pattern would pass over a folder whose name begins with a dot.
    const files = samples.map(({ name }) => fileOf(name));
    const settings = {
      extends: "../../tsconfig.json",
      files,
      include: [],
      compilerOptions: { rootDir: "../..", noEmit: true },
    };
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(settings));
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [compiler, "-p", FOLDER], { cwd: ROOT, encoding: "utf8" });
    const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
    // The project's own files are checked elsewhere.
    expect(errors.filter((line) => !/^(hdl|models|src)\//.test(line))).toEqual([]);
  });

  for (const { name, output } of samples.filter(({ name }) => !name.endsWith(".test.ts")))
    test(`${name} runs${output === null ? "" : ", and prints what the page says"}`, async () => {
      expect(await run(name)).toBe(output ?? "");
    });
});

for (const { name } of samples.filter(({ name }) => name.endsWith(".test.ts")))
  describe(`sample ${name}`, async () => {
    await import(join(FOLDER, fileOf(name)));
  });
