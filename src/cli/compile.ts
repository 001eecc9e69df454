import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { compileCores, compileShape } from "../compile/cores.ts";
import { buildImages, planModel } from "../compile/image.ts";
import { listing } from "../compile/listing.ts";
import { coresOf, type Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { parseCompression } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { CODES_ONLY } from "../experiment/result.ts";
import { packageFor, shapeFormats } from "../experiment/shape-formats.ts";
import { isShape } from "../experiment/time-shape.ts";
import { writeFileAtomically } from "../flow/atomic-write.ts";
import { printLengths } from "./compile-lengths.ts";
import {
  addCompressionOptions,
  addModelOption,
  type CompressionOptions,
  saysNoFormat,
  wholeNumber,
} from "./options.ts";
import { line, print, printJson, whole } from "./output.ts";

interface CompileOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly context?: number;
  readonly text?: string;
  readonly listing?: boolean;
  readonly lengths?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

export function compileCommand(): Command {
  const command = addModelOption(
    new Command("compile").description("compile a model for a machine: program and memory images"),
  );
  return addCompressionOptions(command)
    .option("--machine <name|file>", "a machine that ships, or a description of your own")
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option("--text <file>", "text to calibrate with, one passage a line, for models without their own")
    .option("--listing", "print the program, readable")
    .option(
      "--lengths",
      "print what programs for every length of prompt and context take (1 kB = 1,024 bytes)",
    )
    .option("--output <prefix>", "write PREFIX.program and PREFIX.<memory>.image")
    .option("--json", "print one JSON object")
    .action(run);
}

async function run(options: CompileOptions, command: Command): Promise<void> {
  const packaged = saysNoFormat(command);
  if (options.lengths === true) {
    const useless = (["listing", "output", "text"] as const).find((name) => options[name] !== undefined);
    if (useless !== undefined)
      throw new InputError(
        `--${useless} says nothing with --lengths, which prints sizes alone: leave one out.`,
      );
    const model = command.getOptionValueSource("model") === "default" ? "llama-2-7b" : options.model;
    const asked = options.machine ?? options.device;
    const { machine } = chooseMachine(asked === undefined ? { machine: "u280-flightllm" } : options);
    const formats = shapeFormats(parseCompression(options), packageFor(machine, packaged));
    printLengths(model, machine, formats, options);
    return;
  }
  const { machine } = chooseMachine(options);
  const { program, stored, images } = build(options, machine, packaged);
  const cores = coresOf(machine);
  if (options.output !== undefined) {
    await writeFileAtomically(`${options.output}.program`, program.bytes);
    for (const [index, image] of images().entries()) {
      await writeFileAtomically(`${options.output}.${machine.memories[index]!.name}.image`, image);
    }
  }
  const { layout, instructions, bytes, context, fingerprint } = program;
  if (options.json === true) {
    const used = Object.fromEntries(
      machine.memories.map((memory, index) => [memory.name, layout.used[index]]),
    );
    printJson({
      schema: "accel/compile@1",
      model: options.model,
      machine: machine.name,
      fingerprint,
      context,
      cores,
      codesOnly: stored?.codesOnly ?? false,
      instructions: instructions.length,
      programBytes: bytes.length,
      memoryBytes: used,
      regions: layout.regions,
    });
    return;
  }
  if (options.listing === true) {
    if (cores > 1) print(`; the first of ${cores} cores, each with a program and memories of its own`);
    print(listing(program));
    return;
  }
  if (cores > 1)
    print(line("core", `the first of ${cores}: each has a program and memories of its own, of its share`));
  if (stored !== undefined)
    print(line("package", `the machine's: ${stored.weights}${stored.codesOnly ? ` (${CODES_ONLY})` : ""}`));
  print(
    line(
      "program",
      `${instructions.length} instructions, ${whole(bytes.length)} bytes, for every position up to ${whole(context)}`,
    ),
  );
  print(line("fingerprint", fingerprint));
  for (const [index, memory] of machine.memories.entries()) {
    print(
      line(
        memory.name,
        `${whole(layout.used[index]!)} of ${whole(memory.bytes)} bytes: ${memory.holds.join(", ")}`,
      ),
    );
  }
}

interface Built {
  /** Of the first core. */
  readonly program: Program;
  /** The package of the machine that a shape has taken its formats from. */
  readonly stored: Machine["package"];
  readonly images: () => Uint8Array[];
}

function build(options: CompileOptions, machine: Machine, packaged: boolean): Built {
  const spec = parseCompression(options);
  if (options.output !== undefined && isShape(options.model)) {
    throw new InputError(`${options.model} is a shape without weights: there is no memory image to write.`);
  }
  const choice = options.context === undefined ? {} : { context: options.context };
  if (isShape(options.model)) {
    const stored = packageFor(machine, packaged);
    const [program] = compileShape(timedShape(options.model), machine, shapeFormats(spec, stored), choice);
    return { program, stored, images: () => [] };
  }
  const cores = coresOf(machine);
  if (options.output !== undefined && cores > 1) {
    throw new InputError(
      `${machine.name} has ${cores} cores, each with a program and memories of its own: only machines of one core are written.`,
    );
  }
  const model = integerModel(new LoadedModel(options.model, options.text).compress(spec).model);
  const [program] = compileCores(model.shape, machine, (share) => planModel(model, machine, share), choice);
  return { program, stored: undefined, images: () => buildImages(model, program) };
}
