import { createHash } from "node:crypto";
import { writeFileAtomically } from "../flow/atomic-write.ts";
import type { ReportData } from "./data.ts";
import { toPageData } from "./page-data.ts";
import { joinPageModules, readChartLibrary, readPageFile } from "./page-files.ts";

/** In the order in which they override each other. */
const STYLE_SHEETS = ["theme.css", "summary.css", "figures.css", "media.css"] as const;

/**
 * The report as one HTML file that needs no server and no network. Only the two scripts and the style sheet that
 * stand in it may run (their hashes are its content security policy); the data are a block of JSON, drawn as text.
 * The same data give the same bytes.
 * @throws RangeError where a number is not finite or the timeline's spans overlap
 */
export function renderReport(data: ReportData): string {
  const style = STYLE_SHEETS.map(readPageFile).join("\n");
  const chartLibrary = readChartLibrary();
  const pageScript = joinPageModules("main.js");
  const policy = [
    "default-src 'none'",
    `script-src ${sourceHash(chartLibrary)} ${sourceHash(pageScript)}`,
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
<title>${escapeText(`${data.title.model} on ${data.title.machine} · accel`)}</title>
<style>${style}</style>
</head>
<body>
${readPageFile("body.html")}
<script type="application/json" id="data">${inlineJson(toPageData(data))}</script>
<script>${chartLibrary}</script>
<script type="module">${pageScript}</script>
</body>
</html>
`;
}

/** Writes the report to `path`, whole or not at all. */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  await writeFileAtomically(path, renderReport(data));
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
