import { Command } from "commander";
import { SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import { InputError } from "../../models/errors.ts";
import { type OpenedShape, openShape, type PublicShape, publicShapes } from "../../models/shapes/library.ts";
import { timedShapeOf } from "../../models/shapes/timed.ts";
import { type FeedForward, parameterCount } from "../../models/shapes/transformer.ts";
import { line, print, printJson, table, whole } from "./output.ts";

export function modelsCommand(): Command {
  return new Command("models")
    .description("list models that ship with weights, and public shapes that can be timed without")
    .argument("[name|path]", "one shape only; a config.json of your own, or its folder, is read and checked")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExamples:\n  accel models mistralai/Mixtral-8x7B-v0.1\n  accel models ./config.json\n",
    )
    .action(run);
}

function run(chosen: string | undefined, options: { readonly json?: boolean }): void {
  if (chosen === undefined) list(options);
  else show(openShape(chosen), options);
}

/** One shape: its parameters by part, whether machines run it, and what is to be known about it. */
function show(opened: OpenedShape, options: { readonly json?: boolean }): void {
  const { name, shape, notes } = opened;
  const { use, why } = useOf(opened);
  const parameters = parameterCount(shape);
  if (options.json === true) {
    printJson({ schema: "accel/model@1", name, shape, parameters, machines: use, why, notes });
    return;
  }
  const { attention, positions } = shape;
  const parts = { embedding: "embedding", attention: "attention", feedForward: "feed-forward" } as const;
  const counts = Object.entries(parts).map(
    ([part, label]) => `${label} ${whole(parameters[part as keyof typeof parts])}`,
  );
  print(line("model", name));
  print(
    line(
      "parameters",
      `${whole(parameters.total)}: ${counts.join(" · ")} · norms ${whole(parameters.norms)} · head ${whole(parameters.head)}${shape.tiedEmbeddings ? " (tied)" : ""}`,
    ),
  );
  print(line("layers", `${whole(shape.layers)} of ${whole(shape.hiddenSize)}, ${shape.norm.kind} norms`));
  print(
    line(
      "attention",
      `${whole(attention.heads)} heads of ${whole(attention.headDim)} over ${whole(attention.kvHeads)} of keys and values, positions ${positions.kind}${attention.window === null ? "" : `, window ${whole(attention.window)}`}`,
    ),
  );
  print(line("feed-forward", `${feedForwardText(shape.feedForward)}, ${shape.feedForward.activation}`));
  print(line("vocabulary", `${whole(shape.vocabSize)}, context ${whole(shape.maxPositions)}`));
  print(line("machines", why === "" ? use : `${use}: ${why}`));
  for (const note of notes) print(line("note", note));
}

function list(options: { readonly json?: boolean }): void {
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
        machines: useOf(model).use,
        why: useOf(model).why,
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
      useOf(model).use,
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
  "machines",
];

/** What machines do with a model, and why not more. */
function useOf(opened: OpenedShape): { readonly use: "run it" | "time it" | "no"; readonly why: string } {
  if (opened.llama !== null) return { use: "run it", why: "" };
  try {
    timedShapeOf(opened);
    return { use: "time it", why: opened.why };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { use: "no", why: error.message };
  }
}

function feedForwardText(block: FeedForward): string {
  const size = whole(block.intermediateSize);
  return block.kind === "experts" ? `${block.expertsPerToken} of ${block.experts} × ${size}` : size;
}
