import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../models/errors.ts";

/**
 * Pages that compute are TypeScript, and share modules with the rest of the project: one script is bundled out of all
 * that `main.ts` of their folder imports. The build leaves the bundles beside the compiled tree; run from its source,
 * the project bundles when a report is written.
 */
export const BUNDLED_PAGES = ["roofline-page"] as const;
export type BundledPage = (typeof BUNDLED_PAGES)[number];

const IS_COMPILED = import.meta.url.endsWith(".js");
const bundled = new Map<BundledPage, string>();

/**
 * The script of a page.
 * @throws InputError where the build left none
 */
export function readBundle(page: BundledPage): string {
  const known = bundled.get(page);
  if (known !== undefined) return known;
  const script = IS_COMPILED ? builtScript(page) : bundle(page);
  bundled.set(page, script);
  return script;
}

function builtScript(page: BundledPage): string {
  const path = fileURLToPath(builtUrl(page));
  if (!existsSync(path))
    throw new InputError(`The report's script ${path} is missing: npm run build makes it.`);
  return readFileSync(path, "utf8");
}

const builtUrl = (page: BundledPage): URL => new URL(`./${page}.bundle.js`, import.meta.url);

/** Bundles all pages: what `npm run build` does with the compiled tree. */
export function buildBundles(): void {
  for (const page of BUNDLED_PAGES) {
    const path = fileURLToPath(builtUrl(page));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bundle(page));
  }
}

/** The part of esbuild that is used: it is there for development alone. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly text: string }[];
  };
}

function bundle(page: BundledPage): string {
  const root = new URL(IS_COMPILED ? "../../../" : "../../", import.meta.url);
  const { buildSync }: Bundler = createRequire(import.meta.url)("esbuild");
  const { outputFiles } = buildSync({
    // Comments name modules from here, so that the bundle is the same on each machine.
    absWorkingDir: fileURLToPath(root),
    entryPoints: [`src/report/${page}/main.ts`],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    charset: "utf8",
    legalComments: "none",
  });
  return outputFiles[0]!.text;
}
