import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReportData } from "../../src/report/data.ts";
import { inlineJson, renderReport, writeReport } from "../../src/report/html.ts";
import { reportFixture } from "./fixture.ts";

const data = reportFixture();
const html = renderReport(data);

/** Contents of all elements of a tag, with their attributes. */
function elements(tag: string, text = html): { attributes: string; content: string }[] {
  const pattern = new RegExp(`<${tag}([^>]*)>([\\s\\S]*?)</${tag}>`, "g");
  return [...text.matchAll(pattern)].map(([, attributes, content]) => ({
    attributes: attributes!,
    content: content!,
  }));
}

describe("the document", () => {
  test("is the same for the same data", () => {
    expect(renderReport(reportFixture())).toBe(html);
  });

  test("allows exactly the scripts and the style that stand in it", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const scripts = elements("script").filter(({ attributes }) => !attributes.includes("application/json"));
    const styles = elements("style");
    expect(scripts).toHaveLength(2);
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${scripts.map(({ content }) => hash(content)).join(" ")}`,
      `style-src ${styles.map(({ content }) => hash(content)).join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test("names no other file", () => {
    const links = [...html.matchAll(/\b(?:src|href|action|data)\s*=\s*"([^"]*)"/g)].map(
      ([, target]) => target!,
    );
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((target) => !target.startsWith("#"))).toEqual([]);
    expect(html).not.toContain("sourceMappingURL");
    expect(html).not.toMatch(/@import|url\(/);
  });

  test("joins the page's modules into one without imports and exports", () => {
    const page = elements("script").find(({ attributes }) => attributes.includes("module"))?.content ?? "";
    expect(page).not.toMatch(/^(?:import|export) /m);
    expect(page).toContain("function showTimeline(");
  });

  test("stays small enough to mail, also with a long timeline", () => {
    const long = reportFixture(20);
    const spans = long.timeline.tracks.reduce((sum, track) => sum + track.spans.length, 0);
    expect(spans).toBeGreaterThan(18_000);
    expect(renderReport(long).length).toBeLessThan(700_000);
    expect(html.length).toBeLessThan(400_000);
  });
});

describe("data", () => {
  test("come back from the page as they were, whatever the texts", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = inlineJson(value);
        expect(text).not.toContain("<");
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("cannot end their script element or the title", () => {
    const hostile = "</script></title><script>alert(1)</script><!--";
    const text = renderReport({ ...data, title: { ...data.title, model: hostile, text: hostile } });
    expect(elements("script", text)).toHaveLength(elements("script").length);
    expect(text.match(/<\/title>/g)).toHaveLength(1);
    expect(text).not.toContain("alert(1)</script>");
  });

  test("with a number that is not finite are refused by name", () => {
    const headline: ReportData["headline"] = { ...data.headline, bitsPerWeight: Number.NaN };
    expect(() => renderReport({ ...data, headline })).toThrow('"bitsPerWeight" is NaN');
  });

  test.each([
    ["overlap", 0, 10, 9, 12],
    ["run backwards", 0, 10, 12, 11],
    ["are not whole", 0, 10, 10.5, 12],
  ])("whose spans %s are refused by unit and label", (_, ...[a, b, c, d]) => {
    const spans = [
      { start: a, end: b, label: "first", kind: "busy" as const },
      { start: c, end: d, label: "second", kind: "busy" as const },
    ];
    const timeline = { position: 0, cycles: 20, tracks: [{ unit: "loader", spans }] };
    expect(() => renderReport({ ...data, timeline })).toThrow(/timeline of loader: "second"/);
  });
});

test("the report is written as rendered", async () => {
  const folder = await mkdtemp(join(tmpdir(), "accel-report-"));
  try {
    await writeReport(join(folder, "report.html"), data);
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe(html);
  } finally {
    await rm(folder, { recursive: true });
  }
});
