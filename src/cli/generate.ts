import { Command } from "commander";
import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import { parseCompression, patternName } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { generate } from "../experiment/generate.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { promptOf } from "../experiment/simulate.ts";
import { mayWriteFolder, writeFolder } from "../flow/write-folder.ts";
import { buildableCircuit } from "../verify/circuit.ts";
import { GENERATED_MARK, generatedFiles, MANIFEST } from "../verify/generated-files.ts";
import { vectorsOf } from "../verify/vectors.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions, wholeNumber } from "./options.ts";
import { line, print, printJson, progress, whole } from "./output.ts";

interface GenerateCommandOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly context?: number;
  readonly out: string;
  readonly json?: boolean;
}

export function generateCommand(): Command {
  const command = addModelOption(
    new Command("generate").description(
      "write a machine's circuit for a model: Verilog, memory images and a test bench",
    ),
  );
  return addCompressionOptions(command)
    .option("--machine <name|file>", "a machine that ships, or a description of your own")
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .requiredOption(
      "--out <folder>",
      "where to; a folder that is there is replaced if an earlier run wrote it",
    )
    .option("--json", "print one JSON object: the manifest")
    .addHelpText("after", "\nExample:\n  accel generate --machine up5k-flash --sparsity 2:4 --out decoder\n")
    .action(run);
}

async function run(options: GenerateCommandOptions): Promise<void> {
  await mayWriteFolder(options.out, GENERATED_MARK);
  const { machine } = chooseMachine(options);
  const spec = parseCompression(options);
  const model = new LoadedModel(options.model);
  progress("compressing");
  const decoder = new IntegerDecoder(integerModel(model.compress(spec).model));
  const circuit = buildableCircuit(
    decoder.model,
    machine,
    options.context === undefined ? {} : { context: options.context },
  );
  progress("playing a token");
  const [first = 0] = promptOf(model, undefined).ids;
  const played = generate(circuit.program, decoder, {
    prompt: [first],
    tokens: 1,
    endTokens: [],
    sampling: null,
  });
  const cycles = played.results[0]?.cycles ?? 0;
  const vectors = vectorsOf(
    circuit,
    { token: first, position: 0, sampling: true, temperature: null },
    cycles,
  );
  const compression = `${patternName(spec.pattern)}, ${options.weights}, kv${options.kv}`;
  const files = generatedFiles(circuit, vectors, { model: model.checkpoint.name, compression });
  await writeFolder(options.out, files, GENERATED_MARK);
  const manifest = files.find(({ name }) => name === MANIFEST);
  if (options.json === true) {
    printJson(JSON.parse(String(manifest?.contents)));
    return;
  }
  const lines = String(files[0]?.contents).split("\n").length;
  print(
    [
      line("machine", `${machine.name}, room for ${circuit.program.context} tokens`),
      line("Verilog", `hdl/decoder.v, ${whole(lines)} lines`),
      line(
        "memories",
        machine.memories
          .map(({ name }, i) => `${name} ${whole(circuit.images[i]?.length ?? 0)} bytes`)
          .join(", "),
      ),
      line(
        "program",
        `${circuit.program.instructions.length} instructions, ${whole(circuit.program.bytes.length)} bytes`,
      ),
      line("test bench", `${whole(vectors.cycles)} cycles, every output; README.md says how to run it`),
      line("written to", options.out),
    ].join("\n"),
  );
}
