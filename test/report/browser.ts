import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, type TestContext } from "vitest";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

export interface OpenReport {
  readonly page: Page;
  /** Console messages, page errors, and requests beside the file itself: a report has none. */
  readonly complaints: string[];
}

/** Opens a report. Without a browser the test is skipped, and says so. */
export type OpenHtml = (
  ctx: TestContext,
  options: BrowserContextOptions,
  html: string,
) => Promise<OpenReport>;

/** A browser for the tests of a file. */
export function useBrowser(): OpenHtml {
  let browser: Browser | undefined;
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "accel-report-"));
    if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });
  return async (ctx, options, html) => {
    if (browser === undefined) return ctx.skip(`no Chromium at ${CHROMIUM}; set CHROMIUM to one`);
    const path = join(folder, `${ctx.task.id}.html`);
    await writeFile(path, html);
    const context = await browser.newContext(options);
    ctx.onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    const address = pathToFileURL(path).href;
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== address) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    return { page, complaints };
  };
}
