import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { HELD_OUT } from "../../models/llama-tiny/corpus.ts";
import { parseCompression, patternName } from "../compress/spec.ts";
import {
  compressionTable,
  markdownTable,
  settingsNote,
  TABLE_SETTINGS,
  type TableRow,
} from "../compress/table.ts";
import { integerDecoder, LoadedModel } from "../experiment/prepare.ts";
import { QualityMeter } from "../experiment/quality.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions, wholeNumber } from "./options.ts";
import { line, percent, print, printJson, progress } from "./output.ts";

interface EvalOptions extends CompressionOptions {
  readonly model: string;
  readonly text?: string;
  readonly stories: number;
  readonly questions: number;
  readonly seed: number;
  readonly table?: boolean;
  readonly json?: boolean;
}

export function evalCommand(): Command {
  const command = addModelOption(
    new Command("eval").description(
      "measure perplexity and question accuracy of a model under a compression",
    ),
  );
  return addCompressionOptions(command)
    .option("--text <file>", "text to calibrate with and to measure on, one passage a line")
    .option("--stories <n>", "held-out stories", wholeNumber(1, 100_000), 100)
    .option("--questions <n>", "held-out questions", wholeNumber(1, 100_000), 200)
    .option(
      "--seed <n>",
      "first held-out seed, counted from the corpus' own",
      wholeNumber(0, 1_000_000_000),
      0,
    )
    .option("--table", "all compressions of docs/compression.md, baseline against second-order")
    .option("--json", "print one JSON object (docs/json.md)")
    .action(run);
}

function run(options: EvalOptions): void {
  const model = new LoadedModel(options.model, options.text);
  const size = { stories: options.stories, questions: options.questions, seed: options.seed };
  if (options.table === true) {
    printTable(model, options);
    return;
  }
  const spec = parseCompression(options);
  const quality = new QualityMeter(model, size).measure(model.compress(spec).model);
  if (quality === null)
    throw new InputError(`${options.model} has no text of its own to measure on: name some with --text.`);
  if (options.json === true) {
    printJson({
      schema: "accel/eval@1",
      model: model.checkpoint.name,
      weights: options.weights,
      sparsity: patternName(spec.pattern),
      kv: spec.kv,
      method: spec.method,
      ...quality,
    });
    return;
  }
  const { perplexity, densePerplexity, answers, denseAnswers, note } = quality;
  print(line("measured on", note));
  print(line("perplexity", `${perplexity.toFixed(4)} (uncompressed ${densePerplexity.toFixed(4)})`));
  if (answers !== null && denseAnswers !== null)
    print(line("answers", `${percent(answers)} (uncompressed ${percent(denseAnswers)})`));
}

/** Every row is measured by the integer decoder, as the hardware computes; the first by the float decoder. */
function printTable({ checkpoint, tokenizer, texts, weights }: LoadedModel, options: EvalOptions): void {
  if (tokenizer === null || texts.source !== "corpus") {
    throw new InputError(
      `The table is measured on the story corpus, which ${options.model} does not come with.`,
    );
  }
  const settings = {
    ...TABLE_SETTINGS,
    stories: options.stories,
    questions: options.questions,
    heldOutSeed: HELD_OUT + options.seed,
    makeDecoder: integerDecoder,
  };
  const rows: TableRow[] = [];
  for (const row of compressionTable(
    { shape: checkpoint.shape, weights, tokenizer, special: checkpoint },
    settings,
  )) {
    progress(`${row.name} ${row.method ?? ""}`);
    rows.push(row);
  }
  if (options.json === true) printJson({ schema: "accel/eval-table@1", model: checkpoint.name, rows });
  else print(`${markdownTable(rows)}\n\n${settingsNote(settings)}`);
}
