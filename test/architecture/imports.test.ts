import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** Floors that each floor may import from, itself always included. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  models: [],
  sim: ["models", "src/compile"],
  hdl: ["models", "src/compile"],
  src: ["models", "sim", "hdl"],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function* imports(): Generator<Import> {
  for (const floor of Object.keys(ALLOWED)) {
    for (const file of readdirSync(join(ROOT, floor), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const from = join(floor, file);
      for (const [, named, dynamic] of readFileSync(join(ROOT, from), "utf8").matchAll(
        /from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g,
      )) {
        yield { from, to: relative(ROOT, resolve(ROOT, dirname(from), named ?? dynamic ?? "")) };
      }
    }
  }
}

const inFolder = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** Why an import breaks the flow, or null where it does not. */
function broken({ from, to }: Import): string | null {
  const floor = from.split("/")[0]!;
  if (!inFolder(to, floor) && !ALLOWED[floor]!.some((allowed) => inFolder(to, allowed)))
    return `${floor} may not import ${to}`;
  if (inFolder(to, "src/cli") && !inFolder(from, "src/cli")) return "nobody imports the command line";
  return null;
}

describe("imports", () => {
  it("follow the flow: checkpoint, compress, compile, simulate or generate, verify, report", () => {
    const all = [...imports()];
    expect(all.length).toBeGreaterThan(100);
    expect(all.flatMap((one) => (broken(one) === null ? [] : [`${one.from}: ${broken(one)}`]))).toEqual([]);
  });

  it("only verification sees both the simulator and the circuit", () => {
    const floors = new Map<string, Set<string>>();
    for (const { from, to } of imports()) {
      const seen = floors.get(dirname(from)) ?? new Set<string>();
      floors.set(dirname(from), seen.add(to.split("/")[0]!));
    }
    const both = [...floors]
      .filter(([, seen]) => seen.has("sim") && seen.has("hdl"))
      .map(([folder]) => folder);
    expect(both.filter((folder) => !folder.startsWith("src/verify"))).toEqual([]);
    expect(both.length).toBeGreaterThan(0);
  });

  it("what would break the flow is found", () => {
    expect(broken({ from: "models/a.ts", to: "src/b.ts" })).not.toBeNull();
    expect(broken({ from: "sim/a.ts", to: "hdl/b.ts" })).not.toBeNull();
    expect(broken({ from: "sim/a.ts", to: "src/roofline/b.ts" })).not.toBeNull();
    expect(broken({ from: "src/report/a.ts", to: "src/cli/b.ts" })).not.toBeNull();
    expect(broken({ from: "sim/a.ts", to: "src/compile/b.ts" })).toBeNull();
  });

  it("every format has a room of the same name on each floor", () => {
    const rooms = (folder: string, shared: readonly string[]): string[] =>
      readdirSync(join(ROOT, folder))
        .filter((file) => file.endsWith(".ts") && !shared.includes(file))
        .sort();
    const formats = ["dense.ts", "n-of-16.ts", "n-of-m.ts"];
    const meaning = rooms("models/formats", [
      "compressed-model.ts",
      "packet.ts",
      "quantized-matrix.ts",
      "scale.ts",
      "sparsity.ts",
      "stream.ts",
    ]);
    expect(meaning).toEqual(formats);
    expect(rooms("src/roofline/formats", ["cost.ts"])).toEqual(formats);
    expect(rooms("sim/formats", ["step.ts"])).toEqual(formats);
    expect(rooms("hdl/formats", ["format.ts", "library.ts"])).toEqual(formats);
  });
});
