import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { deviceNamed, deviceNames, fpgaNamed } from "../../src/devices/library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const path = join(folder, "device.json");

/** The one line with which a file is refused; null where it is a device. */
function refusal(text: string): string | null {
  writeFileSync(path, text);
  try {
    deviceNamed(path);
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{1,1000}$/u);
    return error.message;
  }
}

type Place = readonly (string | number)[];

function* placesIn(value: unknown, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at;
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key]);
}

const valueAt = (value: unknown, place: Place): unknown =>
  place.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);

/** A copy with another value at a place. */
function changed(value: unknown, [key, ...rest]: Place, to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

const gpu = deviceNamed("a100-80g");
const fpga = fpgaNamed("up5k");
const someplace = fc
  .constantFrom(gpu, fpga)
  .chain((device) => fc.constantFrom(...placesIn(device)).map((place) => ({ device, place })));

describe("a user's own device", () => {
  it("is a file of the same schema, whose name needs not ship", () => {
    for (const device of [gpu, fpga]) {
      expect(refusal(JSON.stringify({ ...device, name: "mine" }))).toBeNull();
      expect(deviceNamed(path).name).toBe("mine");
    }
    expect(fpgaNamed(path).kind).toBe("fpga");
  });

  it("is asked for nothing that its kind lacks, and may not have it", () => {
    for (const field of ["lut4", "multipliers", "packages", "machine"]) {
      expect(gpu).not.toHaveProperty(field);
      expect(refusal(JSON.stringify({ ...gpu, [field]: null }))).toContain(field);
      expect(refusal(JSON.stringify({ ...fpga, [field]: undefined }))).toContain(field);
    }
    expect(refusal(JSON.stringify({ ...gpu, kind: "toaster" }))).toContain(
      '"fpga", "hypothetical", "gpu" or "cpu"',
    );
  });

  it("lacks no field", () => {
    for (const device of [gpu, fpga])
      for (const place of placesIn(device))
        if (typeof place.at(-1) === "string")
          expect(refusal(JSON.stringify(changed(device, place, undefined))), place.join(".")).not.toBeNull();
  });

  it("is refused in one line where a field is of another type, or there is one too many", () => {
    fc.assert(
      fc.property(someplace, fc.jsonValue(), ({ device, place }, other) => {
        const before = valueAt(device, place);
        const message = refusal(JSON.stringify(changed(device, place, other)));
        if (message === null && other !== null && before !== null) expect(typeof other).toBe(typeof before);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.constantFrom(gpu, fpga), fc.string({ unit: "binary" }), (device, key) => {
        fc.pre(!Object.hasOwn(device, key) && key !== "$schema");
        const text = JSON.stringify(device);
        expect(refusal(`{${JSON.stringify(key)}:1,${text.slice(1)}`)).not.toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Place, unknown]>([
    ["a peak of nothing", ["compute", 0, "operationsPerSecond", "value"], 0],
    ["half a byte", ["memories", 0, "bytes", "value"], 0.5],
    ["a share of two", ["efficiency", "memory", "value"], 2],
    ["an uncertainty below nothing", ["efficiency", "memory", "uncertainty"], -0.1],
    ["no memory", ["memories"], []],
    ["no peak", ["compute"], []],
    ["the same peak twice", ["compute"], [gpu.performance.compute[0], gpu.performance.compute[0]]],
    ["the same memory twice", ["memories"], [gpu.performance.memories[0], gpu.performance.memories[0]]],
    ["an unknown memory", ["memories", 0, "type"], "tape"],
    ["a memory with a path for a name", ["memories", 0, "name"], "../x"],
    ["a price below nothing", ["priceUsd", "value"], -1],
  ])("is refused with %s", (_, place, value) => {
    expect(refusal(JSON.stringify(changed(gpu, ["performance", ...place], value)))).not.toBeNull();
  });

  it("is no folder, and no name that does not ship", () => {
    mkdirSync(join(folder, "folder.json"), { recursive: true });
    for (const name of [join(folder, "folder.json"), "/dev/zero", "./none.json", "nothing", "a\u2028b"])
      expect(() => deviceNamed(name)).toThrow(InputError);
    expect(() => deviceNamed("nothing")).toThrow(
      `There is no device "nothing": choose ${deviceNames().join(", ")}`,
    );
  });
});
