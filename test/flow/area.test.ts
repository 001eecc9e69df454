import { afterAll, describe, expect, it, vi } from "vitest";
import { bit, instance, module, register, unsigned } from "../../hdl/builder/index.ts";
import { sbSpram256ka } from "../../hdl/primitives/ice40/index.ts";
import { InputError } from "../../models/errors.ts";
import { areaOf, familyAreaOf } from "../../src/flow/area.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { ToolError } from "../../src/flow/tool-error.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 240_000 });
afterAll(closeTools);
const kept = { cache: temporaryFolder() };

const counter = (width: number) =>
  module("counter", { inputs: { up: bit }, outputs: { count: unsigned(width) } }, ({ up, count }) => {
    const value = register("value", unsigned(width), { reset: 0 });
    value.set(value.add(up).truncate(width));
    count.set(value);
  });

/** Many ports, and nothing between two of its registers. */
const wide = module("wide", { inputs: { a: unsigned(100) }, outputs: { y: unsigned(100) } }, ({ a, y }) =>
  y.set(a),
);

const words = module(
  "words",
  { inputs: { at: unsigned(14), data: unsigned(16), write: bit }, outputs: { y: unsigned(16) } },
  ({ at, data, write, y }) => {
    const { DATAOUT } = instance("ram", sbSpram256ka, {
      ...{ ADDRESS: at, DATAIN: data, MASKWREN: 15, WREN: write },
      ...{ CHIPSELECT: 1, STANDBY: 0, SLEEP: 0, POWEROFF: 1 },
    });
    y.set(DATAOUT);
  },
);

describe("areaOf()", () => {
  it("counts a unit's own cells, and times its paths from and to the outside", async () => {
    const area = await areaOf(counter(24), kept);
    expect(area).toMatchObject({ flipFlops: 24, dsp: 0, blockRam: 0, spram: 0, other: {}, seed: 1 });
    expect(area.lut4).toBeGreaterThanOrEqual(24);
    expect(area.carries).toBeGreaterThanOrEqual(22);
    // A carry through 24 places on this part.
    expect(area.clockMHz).toBeGreaterThan(40);
    expect(area.clockMHz).toBeLessThan(120);
    expect(area.limitedBy).toMatch(/^the path \S+ -> \S+$/);
    expect(area.criticalPath?.delay).toBeCloseTo(1000 / area.clockMHz!, 6);
  });

  it("more places take more time; the best of several seeds counts", async () => {
    const seeds = [1, 2, 3];
    const [narrow, large, best] = await Promise.all([
      areaOf(counter(8), kept),
      areaOf(counter(48), kept),
      areaOf(counter(24), { ...kept, seeds }),
    ]);
    expect(narrow.clockMHz).toBeGreaterThan(large.clockMHz!);
    const each = await Promise.all(seeds.map((seed) => areaOf(counter(24), { ...kept, seeds: [seed] })));
    const fastest = Math.max(...each.map(({ clockMHz }) => clockMHz ?? 0));
    expect(best.clockMHz).toBe(fastest);
    expect(each[seeds.indexOf(best.seed)]?.clockMHz).toBe(fastest);
    await expect(areaOf(counter(8), { ...kept, seeds: [] })).rejects.toThrow(InputError);
  });

  it("a unit has more ports than the part has pins, and no logic", async () => {
    const area = await areaOf(wide, kept);
    expect(area).toMatchObject({ lut4: 0, flipFlops: 0, carries: 0 });
    expect(area.clockMHz).toBeGreaterThan(100);
  });

  it("large memories are counted, and hold the clock", async () => {
    const area = await areaOf(words, kept);
    expect(area).toMatchObject({ spram: 1, lut4: 0, clockMHz: 70 });
    expect(area.limitedBy).toMatch(/SPRAM/);
  });
});

describe("familyAreaOf()", () => {
  it("counts what other parts need", async () => {
    expect(await familyAreaOf(counter(24), "ecp5", kept)).toMatchObject({ flipFlops: 24, luts: 24, dsp: 0 });
    expect(await familyAreaOf(counter(24), "ultrascale-plus", kept)).toMatchObject({ flipFlops: 24, dsp: 0 });
    await expect(familyAreaOf(words, "ecp5", kept)).rejects.toThrow(ToolError);
  });
});
