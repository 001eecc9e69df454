import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, type TestContext, test } from "vitest";
import type { ReportData } from "../../src/report/data.ts";
import { renderReport } from "../../src/report/html.ts";
import { DESKTOP, type OpenReport, PHONE, useBrowser } from "./browser.ts";
import { reportFixture } from "./fixture.ts";

const open = useBrowser();

const openReport = (
  ctx: TestContext,
  options: BrowserContextOptions,
  data = reportFixture(),
): Promise<OpenReport> => open(ctx, options, renderReport(data));

/** Share of a canvas's pixels that are painted. */
async function paintedShare(page: Page, id: string): Promise<number> {
  return await page.evaluate<number>(`(() => {
    const canvas = document.getElementById(${JSON.stringify(id)});
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++;
    return painted / (data.length / 4);
  })()`);
}

/** The pixels of both canvases, to compare. */
async function canvasPixels(page: Page): Promise<readonly string[]> {
  return await page.evaluate<string[]>(
    `["roofline-chart", "timeline-canvas"].map((id) => document.getElementById(id).toDataURL())`,
  );
}

/** Waits until what was asked for is drawn. */
async function nextFrame(page: Page): Promise<void> {
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
}

/** The canvas brought into view: where it stands in the window. */
async function boxOf(
  page: Page,
  selector: string,
): Promise<{ x: number; y: number; width: number; height: number }> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  await nextFrame(page);
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  return box;
}

/** Where the roofline shows a linear operator, in px of its canvas. */
async function linearPoint(page: Page): Promise<{ x: number; y: number }> {
  return await page.evaluate<{ x: number; y: number }>(`(() => {
    const chart = Chart.getChart("roofline-chart");
    const linear = chart.data.datasets.findIndex(({ label }) => label === "linear");
    const { x, y } = chart.getDatasetMeta(linear).data.at(-1);
    return { x, y };
  })()`);
}

/** First and last cycle in view. */
async function windowOf(page: Page): Promise<{ start: number; end: number }> {
  await nextFrame(page);
  const text = await page.locator("#timeline-window").innerText();
  const [, start = "", end = ""] = /^cycles ([\d,]+) to ([\d,]+) of/.exec(text) ?? [];
  return { start: Number(start.replaceAll(",", "")), end: Number(end.replaceAll(",", "")) };
}

describe.each([
  ["a desktop", DESKTOP],
  ["a phone", PHONE],
  ["a desktop in the dark", { ...DESKTOP, colorScheme: "dark" as const }],
])("on %s", (_, options) => {
  test("draws everything, asks nothing of the network, and fits", async (ctx) => {
    const { page, complaints } = await openReport(ctx, options);
    expect(await page.title()).toBe("llama-tiny on up5k-flash · accel");
    expect(await paintedShare(page, "roofline-chart")).toBeGreaterThan(0.02);
    expect(await paintedShare(page, "timeline-canvas")).toBeGreaterThan(0.3);
    for (const [selector, least] of [
      [".card", 6],
      ["#bytes-bar .segment", 4],
      ["#utilisation-bars .bar", 5],
      ["#stalls-bars .bar", 4],
      ["#operators-table tbody tr", 18],
      ["#ladder li", 6],
    ] as const) {
      expect(await page.locator(selector).count(), selector).toBe(least);
    }
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
    expect(complaints).toEqual([]);
  });
});

describe("the summary", () => {
  test("says the figures of the data", async (ctx) => {
    const data = reportFixture();
    const { page } = await openReport(ctx, DESKTOP, data);
    const text = (await page.locator("main").innerText()).replaceAll("\u00a0", " ");
    expect(text).toContain(`${data.headline.cyclesPerToken.toLocaleString("en-US")} cycles`);
    expect(text).toContain(`${data.headline.tokensPerSecond.toPrecision(3)} tokens/s at 24 MHz`);
    expect(text).toContain("memory-bound by SPI flash");
    expect(text).toContain("Once the miller had counted the sacks");
    expect(text).toContain("1,204,416 of 1,204,416 words equal");
    expect(text).toContain("answers 86.5 %, uncompressed 90.0 %");
    expect(await page.locator("#ladder .open .state").allInnerTexts()).toEqual(Array(3).fill("not climbed"));
  });

  test("raises its voice when words differ, and admits what was not checked", async (ctx) => {
    const data = reportFixture();
    const wrong = { ...data, headline: { ...data.headline, wordsEqual: data.headline.wordsCompared - 3 } };
    const { page } = await openReport(ctx, DESKTOP, wrong);
    expect(await page.locator(".card.alarm .figure").innerText()).toBe("3 words differ");

    const timingOnly = {
      ...data,
      headline: { ...data.headline, quality: null, wordsCompared: 0, wordsEqual: 0 },
    };
    const { page: other } = await openReport(ctx, DESKTOP, timingOnly);
    expect(await other.locator(".card").count()).toBe(5);
    expect(await other.locator(".card .figure").last().innerText()).toMatch(/^not checked/);
  });
});

describe("the roofline", () => {
  test.for([
    ["a desktop", DESKTOP],
    ["a phone", PHONE],
  ] as const)("names its axes, its ridge and every ceiling on %s", async ([, options], ctx) => {
    const { page } = await openReport(ctx, options);
    // A canvas keeps no text, so it is noted when it is written; one whose width is not finite is not drawn.
    await page.addInitScript(`
      globalThis.written = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        if (place.every((value) => value === undefined || Number.isFinite(value))) written.push(text);
        return fillText.call(this, text, ...place);
      };
    `);
    await page.reload();
    const written = (await page.evaluate<string[]>("written")).map((text) => text.replaceAll("\u00a0", " "));
    for (const text of [
      "operations per byte",
      "operations per second",
      "ridge point, 128 operations per byte",
      "matrix unit, int8: 1.54 Gop/s",
      "vector unit: 96 Mop/s",
      "SPI flash: 12 MB/s",
      "SPRAM: 48 MB/s",
      "linear",
    ]) {
      expect(written).toContain(text);
    }
  });

  test("tells of the operator under the pointer", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const box = await boxOf(page, "#roofline-chart");
    expect(await page.locator("#tooltip").isVisible()).toBe(false);
    const point = await linearPoint(page);
    await page.mouse.move(box.x + point.x, box.y + point.y);
    const tooltip = page.locator("#tooltip");
    await tooltip.waitFor({ state: "visible" });
    const text = (await tooltip.innerText()).replaceAll("\u00a0", " ");
    expect(text).toMatch(/kind\s+linear/);
    expect(text).toMatch(/intensity\s+4\.57 op\/B/);
    expect(text).toMatch(/attainable\s+54\.9 Mop\/s/);
    await page.mouse.move(box.x + box.width - 20, box.y + 20);
    await tooltip.waitFor({ state: "hidden" });
  });
});

describe("the timeline", () => {
  test("zooms and pans by wheel, buttons, keys and drag, and resets", async (ctx) => {
    const { page, complaints } = await openReport(ctx, DESKTOP);
    const box = await boxOf(page, "#timeline-canvas");
    const whole = await windowOf(page);
    const overview = await canvasPixels(page);
    const length = (window: { start: number; end: number }): number => window.end - window.start;

    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.wheel(0, -600);
    const wheeled = await windowOf(page);
    expect(length(wheeled)).toBeLessThan(0.5 * length(whole));
    expect((await canvasPixels(page))[1]).not.toBe(overview[1]);

    await page.click("#zoom-in");
    const closer = await windowOf(page);
    expect(length(closer)).toBeCloseTo(length(wheeled) / 1.6, -1);
    await page.click("#zoom-out");
    expect(length(await windowOf(page))).toBeCloseTo(length(wheeled), -1);

    await page.mouse.move(box.x + 700, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const dragged = await windowOf(page);
    expect(dragged.start).toBeGreaterThan(wheeled.start);
    expect(length(dragged)).toBeCloseTo(length(wheeled), -1);

    await page.focus("#timeline-canvas");
    await page.keyboard.press("ArrowLeft");
    expect((await windowOf(page)).start).toBeLessThan(dragged.start);
    await page.keyboard.press("+");
    expect(length(await windowOf(page))).toBeLessThan(length(dragged));
    await page.keyboard.press("0");
    expect(await windowOf(page)).toEqual(whole);
    await page.keyboard.press("-");
    expect(await windowOf(page)).toEqual(whole);

    await page.click("#zoom-in");
    await page.click("#zoom-reset");
    expect(await windowOf(page)).toEqual(whole);
    expect(complaints).toEqual([]);
  });

  test("leaves the wheel to the page when there is nothing to zoom out of", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const box = await boxOf(page, "#timeline-canvas");
    const scrolled = await page.evaluate<number>("scrollY");
    await page.mouse.move(box.x + 400, box.y + 60);
    await page.mouse.wheel(0, 200);
    await expect.poll(() => page.evaluate<number>("scrollY")).toBeGreaterThan(scrolled);
  });

  test("tells of the span under the pointer, with its cause", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const box = await boxOf(page, "#timeline-canvas");
    await page.mouse.move(box.x + box.width - 60, box.y + 3.5 * 43);
    const tooltip = page.locator("#tooltip");
    await tooltip.waitFor({ state: "visible" });
    const text = (await tooltip.innerText()).replaceAll("\u00a0", " ");
    expect(text).toMatch(/unit\s+vector unit/);
    expect(text).toMatch(/state\s+wait/);
    expect(text).toMatch(/cause\s+activations/);
    expect(text).toMatch(/length\s+[\d,]+ cycles/);
  });

  test("tells of a span at a tap, after a tap on the roofline", async (ctx) => {
    const { page } = await openReport(ctx, PHONE);
    const roofline = await boxOf(page, "#roofline-chart");
    const point = await linearPoint(page);
    await page.touchscreen.tap(roofline.x + point.x, roofline.y + point.y);
    await expect.poll(() => page.locator("#tooltip").innerText()).toContain("intensity");
    const box = await boxOf(page, "#timeline-canvas");
    await page.touchscreen.tap(box.x + 100, box.y + 85);
    await expect.poll(() => page.locator("#tooltip").innerText()).toContain("length");
    // The mouse events that a browser makes up after a tap come late.
    await page.waitForTimeout(100);
    expect(await page.locator("#tooltip").isVisible()).toBe(true);
  });

  test("zooms under two fingers", async (ctx) => {
    const { page } = await openReport(ctx, PHONE);
    const box = await boxOf(page, "#timeline-canvas");
    const whole = await windowOf(page);
    const session = await page.context().newCDPSession(page);
    const fingers = (apart: number) =>
      [-1, 1].map((side, id) => ({ x: box.x + 180 + (side * apart) / 2, y: box.y + 85, id }));
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(60) });
    for (const apart of [100, 140, 180]) {
      await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(apart) });
    }
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    const pinched = await windowOf(page);
    expect(pinched.end - pinched.start).toBeCloseTo((whole.end * 60) / 180, -2);
  });

  test("stays quick with 19,000 spans", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP, reportFixture(20));
    await page.locator("#timeline-canvas").scrollIntoViewIfNeeded();
    const milliseconds = await page.evaluate<number>(`(async () => {
      const started = performance.now();
      for (let i = 0; i < 20; i++) {
        document.getElementById(i % 2 === 0 ? "zoom-in" : "zoom-reset").click();
        await new Promise((drawn) => requestAnimationFrame(drawn));
      }
      return (performance.now() - started) / 20;
    })()`);
    expect(milliseconds).toBeLessThan(60);
  });
});

describe("the cycles of the token", () => {
  test("add up, unit by unit and over the operators", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const cycles = reportFixture().timeline.cycles;
    for (const row of await page.locator("#stalls-bars tbody tr").all()) {
      const cells = await row.locator("td").allInnerTexts();
      expect(cells.reduce((sum, cell) => sum + (Number(cell.replaceAll(",", "")) || 0), 0)).toBe(cycles);
    }
    const total = await page.locator("#operators-table tfoot td").allInnerTexts();
    expect(total.slice(-2)).toEqual([cycles.toLocaleString("en-US"), "100.0\u00a0%"]);
  });
});

describe("the table of operators", () => {
  test("sorts by a heading, in both directions", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const names = () => page.locator("#operators-table tbody tr > :first-child").allInnerTexts();
    const byCycles = await names();
    expect(byCycles.slice(0, 4)).toEqual(["up", "gate", "down", "head"]);
    await page.click("#operators-table thead button:text-is('cycles')");
    expect((await names()).slice(-4)).toEqual(["head", "down", "gate", "up"]);
    await page.click("#operators-table thead button:text-is('operator')");
    expect((await names())[0]).toBe("argmax");
    const sorted = page.locator("#operators-table th[aria-sort=ascending]");
    expect(await sorted.innerText()).toMatch(/^operator/);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("operator");
  });

  test("unfolds the layers of one operator, or of all", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const rows = page.locator("#operators-table tbody tr");
    await page.click("#operators-table .fold:text-is('gate')");
    expect(await rows.count()).toBe(18 + 5);
    expect(await page.locator("tr.member > :first-child").allInnerTexts()).toEqual(
      [0, 1, 2, 3, 4].map((layer) => `layer ${layer}`),
    );
    await page.keyboard.press("Enter");
    expect(await rows.count()).toBe(18);
    await page.click("#unfold-all");
    expect(await rows.count()).toBe(18 + 5 * 14);
  });
});

describe("themes and paper", () => {
  test("a change to dark repaints the canvases", async (ctx) => {
    const { page } = await openReport(ctx, DESKTOP);
    const light = await canvasPixels(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await nextFrame(page);
    const dark = await canvasPixels(page);
    expect(dark[0]).not.toBe(light[0]);
    expect(dark[1]).not.toBe(light[1]);
    await page.emulateMedia({ colorScheme: "light" });
    await nextFrame(page);
    expect(await canvasPixels(page)).toEqual(light);
  });

  test("paper shows light charts whatever the screen, and the screen comes back", async (ctx) => {
    const { page: light } = await openReport(ctx, DESKTOP);
    const { page: dark } = await openReport(ctx, { ...PHONE, colorScheme: "dark" });
    const onScreen = await canvasPixels(dark);
    for (const page of [light, dark]) await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    expect(await canvasPixels(dark)).toEqual(await canvasPixels(light));
    expect(await dark.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(250, 250, 249)");
    await dark.evaluate(`dispatchEvent(new Event("afterprint"))`);
    await nextFrame(dark);
    expect(await canvasPixels(dark)).toEqual(onScreen);
  });

  test("prints on a few sheets, without buttons", async (ctx) => {
    const { page, complaints } = await openReport(ctx, DESKTOP);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    const sheets = pdf.toString("latin1").match(/\/Type \/Page\b(?!s)/g)?.length;
    expect(sheets).toBeGreaterThanOrEqual(3);
    expect(sheets).toBeLessThanOrEqual(5);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("button:visible").count()).toBe(
      await page.locator("table button:visible").count(),
    );
    expect(await page.locator("#timeline-canvas").isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });
});

test("a shape on several cores has no text, and the page says whose the figures are", async (ctx) => {
  const fixture = reportFixture();
  const { bytesPerToken } = fixture.headline;
  const { page } = await openReport(ctx, DESKTOP, {
    ...fixture,
    title: { ...fixture.title, prompt: "", text: "", cores: 3 },
    headline: { ...fixture.headline, bytesPerToken: { ...bytesPerToken, activations: 1000 } },
  });
  const text = await page.locator("main").innerText();
  expect(text).not.toMatch(/Generated text/i);
  expect(text).toMatch(/3; bytes and operations are of all, units and cycles of the first/);
  expect(await page.locator("#bytes-bar").innerText()).toMatch(/vectors\s+1\.00\s?kB/);
});

test("hostile names are text and nothing else", async (ctx) => {
  const hostile: readonly [string, string, string, string, string] = [
    "</script><script>globalThis.pwned = 1</script>",
    '<img src="x" onerror="globalThis.pwned = 1">',
    "__proto__",
    "constructor",
    '"><svg onload=globalThis.pwned=1>\u202e\u0000\u2028',
  ];
  const fixture = reportFixture();
  const [script, image, prototypeName, constructorName, svg] = hostile;
  const cause = Object.fromEntries([
    [prototypeName, 100],
    [constructorName, 200],
    [script, 300],
  ]);
  const data: ReportData = {
    ...fixture,
    title: { model: script, machine: image, device: svg, compression: script, prompt: image, text: svg },
    headline: {
      ...fixture.headline,
      bound: { kind: image, resource: script },
      utilisation: Object.fromEntries(hostile.map((name) => [name, 0.5])),
    },
    operators: fixture.operators.map((operator, i) => {
      const name = hostile[i % hostile.length]!;
      return { ...operator, name, kind: name, bound: name };
    }),
    timeline: {
      position: 0,
      cycles: 300,
      tracks: hostile.map((unit) => ({
        unit,
        spans: hostile.map((label, i) => ({
          start: 60 * i,
          end: 60 * i + 60,
          label,
          kind: i % 2 === 0 ? ("busy" as const) : ("stall" as const),
          cause: label,
        })),
      })),
    },
    stalls: hostile.map((unit) => ({ unit, busy: 50, stalls: cause })),
    ladder: hostile.map((what, rung) => ({ rung, what, equal: null, why: what })),
  };

  const { page, complaints } = await openReport(ctx, DESKTOP, data);
  const box = await boxOf(page, "#timeline-canvas");
  await page.mouse.move(box.x + 400, box.y + 20);
  await page.locator("#tooltip").waitFor({ state: "visible" });
  expect(await page.evaluate("typeof globalThis.pwned")).toBe("undefined");
  expect(await page.evaluate("document.querySelectorAll('img, svg').length")).toBe(0);
  expect(await page.evaluate("document.scripts.length")).toBe(3);
  expect(await page.title()).toContain(script);
  expect(await page.locator("#title").innerText()).toContain(script);
  expect(await page.locator("#stalls-bars thead th").allInnerTexts()).toEqual(
    expect.arrayContaining([prototypeName, constructorName, script]),
  );
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(DESKTOP.viewport.width);
  expect(complaints).toEqual([]);
});
