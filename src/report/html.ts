import { createHash } from "node:crypto";
import { writeFileAtomically } from "../flow/atomic-write.ts";
import type { BuildReportData } from "./build-data.ts";
import type { ReportData } from "./data.ts";
import { readBundle } from "./page-bundle.ts";
import { toPageData } from "./page-data.ts";
import { joinPageModules, readChartLibrary, readPageFile } from "./page-files.ts";
import { checkRooflineData, type RooflineReportData } from "./roofline-data.ts";

/** What a report is made of: files of the page's folder, and the data that its script draws. */
interface ReportPage {
  /** Of the window. */
  readonly title: string;
  readonly body: string;
  /** In the order in which they override each other. */
  readonly styleSheets: readonly string[];
  /** Scripts that define globals, before the page's own. */
  readonly libraries: readonly string[];
  /** The module that draws: its text. */
  readonly script: string;
  readonly data: unknown;
}

/**
 * The report of a simulation as one HTML file.
 * @throws RangeError where a number is not finite or the timeline's spans overlap
 */
export function renderReport(data: ReportData): string {
  return renderPage({
    title: `${data.title.model} on ${data.title.machine} · accel`,
    body: "body.html",
    styleSheets: ["theme.css", "summary.css", "figures.css", "media.css"],
    libraries: [readChartLibrary()],
    script: joinPageModules("main.js"),
    data: toPageData(data),
  });
}

/**
 * The report of a build as one HTML file.
 * @throws RangeError where a number is not finite
 */
export function renderBuildReport(data: BuildReportData): string {
  return renderPage({
    title: `${data.title.model} on ${data.title.board} · accel`,
    body: "build.html",
    styleSheets: ["theme.css", "summary.css", "figures.css", "media.css", "build.css"],
    libraries: [],
    script: joinPageModules("build-main.js"),
    data,
  });
}

/**
 * The report of a roofline as one HTML file, which computes with the modules of `src/roofline` itself.
 * @throws RangeError where a number is not finite, or an entry's device is not among the devices
 */
export function renderRooflineReport(data: RooflineReportData): string {
  checkRooflineData(data);
  return renderPage({
    title: `${data.title} · accel`,
    body: "roofline.html",
    styleSheets: ["theme.css", "summary.css", "figures.css", "media.css", "roofline.css", "what-if.css"],
    libraries: [],
    script: readBundle("roofline-page"),
    data,
  });
}

/**
 * One HTML file that needs no server and no network. Only the scripts and the style sheet that stand in it may run
 * (their hashes are its content security policy); the data are a block of JSON, drawn as text. The same data give the
 * same bytes.
 */
function renderPage({ title, body, styleSheets, libraries, script, data }: ReportPage): string {
  const style = styleSheets.map(readPageFile).join("\n");
  const policy = [
    "default-src 'none'",
    `script-src ${[...libraries, script].map(sourceHash).join(" ")}`,
    `style-src ${sourceHash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="accel">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
${readPageFile(body)}
<script type="application/json" id="data">${inlineJson(data)}</script>
${libraries.map((library) => `<script>${library}</script>\n`).join("")}<script type="module">${script}</script>
</body>
</html>
`;
}

/** Writes the report to `path`, whole or not at all. */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  await writeFileAtomically(path, renderReport(data));
}

/** The same of a build. */
export async function writeBuildReport(path: string, data: BuildReportData): Promise<void> {
  await writeFileAtomically(path, renderBuildReport(data));
}

/** The same of a roofline. */
export async function writeRooflineReport(path: string, data: RooflineReportData): Promise<void> {
  await writeFileAtomically(path, renderRooflineReport(data));
}

/** JSON that no text in it can end or comment out: only `<` could start a tag inside a script element. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value, refuseNonFinite).replaceAll("<", "\\u003c");
}

/** JSON would turn them into null without a word. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError(`a report's numbers are finite, but "${key}" is ${value}`);
  }
  return value;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The CSP source of an inline script or style, https://www.w3.org/TR/CSP3/#grammardef-hash-source. */
function sourceHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}
