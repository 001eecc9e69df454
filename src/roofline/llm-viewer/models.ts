import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../models/package-root.ts";
import { openShape } from "../../../models/shapes/library.ts";
import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { validated } from "../../../models/validate.ts";
import { VIEWER_FAMILIES, type ViewerModel } from "./model.ts";

const modelsSchema = z.strictObject({
  source: z.string(),
  models: z.array(
    z.strictObject({
      id: z.string(),
      family: z.enum(VIEWER_FAMILIES),
      hiddenSize: z.int().positive(),
      intermediateSize: z.int().positive(),
      layers: z.int().positive(),
      heads: z.int().positive(),
      kvHeads: z.int().positive(),
      vocabSize: z.int().nonnegative(),
    }),
  ),
});

/** The models that LLM-Viewer's users name, with the names they use. */
export function viewerModels(): readonly ViewerModel[] {
  const path = join(packageRoot(), "src/roofline/llm-viewer/data/models.json");
  return validated(modelsSchema, JSON.parse(readFileSync(path, "utf8")), "models.json").models;
}

/**
 * A model by its id, or by the last part of it where no other ends so; else a shape of the project, or the path of a
 * config.json.
 * @throws InputError
 */
export function viewerModelNamed(name: string): ViewerModel {
  const asked = name.toLowerCase();
  const all = viewerModels();
  const ending = all.filter(({ id }) => id.toLowerCase().split("/").at(-1) === asked);
  const found =
    all.find(({ id }) => id.toLowerCase() === asked) ?? (ending.length === 1 ? ending[0] : undefined);
  if (found !== undefined) return found;
  const opened = openShape(name);
  return asViewerModel(opened.name, opened.shape);
}

/**
 * A shape as LLM-Viewer's nearest family sees it: experts as one dense block of one expert's size, head dimensions as
 * hidden size over heads, no window.
 */
export function asViewerModel(id: string, shape: TransformerShape): ViewerModel {
  return {
    id,
    // Blocks side by side behind one norm and without a gate: as GPT-J.
    family: shape.norm.perLayer === 1 ? "gpt-j" : "Llama",
    hiddenSize: shape.hiddenSize,
    intermediateSize: shape.feedForward.intermediateSize,
    layers: shape.layers,
    heads: shape.attention.heads,
    kvHeads: shape.attention.kvHeads,
    vocabSize: shape.vocabSize,
  };
}
