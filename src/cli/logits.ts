import { Command, Option } from "commander";
import { InputError } from "../../models/errors.ts";
import { parseCompression } from "../compress/spec.ts";
import { integerDecoder, LoadedModel } from "../experiment/prepare.ts";
import {
  addCompressionOptions,
  addModelOption,
  type CompressionOptions,
  checkIds,
  tokenIds,
} from "./options.ts";
import { print, printJson } from "./output.ts";

interface LogitsOptions extends CompressionOptions {
  readonly model: string;
  readonly decoder: "float" | "integer";
  readonly ids: readonly number[];
  readonly text?: string;
  readonly json?: boolean;
}

export function logitsCommand(): Command {
  const command = addModelOption(
    new Command("logits").description(
      "print the logits of the last of some tokens, for comparison with other tools",
    ),
  );
  command
    .requiredOption("--ids <list>", "token ids, separated by commas", tokenIds)
    .addOption(
      new Option(
        "--decoder <kind>",
        "float: the weights as they came; integer: compressed as the options say",
      )
        .choices(["float", "integer"])
        .default("float"),
    )
    .option("--text <file>", "text to calibrate the integer decoder with")
    .option("--json", "print one JSON object (docs/json.md)");
  return addCompressionOptions(command).action(run);
}

function run(options: LogitsOptions): void {
  const spec = parseCompression(options);
  const model = new LoadedModel(options.model, options.text);
  const { vocabSize, maxPositions } = model.checkpoint.shape;
  checkIds(options.ids, vocabSize);
  if (options.ids.length > maxPositions)
    throw new InputError(
      `${options.ids.length} tokens are more than the ${maxPositions} positions of the model.`,
    );
  const decoder = options.decoder === "float" ? model.float : integerDecoder(model.compress(spec).model);
  const logits = decoder.start().extend(options.ids).subarray(-vocabSize);
  if (!logits.every(Number.isFinite)) {
    throw new InputError(
      `The logits of ${options.model} are not finite: its weights are too large for 32-bit floats.`,
    );
  }
  if (options.json === true) {
    printJson({
      schema: "accel/logits@1",
      model: model.checkpoint.name,
      decoder: options.decoder,
      ids: options.ids,
      logits: Array.from(logits),
    });
    return;
  }
  const best = Array.from(logits.keys())
    .sort((a, b) => logits[b]! - logits[a]!)
    .slice(0, 10);
  for (const id of best)
    print(
      `${String(id).padStart(8)}  ${logits[id]!.toFixed(5).padStart(12)}  ${model.tokenizer === null ? "" : JSON.stringify(model.tokenizer.decode([id]))}`,
    );
}
