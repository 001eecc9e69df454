import { Command } from "commander";
import { openModel, SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import { linearSize } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import { shapeNamed, shapeNames } from "../../models/shapes/library.ts";
import { isShape } from "../experiment/time-shape.ts";
import { print, printJson, table, whole } from "./output.ts";

export function modelsCommand(): Command {
  return new Command("models")
    .description("list models that ship with weights, and public shapes that can be timed without")
    .option("--json", "print one JSON object")
    .action(run);
}

function run(options: { readonly json?: boolean }): void {
  const models = [
    ...SHIPPED_MODELS.map((name) => ({ name, weights: true, shape: openModel(name).shape })),
    ...shapeNames()
      .filter(isShape)
      .map((name) => ({ name, weights: false, shape: shapeNamed(name) })),
  ];
  if (options.json === true) {
    printJson({
      schema: "accel/models@1",
      models: models.map((model) => ({ ...model, parameters: parameters(model.shape) })),
    });
    return;
  }
  const head = [
    "model",
    "weights",
    "parameters",
    "layers",
    "hidden",
    "heads",
    "kv heads",
    "vocabulary",
    "context",
  ];
  const rows = models.map(({ name, weights, shape }) => [
    name,
    weights ? "ships" : "shape only",
    whole(parameters(shape)),
    ...[shape.layers, shape.hiddenSize, shape.heads, shape.kvHeads, shape.vocabSize, shape.maxPositions].map(
      whole,
    ),
  ]);
  print(table([head, ...rows]));
}

/** Weights of all matrices, norms and the embedding. */
function parameters(shape: LlamaShape): number {
  const layer = LINEAR_NAMES.reduce((sum, name) => {
    const { rows, cols } = linearSize(shape, name);
    return sum + rows * cols;
  }, 2 * shape.hiddenSize);
  const tables = shape.tiedEmbeddings ? 1 : 2;
  return shape.layers * layer + shape.hiddenSize + tables * shape.vocabSize * shape.hiddenSize;
}
