import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, type TestContext, test } from "vitest";
import { renderRooflineReport, writeRooflineReport } from "../../src/report/html.ts";
import type { RooflineReportData } from "../../src/report/roofline-data.ts";
import { DESKTOP, type OpenReport, PHONE, useBrowser } from "./browser.ts";
import { rooflineFixture } from "./roofline-fixture.ts";
import { expectComparison, follow, plain, predictions, settled, tableValues } from "./roofline-page.ts";

const open = useBrowser();

const openReport = (
  ctx: TestContext,
  options: BrowserContextOptions = DESKTOP,
  data = rooflineFixture(),
): Promise<OpenReport> => open(ctx, options, renderRooflineReport(data));

describe("the document", () => {
  const html = renderRooflineReport(rooflineFixture());

  test("allows exactly the script and the style that stand in it, and names no other file", () => {
    const hash = (tag: string): string => {
      const [, content = ""] = new RegExp(`<${tag}>([\\s\\S]*?)</`).exec(html) ?? [];
      return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
    };
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hash('script type="module"')}`,
      `style-src ${hash("style")}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html).not.toMatch(/@import|url\((?!#)|<script[^>]+src=/);
  });

  test("is the same for the same data, holds no path of this machine, and is written as rendered", async () => {
    expect(renderRooflineReport(rooflineFixture())).toBe(html);
    expect(html).not.toContain(process.cwd());
    const folder = await mkdtemp(join(tmpdir(), "accel-report-"));
    try {
      await writeRooflineReport(join(folder, "report.html"), rooflineFixture());
      expect(await readFile(join(folder, "report.html"), "utf8")).toBe(html);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("refuses numbers that are not finite and names that stand for nothing or for two", () => {
    const data = rooflineFixture();
    const entry = data.entries[0]!;
    expect(() => renderRooflineReport({ ...data, bandwidth: Number.NaN })).toThrow('"bandwidth" is NaN');
    expect(() => renderRooflineReport({ ...data, entries: [{ ...entry, device: "nobody" }] })).toThrow(
      '"nobody"',
    );
    expect(() => renderRooflineReport({ ...data, devices: [...data.devices, data.devices[0]!] })).toThrow(
      '"gpu" twice',
    );
  });
});

describe.each([
  ["a desktop", DESKTOP],
  ["a phone", PHONE],
  ["a desktop in the dark", { ...DESKTOP, colorScheme: "dark" as const }],
])("on %s", (_, options) => {
  test("draws everything, asks nothing of the network, and fits", async (ctx) => {
    const { page, complaints } = await openReport(ctx, options);
    expect(await page.title()).toBe("llama-2-7b on gpu and board · accel");
    for (const [selector, count] of [
      ["#comparison-table tbody tr", 3],
      ["#chart-entries input", 3],
      ["#chart-parts input", 4],
      ["#chart line.roof:not(.reached):not(.other)", 4],
      ["#chart line.reached", 4],
      ["#time-bars .bar", 3],
      ["#bytes-bars .bar", 3],
      ["#memory-table tbody tr", 3],
      ["#operations-table tbody tr", predictions()[0]!.decode.operations.length],
      ["#devices-table tbody tr", 2],
    ] as const)
      expect(await page.locator(selector).count(), selector).toBe(count);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
    expect(complaints).toEqual([]);
  });
});

describe("what is not understood", () => {
  test("changes nothing, and is told in a sentence at its field", async (ctx) => {
    const { page } = await openReport(ctx);
    for (const [id, word, sentence] of [
      ["context", "0", "The context is a whole number from 1 to"],
      ["bandwidth", "100", "The bandwidth's factor is a number from"],
      ["all-sparsity", "2:3", 'Sparsity "2:3" is not understood: write dense'],
      ["entry-0-weights", "w7", 'Weights "w7" ask for 7 bits: choose'],
      ["entry-2-sparsity", "many", 'Sparsity "many" is not understood'],
    ] as const) {
      await page.fill(`#${id}`, word);
      await settled(page);
      expect(await page.locator(`#${id}-error`).innerText(), id).toContain(sentence);
      expect(await page.getAttribute(`#${id}`, "aria-invalid"), id).toBe("true");
    }
    await expectComparison(page, predictions());
    await page.fill("#context", "512");
    await settled(page);
    expect(await page.locator("#context-error").innerText()).toBe("");
    await expectComparison(page, predictions({ scenario: { context: 512 } }));
    await page.click("#reset");
    expect(await page.locator(".error:not(:empty)").count()).toBe(0);
    expect(await page.inputValue("#entry-0-weights")).toBe("w16");
  });

  test("of a link is told at the top, and the rest of the link holds", async (ctx) => {
    const { page } = await openReport(ctx);
    await follow(page, "batch=0&context=64&entry=0 w4 dense nobody&shape=%3Cb%3E");
    const told = await page.locator("#link-problems").innerText();
    expect(told).toContain('The batch is a whole number from 1 to 65536, not "0".');
    expect(told).toContain('the device "nobody"');
    expect(told).toContain('the model "<b>"');
    await expectComparison(page, predictions({ scenario: { context: 64 } }));
  });

  test("a device that cannot take part says why, beside those that can", async (ctx) => {
    const { page, complaints } = await openReport(ctx);
    await page.selectOption("#entry-0-device", "chip");
    await page.fill("#tensor-parallel", "2");
    await settled(page);
    const row = page.locator("#comparison-table tbody tr");
    expect(await row.first().innerText()).toContain("chip has no link");
    expect(await row.nth(1).innerText()).toContain("yes");
    expect(await page.locator("#operations-entry option").count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});

describe("the chart", () => {
  const counts = async (page: Page): Promise<number> => await page.locator("#chart .point").count();

  test("switches steps, entries and parts, and moves no axis", async (ctx) => {
    const { page } = await openReport(ctx);
    const ticks = (): Promise<string[]> => page.locator("#chart .tick").allTextContents();
    const axes = await ticks();
    const first = await page.locator("#chart .point").first().getAttribute("transform");
    const all = await counts(page);

    await page.locator('#roofline input[value="prefill"]').check();
    expect(await page.locator("#chart .point").first().getAttribute("transform")).not.toBe(first);
    expect(await page.locator("[data-step-name]").allInnerTexts()).toEqual(Array(5).fill("prefill"));
    expect(await page.locator('#operations input[value="prefill"]').isChecked()).toBe(true);
    expect(await ticks()).toEqual(axes);
    await page.locator('#bytes input[value="decode"]').check();

    await page.locator("#chart-entries input").first().uncheck();
    const without = await counts(page);
    expect(without).toBeLessThan(all);
    expect(await page.locator("#chart line.reached").count()).toBe(4);
    await page.locator("#chart-entries input").nth(1).uncheck();
    expect(await page.locator("#chart line.reached").count()).toBe(2);
    await page.locator("#chart-entries input").first().check();
    await page.locator("#chart-entries input").nth(1).check();
    for (const part of await page.locator("#chart-parts input").all()) await part.uncheck();
    expect(await counts(page)).toBe(0);
    await page.locator("#chart-parts label", { hasText: "head" }).locator("input").check();
    expect(await counts(page)).toBe(6);
    expect(await ticks()).toEqual(axes);
  });

  test("has each point where its operation belongs, and says which have no place", async (ctx) => {
    const { page } = await openReport(ctx);
    const [prediction] = predictions();
    /** Px at which a value stands between two named ones. */
    const between = async (
      axis: "x" | "y",
      names: readonly string[],
      values: readonly number[],
      value: number,
    ) => {
      const [low, high] = await Promise.all(
        names.map(async (name) => {
          const line = page.locator("#chart .tick").filter({ hasText: new RegExp(`^${name}$`) });
          return Number(await line.getAttribute(axis));
        }),
      );
      return low! + ((high! - low!) * Math.log(value / values[0]!)) / Math.log(values[1]! / values[0]!);
    };
    for (const name of ["q", "attention", "head"]) {
      const one = prediction!.decode.operations.find(({ operation }) => operation.name === name)!;
      const point = page.locator(`#chart .point[aria-label^="${name}, Example GPU 80 GB w16:"]`);
      const place = /translate\(([\d.]+) ([\d.]+)\)/.exec((await point.getAttribute("transform"))!);
      expect(Number(place?.[1])).toBeCloseTo(await between("x", ["1", "100"], [1, 100], one.intensity!), 6);
      const y = await between("y", ["1.Top/s", "100.Top/s"], [1e12, 1e14], one.operations / one.seconds);
      // The foot of a tick's letters stands 4 px below its line.
      expect(Number(place?.[2])).toBeCloseTo(y - 4, 6);
    }
    const unplaced = prediction!.decode.operations.filter(({ intensity }) => intensity === null);
    expect(unplaced.length).toBeGreaterThan(0);
    const note = await page.locator("#chart-note").innerText();
    for (const { operation } of unplaced) expect(note).toContain(operation.name);
    expect(note).not.toContain("gate");
  });

  test("tells of the operation under the pointer, and of the one that has the focus", async (ctx) => {
    const { page } = await openReport(ctx);
    const tooltip = page.locator("#tooltip");
    const point = page.locator('#chart .point[aria-label^="head, Example FPGA"]');
    await point.scrollIntoViewIfNeeded();
    await settled(page);
    const box = (await point.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await tooltip.waitFor({ state: "visible" });
    const text = plain(await tooltip.innerText());
    expect(text).toContain("head · Example FPGA with HBM w4g128 2:4");
    expect(text).toMatch(/bound\s+memory: HBM2/);
    expect(text).toMatch(/intensity\s+\d/);
    await page.mouse.move(2, 2);
    await tooltip.waitFor({ state: "hidden" });

    await page.locator('#chart .point[tabindex="0"]').focus();
    await tooltip.waitFor({ state: "visible" });
    const first = await tooltip.innerText();
    await page.keyboard.press("ArrowRight");
    expect(await tooltip.innerText()).not.toBe(first);
    await page.keyboard.press("ArrowLeft");
    expect(await tooltip.innerText()).toBe(first);
    await page.keyboard.press("Escape");
    expect(await tooltip.isVisible()).toBe(false);
  });
});

describe("tables", () => {
  /** Cells of a CSV without quotes in them. */
  const cells = (csv: string): string[][] =>
    csv
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));

  test("copy as CSV in full precision, with units", async (ctx) => {
    const { page } = await openReport(ctx, {
      ...DESKTOP,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.getByRole("button", { name: "Copy the comparison as CSV" }).click();
    await page.locator("#comparison-table .said", { hasText: "Copied" }).waitFor();
    const [head, ...rows] = cells(await page.evaluate<string>("navigator.clipboard.readText()"));
    expect(head!.slice(0, 3)).toEqual(["device", "weights", "sparsity"]);
    const at = (title: string): number[] => rows.map((row) => Number(row[head!.indexOf(title)]));
    const expected = predictions();
    expect(at("time per token [s]")).toEqual(expected.map(({ decode }) => decode.seconds));
    expect(at("± time per token [s]")).toEqual(expected.map(({ decode }) => decode.uncertaintySeconds));
    expect(at("missing [B]")).toEqual(expected.map(({ missingBytes }) => missingBytes));
    expect(rows.map((row) => row.slice(0, 3))).toEqual(
      rooflineFixture().entries.map(({ device, weights, sparsity }) => [device, weights, sparsity]),
    );
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head!.length]));
  });

  test("where copying is not allowed, the text appears selected", async (ctx) => {
    const { page, complaints } = await openReport(ctx);
    await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"))`);
    await page.getByRole("button", { name: "Copy the operations as CSV" }).click();
    const area = page.locator("#operations-table textarea");
    await area.waitFor({ state: "visible" });
    const text = await area.inputValue();
    const { operations } = predictions()[0]!.decode;
    const [head, ...rows] = text.trimEnd().split("\n");
    expect(head).toMatch(/^operation,part,runs,operations \[op\],weights \[B\]/);
    expect(rows.map((row) => row.split(",")[0])).toEqual(operations.map(({ operation }) => operation.name));
    expect(await page.evaluate<string>("document.getSelection().toString()")).toBe(text);
    expect(complaints).toEqual([]);
  });

  test("sort by a click: down, up, and as they were", async (ctx) => {
    const { page } = await openReport(ctx);
    const names = (): Promise<string[]> => page.locator("#operations-table tbody th").allInnerTexts();
    const before = await names();
    const button = page.locator("#operations-table thead button", { hasText: /^time$/ });
    const times = async (): Promise<number[]> =>
      (await tableValues(page, "operations-table")).map((row) => row.time!);
    await button.click();
    const down = await times();
    expect(down).toEqual([...down].sort((a, b) => b - a));
    await button.click();
    expect(await times()).toEqual([...down].sort((a, b) => a - b));
    await page.keyboard.press("Enter");
    expect(await names()).toEqual(before);
  });
});

test("names out of a hostile file stay names", async (ctx) => {
  const hostile = `</script><img src=x onerror="document.title='taken'">`;
  const data = rooflineFixture();
  const named: RooflineReportData = {
    ...data,
    title: hostile,
    shape: { ...data.shape, name: hostile },
    devices: data.devices.map((device, i) =>
      i === 0
        ? { ...device, name: hostile, title: hostile, kernel: { ...device.kernel, origin: hostile } }
        : device,
    ),
    entries: data.entries.map((entry) => (entry.device === "gpu" ? { ...entry, device: hostile } : entry)),
    notes: [hostile],
  };
  const { page, complaints } = await openReport(ctx, DESKTOP, named);
  await page.fill("#batch", "2");
  await settled(page);
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.title()).toBe(`${hostile} · accel`);
  expect(await page.locator("#title").innerText()).toBe(hostile);
  const command = await page.locator("#command").innerText();
  expect(command).toContain(`--model '</script><img src=x onerror="document.title='\\''taken'\\''">'`);
  await page.selectOption("#entry-0-device", "board");
  await settled(page);
  await page.reload();
  expect(await page.locator("#link-problems").innerText()).toBe("");
  expect(complaints).toEqual([]);
});

test("prints on a few sheets what is shown, without controls", async (ctx) => {
  const { page, complaints } = await openReport(ctx);
  await page.locator('#roofline input[value="prefill"]').check();
  await page.fill("#bandwidth", "2");
  await settled(page);
  await page.emulateMedia({ media: "print" });
  for (const selector of ["#what-if", ".segments", ".buttons", "nav", "#operations-entry"])
    for (const one of await page.locator(selector).all()) expect(await one.isVisible(), selector).toBe(false);
  expect(plain(await page.locator("#operations-heading").innerText())).toContain(
    "Operations of prefill on Example GPU 80 GB w16",
  );
  expect(await page.locator("#assumed").isVisible()).toBe(true);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeLessThanOrEqual(6);
  expect(complaints).toEqual([]);
});

test("a link to a section leaves what is assumed in the address", async (ctx) => {
  const { page } = await openReport(ctx);
  await page.fill("#batch", "2");
  await settled(page);
  await page.click('nav a[href="#devices"]');
  expect(await page.evaluate("location.hash")).toBe("#batch=2");
  expect(await page.evaluate("document.activeElement.id")).toBe("devices");
});

test("nothing beside the controls moves when one of them does", async (ctx) => {
  const { page } = await openReport(ctx);
  const places = async (): Promise<unknown[]> =>
    await Promise.all(
      ["#batch", "#comparison-heading", "#chart", "#time-bars"].map(
        async (selector) => (await page.locator(selector).boundingBox())?.y,
      ),
    );
  const before = await places();
  await page.fill("#bandwidth", "2");
  await page.selectOption("#keys-and-values", "4");
  await page.selectOption("#entry-2-device", "chip");
  await page.evaluate("scrollTo(0, 0)");
  await settled(page);
  expect(await places()).toEqual(before);
});

test("focus stays where it is while numbers change", async (ctx) => {
  const { page } = await openReport(ctx);
  await page.focus("#chart-parts input");
  await page.keyboard.press("Space");
  expect(await page.evaluate("document.activeElement.dataset.key")).toBe("part-embedding");
  await page.locator("#context").click();
  await page.keyboard.press("End");
  await page.keyboard.type("0");
  await settled(page);
  expect(await page.evaluate("document.activeElement.id")).toBe("context");
  await expectComparison(page, predictions({ scenario: { context: 20480 } }));
});
