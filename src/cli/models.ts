import { Command } from "commander";
import { SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import { type PublicShape, publicShapes } from "../../models/shapes/library.ts";
import { type FeedForward, parameterCount } from "../../models/shapes/transformer.ts";
import { print, printJson, table, whole } from "./output.ts";

export function modelsCommand(): Command {
  return new Command("models")
    .description("list models that ship with weights, and public shapes that can be timed without")
    .option("--json", "print one JSON object")
    .action(run);
}

function run(options: { readonly json?: boolean }): void {
  const weights = ({ name }: PublicShape): boolean => SHIPPED_MODELS.includes(name);
  const models = [...publicShapes()].sort((a, b) => Number(weights(b)) - Number(weights(a)));
  if (options.json === true) {
    printJson({
      schema: "accel/models@2",
      models: models.map((model) => ({
        name: model.name,
        aliases: model.aliases,
        source: model.source,
        weights: weights(model),
        parameters: parameterCount(model.shape),
        publishedParameters: model.published,
        shape: model.shape,
        llama: model.llama,
        why: model.why,
        notes: model.notes,
      })),
    });
    return;
  }
  const rows = models.map((model) => {
    const { shape } = model;
    return [
      model.name,
      weights(model) ? "ships" : "shape only",
      whole(parameterCount(shape).total),
      whole(shape.layers),
      whole(shape.hiddenSize),
      feedForwardText(shape.feedForward),
      whole(shape.attention.heads),
      whole(shape.attention.kvHeads),
      whole(shape.vocabSize),
      whole(shape.maxPositions),
      model.llama === null ? "no" : "yes",
    ];
  });
  print(table([HEAD, ...rows]));
}

const HEAD = [
  "model",
  "weights",
  "parameters",
  "layers",
  "hidden",
  "feed-forward",
  "heads",
  "kv heads",
  "vocabulary",
  "context",
  "machines run it",
];

function feedForwardText(block: FeedForward): string {
  const size = whole(block.intermediateSize);
  return block.kind === "experts" ? `${block.expertsPerToken} of ${block.experts} × ${size}` : size;
}
