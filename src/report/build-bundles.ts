import { buildBundles } from "./page-bundle.ts";

/** `npm run build` runs this after the compiler. */
buildBundles();
