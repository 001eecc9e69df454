import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RooflineReportData } from "../../src/report/roofline-data.ts";
import { commandLines } from "../../src/report/what-if/command.ts";
import { type Cell, csvOf } from "../../src/report/what-if/csv.ts";
import { evaluator } from "../../src/report/what-if/evaluate.ts";
import { FIGURES } from "../../src/report/what-if/figures.ts";
import { linkOf, readLink } from "../../src/report/what-if/link.ts";
import { linesOf, planeOf, pointsOf, type Roof, ridgeOf, roofOf } from "../../src/report/what-if/plane.ts";
import { spread } from "../../src/report/what-if/spread.ts";
import {
  mostEntries,
  originalOf,
  type WhatIf,
  withDevice,
  withEntry,
  withoutEntry,
} from "../../src/report/what-if/state.ts";
import { formatParts, formatWord } from "../../src/report/what-if/words.ts";
import { ACTIVATION_BITS, KEY_VALUE_BITS } from "../../src/roofline/scenario.ts";
import { operandBits } from "../../src/roofline/workload/step.ts";
import { board, chip, gpu, rooflineFixture } from "./roofline-fixture.ts";

const data: RooflineReportData = rooflineFixture();
const original = originalOf(data);

const states: fc.Arbitrary<WhatIf> = fc.record({
  shape: fc.constantFrom("llama-2-7b", "experts"),
  bandwidth: fc.double({ min: 1 / 64, max: 64, noNaN: true }),
  settings: fc.record({
    batch: fc.integer({ min: 1, max: 65_536 }),
    context: fc.integer({ min: 1, max: 1 << 22 }),
    newTokens: fc.integer({ min: 1, max: 100_000 }),
    tensorParallel: fc.integer({ min: 1, max: 1024 }),
    keysAndValuesBits: fc.constantFrom(...KEY_VALUE_BITS),
    activationBits: fc.constantFrom(null, ...ACTIVATION_BITS),
    flashAttention: fc.boolean(),
  }),
  entries: fc.uniqueArray(
    fc.record({
      id: fc.nat(9999),
      device: fc.constantFrom("gpu", "board", "chip"),
      weights: fc.constantFrom("w16", "w8", "w4g128", "W3g32s16"),
      sparsity: fc.constantFrom("dense", "2:4", "n:16@0.5"),
    }),
    { maxLength: mostEntries(data), selector: ({ id }) => id },
  ),
});

describe("a link", () => {
  test("is empty for the report as it is written, and brings every other state back", () => {
    expect(linkOf(original, data)).toBe("");
    fc.assert(
      fc.property(states, (state) => {
        expect(readLink(`#${linkOf(state, data)}`, data)).toEqual({ state, problems: [] });
      }),
    );
  });

  test("of any text gives a state that can be evaluated, or stays the report's", () => {
    const part = fc.tuple(
      fc.constantFrom("batch", "entry", "shape", "bandwidth", "activationBits", "flashAttention", "x"),
      fc.oneof(fc.string(), fc.constantFrom("1", "-1", "1e9", "NaN", "0 w4 dense gpu", "0 w4 dense gpu\n")),
    );
    const evaluate = evaluator(data);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const { state, problems } = readLink(new URLSearchParams(parts).toString(), data);
        for (const problem of problems) expect(problem).toMatch(/\.$/);
        if (state.settings.batch === 1) expect(evaluate(state)).toHaveLength(state.entries.length);
      }),
      { numRuns: 60 },
    );
  });

  test("with too many entries, or two of a number, keeps those of the report", () => {
    const entries = (ids: readonly number[]): string =>
      new URLSearchParams(ids.map((id): [string, string] => ["entry", `${id} w4 dense gpu`])).toString();
    for (const ids of [Array.from({ length: mostEntries(data) + 1 }, (_, i) => i), [1, 1]]) {
      const { state, problems } = readLink(entries(ids), data);
      expect(state.entries).toEqual(original.entries);
      expect(problems).toHaveLength(1);
    }
  });
});

test("a report of many entries is found again by a link that leaves one of them out", () => {
  const many = { ...data, entries: Array.from({ length: 12 }, () => data.entries[0]!) };
  const state = withoutEntry(originalOf(many), 3);
  expect(readLink(linkOf(state, many), many)).toEqual({ state, problems: [] });
});

describe("entries", () => {
  test("that are added have numbers of their own, whatever went before", () => {
    let state = withDevice(original, "chip", data);
    expect(state.entries.at(-1)).toEqual({ id: 3, device: "chip", weights: "w4g128", sparsity: "2:4" });
    state = withDevice(withoutEntry(state, 0), "gpu", data);
    expect(state.entries.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    const none = { ...original, entries: [] };
    expect(withDevice(none, "gpu", data).entries).toEqual([
      { id: 3, device: "gpu", weights: "w4g128", sparsity: "dense" },
    ]);
  });

  test("are computed once while nothing that they depend on changes", () => {
    const evaluate = evaluator(data);
    const before = evaluate(original);
    const after = evaluate(withEntry(original, 1, { weights: "w8" }));
    expect(after[0]!.outcome).toBe(before[0]!.outcome);
    expect(after[2]!.outcome).toBe(before[2]!.outcome);
    expect(after[1]!.outcome).not.toEqual(before[1]!.outcome);
  });

  test("of which one cannot take part leave the others alone", () => {
    const state = withEntry(original, 0, { device: "chip" });
    const [first, second] = evaluator(data)({
      ...state,
      settings: { ...state.settings, tensorParallel: 2 },
    });
    expect(first!.outcome).toMatchObject({
      kind: "impossible",
      why: expect.stringMatching(/chip has no link[^.]*\.$/),
    });
    expect(second!.outcome.kind).toBe("predicted");
  });
});

test("every figure of every state is finite, or not known", () => {
  const evaluate = evaluator(data);
  fc.assert(
    fc.property(states, fc.integer({ min: 1, max: 4 }), (state, newTokens) => {
      for (const { outcome } of evaluate({ ...state, settings: { ...state.settings, newTokens } })) {
        if (outcome.kind === "impossible") continue;
        for (const { title, value, uncertainty } of FIGURES) {
          expect(Number.isFinite(value(outcome) ?? 0), title).toBe(true);
          expect(Number.isFinite(uncertainty?.(outcome) ?? 0), title).toBe(true);
        }
        const roof = roofOf(outcome.device, operandBits(outcome.formats), false);
        const { prefill, decode } = outcome.generation;
        const { x, y } = planeOf(
          [roof],
          [prefill, decode].flatMap(({ operations }) => pointsOf(operations)),
        );
        for (const { min, max } of [x, y]) expect(min > 0 && min < max && Number.isFinite(max)).toBe(true);
      }
    }),
  );
});

describe("the command line", () => {
  test("is one where devices and formats are all combined, else one a format", () => {
    const common = "--batch 1 --context 2048 --tokens 128";
    expect(commandLines(original)).toEqual([
      `accel roofline --model llama-2-7b --device gpu ${common} --weights w16 --sparsity dense --kv 8`,
      `accel roofline --model llama-2-7b --device gpu,board ${common} --weights w4g128 --sparsity 2:4 --kv 8`,
    ]);
    const all = ["gpu", "board"].flatMap((device, i) =>
      ["w16", "w8"].map((weights, j) => ({ id: 2 * i + j, device, weights, sparsity: "dense" })),
    );
    expect(commandLines({ ...original, entries: all })).toEqual([
      `accel roofline --model llama-2-7b --device gpu,board ${common} --weights w16,w8 --sparsity dense --kv 8`,
    ]);
    expect(commandLines({ ...original, entries: [] })).toEqual([]);
  });

  test("names what is not usual, and quotes what a shell would read", () => {
    const state: WhatIf = {
      ...original,
      shape: "it's; rm",
      bandwidth: 1.5,
      settings: { ...original.settings, activationBits: 8, flashAttention: false, tensorParallel: 2 },
    };
    const [line] = commandLines(state);
    expect(line).toContain("--model 'it'\\''s; rm'");
    expect(line).toContain("--activation-bits 8 --no-flash-attention --tensor-parallel 2 --bandwidth 1.5");
  });
});

describe("CSV", () => {
  /** RFC 4180, read back. */
  const parse = (text: string): string[][] =>
    text
      .split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
      .slice(0, -1)
      .map((line) =>
        line
          .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
          .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)),
      );

  test("gives back every text and every number to the last bit", () => {
    const cell: fc.Arbitrary<Cell> = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom("a,b", 'say "x"', "two\r\nlines"),
    );
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
        const read = parse(csvOf(rows));
        rows.forEach((row, i) => {
          row.forEach((value, j) => {
            const text = read[i]![j]!;
            if (typeof value === "number") expect(Number(text) + 0).toBe(value + 0);
            else expect([value, `'${value}`]).toContain(text);
          });
        });
      }),
    );
  });

  test("holds no formula, and leaves empty what is not known", () => {
    expect(csvOf([["=1+1", "@x", -2, null, "a-b"]])).toBe("'=1+1,'@x,-2,,a-b\r\n");
  });
});

describe("the plane", () => {
  const roofs: readonly Roof[] = [gpu, board, chip].map((device) => roofOf(device, 8, false));

  test("shows every ridge, and its lines meet there", () => {
    const plane = planeOf(roofs, [{ x: 0.5, y: 1e6 }]);
    for (const roof of roofs) {
      const ridge = ridgeOf(roof);
      const { slope, flat } = linesOf(roof, plane);
      for (const point of [slope!.to, flat!.from]) {
        expect(point.x / ridge.x).toBeCloseTo(1, 12);
        expect(point.y / ridge.y).toBeCloseTo(1, 12);
      }
      for (const { x, y } of [slope!.from, flat!.to]) {
        expect(x).toBeGreaterThanOrEqual(plane.x.min * (1 - 1e-12));
        expect(x).toBeLessThanOrEqual(plane.x.max);
        expect(y).toBeGreaterThanOrEqual(plane.y.min * (1 - 1e-12));
        expect(y).toBeLessThanOrEqual(plane.y.max);
      }
    }
  });

  test("uses the multipliers that a single vector gets", () => {
    const [peak] = board.peaks;
    const narrow = { ...board, peaks: [{ ...peak!, oneVectorPerSecond: 1e12 }] };
    expect(roofOf(narrow, 8, true).operationsPerSecond).toBe(1e12);
    expect(roofOf(narrow, 8, false).operationsPerSecond).toBe(peak!.operationsPerSecond);
    expect(roofOf(board, 8, true).operationsPerSecond).toBe(peak!.operationsPerSecond);
  });
});

test("a format's word comes apart and together again", () => {
  for (const word of ["w16", "w4", "w4g128", "w4g32s16", "w8s4"]) {
    expect(formatWord(formatParts(word))).toBe(word);
  }
  expect(formatWord({ ...formatParts("w4g32s16"), bits: "16" })).toBe("w16");
});

test("names beside each other are spread as little as they must", () => {
  const bounds = { least: 0, most: 100 };
  expect(spread([10, 40, 90], 15, bounds)).toEqual([10, 40, 90]);
  expect(spread([50, 50, 98], 15, bounds)).toEqual([35, 50, 98]);
  expect(spread([5, 0, 8], 10, bounds)).toEqual([10, 0, 20]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 8 }), (asked) => {
      const places = spread(asked, 10, bounds);
      const sorted = [...places].sort((a, b) => a - b);
      sorted.forEach((place, i) => {
        expect(place).toBeGreaterThanOrEqual(-1e-9);
        expect(place).toBeLessThanOrEqual(100 + 1e-9);
        if (i > 0) expect(place - sorted[i - 1]!).toBeGreaterThanOrEqual(10 - 1e-9);
      });
    }),
  );
});
