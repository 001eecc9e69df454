import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { describe, expect, type TestContext, test } from "vitest";
import { renderRooflineReport } from "../../src/report/html.ts";
import type { ReportEntry } from "../../src/report/roofline-data.ts";
import type { GenerationPrediction } from "../../src/roofline/predict/generation-prediction.ts";
import { TRAFFIC_SOURCES } from "../../src/roofline/workload/operation.ts";
import { COMMAND_LINE } from "../support/command-line.ts";
import { DESKTOP, type OpenReport, useBrowser } from "./browser.ts";
import { rooflineFixture } from "./roofline-fixture.ts";
import {
  type Change,
  expectComparison,
  follow,
  plain,
  predictions,
  settled,
  tableValues,
} from "./roofline-page.ts";

const open = useBrowser();
const run = promisify(execFile);

const openReport = (ctx: TestContext): Promise<OpenReport> =>
  open(ctx, DESKTOP, renderRooflineReport(rooflineFixture()));

describe("the numbers", () => {
  test("are those of the prediction, to the last bit, before any control is moved", async (ctx) => {
    const { page } = await openReport(ctx);
    await expectComparison(page, predictions());
    expect(await page.evaluate("location.hash")).toBe("");
    expect(await page.locator("#comparison-table .change").allInnerTexts()).toEqual(
      Array(3 * 8).fill("\u00a0"),
    );
  });

  const all = (change: Partial<ReportEntry>): ReportEntry[] =>
    rooflineFixture().entries.map((entry) => ({ ...entry, ...change }));

  const CONTROLS: readonly (readonly [string, (page: Page) => Promise<unknown>, Change])[] = [
    ["the model", (page) => page.selectOption("#shape", "experts"), { shape: "experts" }],
    ["the prompt", (page) => page.fill("#context", "777"), { scenario: { context: 777 } }],
    [
      "the prompt's slider",
      async (page) => {
        await page.focus("#context-slider");
        await page.keyboard.press("ArrowRight");
      },
      { scenario: { context: 4096 } },
    ],
    ["the batch", (page) => page.fill("#batch", "6"), { scenario: { batch: 6 } }],
    ["the answer", (page) => page.fill("#new-tokens", "5"), { scenario: { newTokens: 5 } }],
    ["devices that share", (page) => page.fill("#tensor-parallel", "4"), { scenario: { tensorParallel: 4 } }],
    ["the bandwidth", (page) => page.fill("#bandwidth", "1.75"), { bandwidth: 1.75 }],
    [
      "the bandwidth's slider",
      async (page) => {
        await page.focus("#bandwidth-slider");
        await page.keyboard.press("Home");
      },
      { bandwidth: 0.25 },
    ],
    [
      "bits of all",
      (page) => page.selectOption("#all-bits", "8"),
      {
        entries: [
          { device: "gpu", weights: "w8", sparsity: "dense" },
          { device: "gpu", weights: "w8g128", sparsity: "2:4" },
          { device: "board", weights: "w8g128", sparsity: "2:4" },
        ],
      },
    ],
    [
      "the group of all",
      (page) => page.selectOption("#all-group", "64"),
      {
        entries: [
          { device: "gpu", weights: "w16", sparsity: "dense" },
          { device: "gpu", weights: "w4g64", sparsity: "2:4" },
          { device: "board", weights: "w4g64", sparsity: "2:4" },
        ],
      },
    ],
    [
      "the sparsity of all",
      (page) => page.fill("#all-sparsity", "n:16@0.25"),
      { entries: all({ sparsity: "n:16@0.25" }) },
    ],
    [
      "keys and values",
      (page) => page.selectOption("#keys-and-values", "4"),
      { scenario: { keysAndValuesBits: 4 } },
    ],
    ["activations", (page) => page.selectOption("#activations", "8"), { scenario: { activationBits: 8 } }],
    [
      "attention",
      (page) => page.selectOption("#flash-attention", "off"),
      { scenario: { flashAttention: false } },
    ],
    [
      "a device",
      (page) => page.selectOption("#entry-0-device", "board"),
      {
        entries: rooflineFixture().entries.map((entry, i) =>
          i === 0 ? { ...entry, device: "board" } : entry,
        ),
      },
    ],
    [
      "a format",
      (page) => page.fill("#entry-1-weights", "w3g32s16"),
      {
        entries: rooflineFixture().entries.map((entry, i) =>
          i === 1 ? { ...entry, weights: "w3g32s16" } : entry,
        ),
      },
    ],
    [
      "a pattern",
      (page) => page.fill("#entry-2-sparsity", "4:16"),
      {
        entries: rooflineFixture().entries.map((entry, i) =>
          i === 2 ? { ...entry, sparsity: "4:16" } : entry,
        ),
      },
    ],
    [
      "one device less",
      (page) => page.locator(".remove").first().click(),
      {
        entries: rooflineFixture().entries.slice(1),
      },
    ],
    [
      "one device more",
      async (page) => {
        await page.selectOption("#add-device", "chip");
        await page.click("#add");
      },
      { entries: [...rooflineFixture().entries, { device: "chip", weights: "w4g128", sparsity: "2:4" }] },
    ],
  ];

  test("follow every control, and come back", async (ctx) => {
    const { page, complaints } = await openReport(ctx);
    const links = new Set<string>();
    for (const [name, move, change] of CONTROLS) {
      await move(page);
      await settled(page);
      await expectComparison(page, predictions(change), name);
      links.add(await page.evaluate<string>("location.hash"));
      await page.click("#reset");
      expect(await page.evaluate("location.hash"), name).toBe("");
    }
    await expectComparison(page, predictions());
    expect(links.size).toBe(CONTROLS.length);
    expect(complaints).toEqual([]);
  });

  test("are found again by a link, which the same page or a new one opens", async (ctx) => {
    const { page, complaints } = await openReport(ctx);
    await page.selectOption("#shape", "experts");
    await page.fill("#batch", "6");
    await page.fill("#bandwidth", "1.75");
    await page.selectOption("#flash-attention", "off");
    await page.fill("#entry-1-weights", "w3g32s16");
    await page.locator(".remove").first().click();
    await settled(page);
    const expected = predictions({
      shape: "experts",
      scenario: { batch: 6, flashAttention: false },
      bandwidth: 1.75,
      entries: [{ ...rooflineFixture().entries[1]!, weights: "w3g32s16" }, rooflineFixture().entries[2]!],
    });
    await expectComparison(page, expected);
    const link = await page.evaluate<string>("location.hash");
    await page.reload();
    await expectComparison(page, expected);
    expect(await page.evaluate("location.hash")).toBe(link);
    await follow(page, "batch=3");
    await expectComparison(page, predictions({ scenario: { batch: 3 } }));
    expect(await page.inputValue("#batch")).toBe("3");
    expect(await page.inputValue("#bandwidth")).toBe("1");
    expect(complaints).toEqual([]);
  });

  test("of the operations, of both steps, are the prediction's", async (ctx) => {
    const { page } = await openReport(ctx);
    for (const step of ["decode", "prefill"] as const) {
      await page.locator(`#operations input[value="${step}"]`).check();
      for (const [i, prediction] of predictions().entries()) {
        await page.selectOption("#operations-entry", String(i));
        const rows = await tableValues(page, "operations-table");
        const { operations, seconds } = prediction[step];
        expect(rows.map((row) => [row.runs, row.operations, row.bytes, row.time, row.share])).toEqual(
          operations.map((one) => [
            one.operation.repeat,
            one.operations,
            one.bytes,
            one.seconds,
            one.seconds / seconds,
          ]),
        );
        const sources = rows.map((row) =>
          ["weights", "scales", "indices", "activations", "keys and values", "program"].reduce(
            (sum, source) => sum + (row[source] ?? 0),
            0,
          ),
        );
        operations.forEach(({ operation, time }, at) => {
          const moved = TRAFFIC_SOURCES.reduce(
            (sum, source) => sum + operation.repeat * time.moved[source],
            0,
          );
          expect(sources[at]).toBeCloseTo(moved, 3);
        });
      }
    }
  });

  test("of memory and energy are the prediction's", async (ctx) => {
    const { page } = await openReport(ctx);
    for (const step of ["decode", "prefill"] as const) {
      await page.locator(`#memory input[value="${step}"]`).check();
      const rows = await tableValues(page, "memory-table");
      expect(rows.map((row) => Object.values(row).slice(1))).toEqual(
        predictions().map(({ [step]: { footprint, residency, missingBytes, joules } }) => [
          footprint.weights,
          footprint.keysAndValues,
          footprint.activations,
          missingBytes,
          residency.weights,
          residency.keysAndValues,
          residency.activations ? 1 : 0,
          joules,
        ]),
      );
    }
  });

  test("say by how much they differ from the report's", async (ctx) => {
    const { page } = await openReport(ctx);
    await page.fill("#bandwidth", "2");
    await settled(page);
    expect(await page.locator("#assumed").isVisible()).toBe(true);
    const [before] = predictions();
    const [after] = predictions({ bandwidth: 2 });
    const share = after!.decode.seconds / before!.decode.seconds - 1;
    expect(share).toBeLessThan(-0.3);
    const cell = page.locator("#comparison-table tbody tr").first().locator("td").nth(2);
    expect(plain(await cell.locator(".change").innerText())).toBe(`−${(-100 * share).toFixed(1)} %`);
    expect(await cell.locator(".change").getAttribute("class")).toBe("change better");
    expect(await page.locator("#facts").innerText()).toContain("×2");
  });
});

test("the page of the command line says the command line's numbers, to the last bit", async (ctx) => {
  const folder = await mkdtemp(join(tmpdir(), "accel-report-"));
  try {
    const path = join(folder, "report.html");
    const options = [
      ...["--model", "tinyllama-1.1b", "--device", "a100-80g,u280,up5k", "--weights", "w16,w4g128"],
      ...[
        "--sparsity",
        "dense,2:4",
        "--context",
        "300",
        "--tokens",
        "4",
        "--batch",
        "3",
        "--bandwidth",
        "1.5",
      ],
    ];
    const command = [process.execPath, ...COMMAND_LINE, "roofline", ...options];
    const { stdout } = await run(command[0]!, [...command.slice(1), "--json", "--report", path], {
      maxBuffer: 1 << 26,
    });
    const { entries }: { entries: { device: string; prediction: GenerationPrediction }[] } =
      JSON.parse(stdout);
    expect(entries).toHaveLength(12);
    const { page, complaints } = await open(ctx, DESKTOP, await readFile(path, "utf8"));
    await expectComparison(
      page,
      entries.map(({ prediction }) => prediction),
    );
    // One command line stands for all entries, and is the one that wrote the page.
    const shown = (await page.locator("#command").innerText()).split(" ").sort();
    expect(shown).toEqual(["accel", "roofline", ...options, "--kv", "8"].sort());
    expect(complaints).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
