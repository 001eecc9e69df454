import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { ReportEntry } from "../../src/report/roofline-data.ts";
import type { GenerationPrediction } from "../../src/roofline/predict/generation-prediction.ts";
import { withBandwidth } from "../../src/roofline/predict/roofline-device.ts";
import { predict, type Scenario } from "../../src/roofline/scenario.ts";
import { rooflineFixture } from "./roofline-fixture.ts";

/** Waits until what was asked for is computed. */
export const settled = (page: Page): Promise<void> => page.locator('#results[aria-busy="false"]').waitFor();

/** Opens a link to the page that is open already. */
export const follow = (page: Page, link: string): Promise<void> =>
  page.evaluate(`new Promise((done) => {
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = ${JSON.stringify(link)};
  })`);

export const plain = (text: string): string => text.replaceAll("\u00a0", " ");

/** What a report's scenario becomes by a control. */
export interface Change {
  readonly shape?: string;
  readonly scenario?: Partial<Scenario>;
  readonly bandwidth?: number;
  readonly entries?: readonly ReportEntry[];
}

/** Predictions as the command line makes them. */
export function predictions(change: Change = {}, data = rooflineFixture()): GenerationPrediction[] {
  const shape = [data.shape, ...data.shapes].find(({ name }) => name === (change.shape ?? data.shape.name))!;
  return (change.entries ?? data.entries).map(({ device: name, weights, sparsity }) => {
    const device = data.devices.find((one) => one.name === name)!;
    const scenario = { ...data.scenario, ...change.scenario, weights, sparsity };
    return predict(shape.shape, withBandwidth(device, change.bandwidth ?? 1), scenario);
  });
}

/** Rows of a table, as full numbers by heading. */
export async function tableValues(page: Page, id: string): Promise<Record<string, number>[]> {
  return await page.evaluate<Record<string, number>[]>(`(() => {
    const table = document.querySelector("#${id} table");
    const titles = [...table.querySelectorAll("thead button")].map((one) => one.textContent);
    return [...table.querySelectorAll("tbody tr")].map((row) =>
      Object.fromEntries([...row.children].map((cell, i) => [titles[i], Number(cell.dataset.value ?? "NaN")])));
  })()`);
}

/** What the comparison says, held against predictions to the last bit. */
export async function expectComparison(
  page: Page,
  expected: readonly GenerationPrediction[],
  what = "the comparison",
): Promise<void> {
  const rows = await tableValues(page, "comparison-table");
  const figures = (row: Record<string, number> | undefined) => [
    row?.["time to first token"],
    row?.["time per token"],
    row?.["decode speed, token/s"],
    row?.["with prompt, token/s"],
    row?.["bytes per token"],
    row?.["of peak bandwidth"],
    row?.["energy per token"],
  ];
  expect(rows.map(figures), what).toEqual(
    expected.map((one) => [
      one.timeToFirstTokenSeconds,
      one.decode.seconds,
      one.decodeTokensPerSecond,
      one.tokensPerSecond,
      one.decode.bytes / one.batch,
      one.decode.memoryShare,
      one.joulesPerToken,
    ]),
  );
}
