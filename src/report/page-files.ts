import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The browser's side of a report is plain JavaScript that runs as it is written, so it needs no compiler and no
 * bundler, but for pages that compute (page-bundle.ts); it lives in `src/report/page/`, also for the compiled tree in
 * `dist/src/report/`.
 */
const PAGE_FOLDER = [
  new URL("./page/", import.meta.url),
  new URL("../../../src/report/page/", import.meta.url),
].find((folder) => existsSync(folder));

/** Text of a file of the page. Line ends are LF, as a browser sees them when it checks a script's hash. */
export function readPageFile(name: string): string {
  if (PAGE_FOLDER === undefined) throw new Error("the folder src/report/page of the package is missing");
  return readFileSync(new URL(name, PAGE_FOLDER), "utf8").replaceAll("\r\n", "\n");
}

/** chart.js in the form that defines the global `Chart`, without the link to its source map. */
export function readChartLibrary(): string {
  const entry = createRequire(import.meta.url).resolve("chart.js");
  return readFileSync(join(dirname(entry), "chart.umd.js"), "utf8").replace(
    /\n\/\/# sourceMappingURL=.*\s*$/,
    "\n",
  );
}

const IMPORT = /^import \{[^}]*\} from "\.\/([\w-]+\.js)";\n/gm;

/**
 * One module out of the page's modules: each after those that it imports, without its import and export words. A
 * name declared in two of them is a syntax error of the joined module, as it must be.
 */
export function joinPageModules(main: string): string {
  const seen = new Set<string>();
  const inOrder: string[] = [];
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readPageFile(name);
    for (const [, imported] of text.matchAll(IMPORT)) add(imported!);
    inOrder.push(text.replaceAll(IMPORT, "").replace(/^export /gm, ""));
  };
  add(main);
  return inOrder.join("\n");
}
