import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, type TestContext, test } from "vitest";
import type { BuildReportData } from "../../src/report/build-data.ts";
import { renderBuildReport, writeBuildReport } from "../../src/report/html.ts";
import { DESKTOP, type OpenReport, PHONE, useBrowser } from "./browser.ts";
import { buildFixture } from "./build-fixture.ts";

const open = useBrowser();

const openReport = (
  ctx: TestContext,
  options: BrowserContextOptions,
  data = buildFixture(),
): Promise<OpenReport> => open(ctx, options, renderBuildReport(data));

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).innerText()).replaceAll("\u00a0", " ");

describe("the document", () => {
  const html = renderBuildReport(buildFixture());

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
    const links = [...html.matchAll(/\b(?:src|href|action)\s*=\s*"([^"]*)"/g)].map(([, target]) => target);
    expect(links.filter((target) => !target?.startsWith("#"))).toEqual([]);
    expect(html).not.toMatch(/@import|url\(/);
  });

  test("is the same for the same data, and is written as rendered", async () => {
    expect(renderBuildReport(buildFixture())).toBe(html);
    const folder = await mkdtemp(join(tmpdir(), "accel-report-"));
    try {
      await writeBuildReport(join(folder, "report.html"), buildFixture());
      expect(await readFile(join(folder, "report.html"), "utf8")).toBe(html);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("refuses a number that is not finite, by name", () => {
    const data = buildFixture();
    const headline = { ...data.headline, reachedMHz: Number.POSITIVE_INFINITY };
    expect(() => renderBuildReport({ ...data, headline })).toThrow('"reachedMHz" is Infinity');
  });
});

describe.each([
  ["a desktop", DESKTOP],
  ["a phone", PHONE],
  ["a desktop in the dark", { ...DESKTOP, colorScheme: "dark" as const }],
])("on %s", (_, options) => {
  test("draws everything, asks nothing of the network, and fits", async (ctx) => {
    const { page, complaints } = await openReport(ctx, options);
    expect(await page.title()).toBe("llama-tiny on iCEBreaker · accel");
    for (const [selector, count] of [
      [".card", 6],
      ["#resource-bars .bar", 2],
      ["#floorplan-map rect", 30],
      ["#units-table tbody tr", 3],
      ["#path-steps li", 4],
      ["#stage-list li", 3],
      ["#settings-list tr", 1],
      ["#tools-list tr", 3],
    ] as const)
      expect(await page.locator(selector).count(), selector).toBe(count);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
    expect(complaints).toEqual([]);
  });
});

test("the page says the figures of the data", async (ctx) => {
  const { page } = await openReport(ctx, DESKTOP);
  const text = await textOf(page, "main");
  expect(text).toContain("takes 78.1 % of the logic cells, and reaches 27.6 MHz");
  expect(text).toContain("101 tokens/s are expected: 237,002 cycles a token");
  expect(text).toContain("24 MHz asked: +14.9 %");
  expect(text).toContain("seed 1, the best of 2");
  expect(text).toContain("36.3 ns of the 41.7 ns between two edges");
  expect(text).toContain("0123456789ab");
  expect(text).not.toContain("0123456789abc");
  expect(await textOf(page, "#units-table tfoot")).toMatch(/^total\s+150\s+2\s+1\s+–\s+36\.3\s+27\.6$/);
  expect(await page.locator("#path-steps .name").allInnerTexts()).toEqual([
    "part.device.decoder.sequencer.word",
    "part.device.decoder.matrix.unit.row",
    "setup",
    "left over",
  ]);
  expect(await page.locator("#path-steps .number").allInnerTexts()).toEqual(
    ["+1.4", "1.4 ns", "+34.4", "35.8 ns", "+0.5", "36.3 ns", "+5.4", "41.7 ns"].map((one) =>
      one.replace(" ", "\u00a0"),
    ),
  );
});

test("a clock that is missed raises its voice", async (ctx) => {
  const data = buildFixture();
  const headline = { ...data.headline, reachedMHz: 23.9 };
  const { page } = await openReport(ctx, DESKTOP, { ...data, headline });
  expect(await textOf(page, ".card.alarm .figure")).toBe("23.9 MHz reached");
});

test("a limit of the data sheet is told where it is lower than the paths'", async (ctx) => {
  const data = buildFixture();
  const { page } = await openReport(ctx, DESKTOP, data);
  expect(await textOf(page, "#cards")).not.toContain("limited by");
  const headline = { ...data.headline, reachedMHz: 25, limitedBy: "the data sheet's limit of SPRAM" };
  const { page: other } = await openReport(ctx, DESKTOP, { ...data, headline });
  expect(await textOf(other, "#cards")).toContain("limited by the data sheet's limit of SPRAM");
});

test("a design without paths says what limits it, and a path between two edges what it has of the period", async (ctx) => {
  const data = buildFixture();
  const { page } = await openReport(ctx, DESKTOP, { ...data, criticalPath: null });
  expect(await textOf(page, "#path-caption")).toContain("Limited by the path a -> b");
  expect(await page.locator(".card").count()).toBe(5);
  const criticalPath = { period: 40, delay: 20, steps: data.criticalPath?.steps.slice(0, 1) ?? [] };
  const { page: half } = await openReport(ctx, DESKTOP, { ...data, criticalPath });
  expect(await textOf(half, "#path-caption")).toContain("half of the time");
  expect((await half.locator("#path-steps .number").allInnerTexts()).at(-1)).toBe("20.8\u00a0ns");
});

describe("the floorplan", () => {
  /** Colour and opacity of the tile at this place of the fixture's part. */
  const paintOf = (page: Page, x: number, y: number): Promise<readonly [string, string]> =>
    page.evaluate(`(() => {
      const data = JSON.parse(document.getElementById("data").textContent);
      const index = data.floorplan.sites.findIndex((site) => site.x === ${x} && site.y === ${y});
      const { fill, fillOpacity } = document.querySelector('[data-site="' + index + '"]').style;
      return [fill, fillOpacity];
    })()`);

  test("colours each tile by its unit, paler where it is partly empty, and has row 0 at the bottom", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    expect((await paintOf(page, 0, 0))[0]).toBe("var(--series-1)");
    expect((await paintOf(page, 1, 0))[0]).toBe("var(--series-2)");
    expect(await paintOf(page, 2, 0)).toEqual(["var(--series-3)", "1"]);
    expect(await paintOf(page, 0, 5)).toEqual(["var(--idle)", "1"]);
    expect(Number((await paintOf(page, 0, 0))[1])).toBeLessThan(Number((await paintOf(page, 3, 0))[1]));
    const lowest = await page
      .locator("#floorplan-map rect")
      .evaluateAll((rects) => Math.max(...rects.map((rect) => Number(rect.getAttribute("y")))));
    expect(lowest).toBe(5);
  });

  test("tells of the tile under the pointer, and at a tap", async (ctx) => {
    for (const options of [DESKTOP, PHONE]) {
      const { page, complaints } = await openReport(ctx, options);
      await page.locator("#floorplan-map").scrollIntoViewIfNeeded();
      await page.waitForTimeout(100);
      const box = await page.locator("#floorplan-map svg").boundingBox();
      if (box === null) throw new Error("the floorplan is not shown");
      const [x, y] = [box.x + (3.5 / 6) * box.width, box.y + (5.5 / 6) * box.height];
      if (options === PHONE) await page.touchscreen.tap(x, y);
      else await page.mouse.move(x, y);
      const tooltip = page.locator("#tooltip");
      await tooltip.waitFor({ state: "visible" });
      const text = (await tooltip.innerText()).replaceAll("\u00a0", " ");
      expect(text).toMatch(/^X3 Y0, logic: memories/);
      expect(text).toMatch(/words\s+5 cells/);
      expect(complaints).toEqual([]);
    }
  });

  test("shows a unit alone while the pointer is on its row", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const before = await paintOf(page, 0, 0);
    await page.hover("#units-table tr:has-text('matrix unit')");
    expect((await paintOf(page, 0, 0))[0]).toBe("var(--idle)");
    expect((await paintOf(page, 1, 0))[0]).toBe("var(--series-2)");
    await page.mouse.move(2, 2);
    expect(await paintOf(page, 0, 0)).toEqual(before);
  });
});

test("units with parts unfold, one or all, and the focus stays", async (ctx) => {
  const { page } = await openReport(ctx, DESKTOP);
  const rows = page.locator("#units-table tbody tr");
  await page.click("#units-table .fold");
  expect(await rows.count()).toBe(5);
  expect(await page.evaluate("document.activeElement.textContent")).toBe("matrix unit");
  await page.keyboard.press("Enter");
  expect(await rows.count()).toBe(3);
  await page.click("#unfold-units");
  expect(await page.locator("#units-table .member > :first-child").allInnerTexts()).toEqual([
    "matrix",
    "matrix.unit",
  ]);
});

test("prints on a few sheets, without buttons of its own", async (ctx) => {
  const { page } = await openReport(ctx, DESKTOP);
  const pdf = await page.pdf({ format: "A4" });
  const sheets = pdf.toString("latin1").match(/\/Type \/Page\b(?!s)/g)?.length;
  expect(sheets).toBeGreaterThanOrEqual(1);
  expect(sheets).toBeLessThanOrEqual(4);
  await page.emulateMedia({ media: "print" });
  expect(await page.locator("#unfold-units").isVisible()).toBe(false);
});

test("hostile names are text and nothing else", async (ctx) => {
  const script = "</script><script>globalThis.pwned = 1</script>";
  const image = '<img src="x" onerror="globalThis.pwned = 1">';
  const other = '"><svg onload=globalThis.pwned=1>\u202e\u0000\u2028';
  const fixture = buildFixture();
  const figures = { ...fixture.groups[1]!, name: "__proto__", about: image };
  const data: BuildReportData = {
    ...fixture,
    title: {
      model: script,
      board: image,
      machine: other,
      machineSummary: script,
      part: image,
      compression: other,
    },
    headline: { ...fixture.headline, limitedBy: script },
    resources: fixture.resources.map((one, i) => ({ ...one, name: i === 0 ? script : "constructor" })),
    groups: fixture.groups.map((one, i) => ({
      ...one,
      name: [script, image, other][i] ?? "",
      members: one.members.map(() => figures),
    })),
    criticalPath: { period: 1, delay: 1, steps: [{ signal: script, arrival: 1, group: 0 }] },
    floorplan: {
      ...fixture.floorplan,
      sites: fixture.floorplan.sites.map((one) => ({ ...one, kind: image })),
    },
    stages: [{ name: script, by: image, about: other, files: [{ name: script, bytes: 1, sha256: image }] }],
    seeds: [{ seed: 1, clockMHz: null, why: image }],
    settings: [{ name: script, text: image }],
    tools: [{ name: other, text: script }],
  };
  const { page, complaints } = await openReport(ctx, DESKTOP, data);
  await page.click("#unfold-units");
  await page.hover("#floorplan-map rect >> nth=4");
  await page.locator("#tooltip").waitFor({ state: "visible" });
  expect(await page.evaluate("typeof globalThis.pwned")).toBe("undefined");
  expect(await page.evaluate("[document.images.length, document.querySelectorAll('svg').length]")).toEqual([
    0, 1,
  ]);
  expect(await page.evaluate("document.scripts.length")).toBe(2);
  expect(await page.title()).toContain(script);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(DESKTOP.viewport.width);
  expect(complaints).toEqual([]);
});
