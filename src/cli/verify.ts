import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import { BuildFolder } from "../build/folder.ts";
import { buildRungs } from "../build/proof.ts";
import type { Machine } from "../compile/machine.ts";
import { parseCompression } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { generate } from "../experiment/generate.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { promptOf } from "../experiment/simulate.ts";
import type { Fault } from "../verify/board.ts";
import { buildableCircuit } from "../verify/circuit.ts";
import { notClimbed, type Rung } from "../verify/rung.ts";
import { circuitRung } from "../verify/rungs/circuit.ts";
import { floatRung } from "../verify/rungs/float.ts";
import { integerRung } from "../verify/rungs/integer.ts";
import { programRung } from "../verify/rungs/program.ts";
import { verilogRungs } from "../verify/rungs/verilog.ts";
import type { Session } from "../verify/session.ts";
import {
  addCompressionOptions,
  addModelOption,
  between,
  type CompressionOptions,
  wholeNumber,
} from "./options.ts";
import { print, printJson, progress, whole } from "./output.ts";

interface VerifyOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly prompt?: string;
  readonly tokens: number;
  readonly context?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly upTo: number;
  readonly build?: string;
  readonly fault?: Fault;
  readonly vcd: string;
  readonly json?: boolean;
}

const DEFAULT_TEMPERATURE = 0.8;

export function verifyCommand(): Command {
  const command = addModelOption(
    new Command("verify").description(
      "climb the ladder of proof: model, program, circuit and Verilog held against each other",
    ),
  );
  return addCompressionOptions(command)
    .option("--machine <name|file>", "a machine that ships, or a description of your own")
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--prompt <text>", "text that the model continues")
    .option("--tokens <n>", "tokens to generate", wholeNumber(1, 100_000), 8)
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option("--temperature <t>", "draw tokens instead of taking the likeliest", between(0.01, 100))
    .option("--seed <n>", "seed of the draw", wholeNumber(0, 2 ** 31 - 1))
    .addOption(
      new Option(
        "--build <folder>",
        "what accel build has left: its model, machine and netlists are proved",
      ).conflicts(["machine", "device", "model", "weights", "sparsity", "kv", "method", "context"]),
    )
    .option("--up-to <rung>", "last rung to climb, 0 to 6", wholeNumber(0, 6), 6)
    .option(
      "--fault <register@cycle>",
      "flip a register's lowest bit in a cycle of the first token, to see it found",
      faultFrom,
    )
    .option(
      "--vcd <file>",
      "waveforms around the first difference, where there is one",
      "accel-difference.vcd",
    )
    .option("--json", "print one JSON object (docs/json.md)")
    .addHelpText(
      "after",
      "\nExamples:\n  accel verify --sparsity 2:4\n  accel verify --machine mine.json --weights w8 --kv 4 --up-to 3\n  accel verify --fault decoder.matrix.unit.row_sums.scaled_0@20000 --up-to 3\n",
    )
    .action(run);
}

function faultFrom(text: string): Fault {
  const [, register, cycle] = /^([A-Za-z_][\w.]*)@(\d{1,9})$/.exec(text) ?? [];
  if (register === undefined || cycle === undefined)
    throw new InvalidArgumentError(
      "It must be a register's path and a cycle, as in decoder.vector.step@5000.",
    );
  return { register, position: 0, cycle: Number(cycle) };
}

async function run(options: VerifyOptions): Promise<void> {
  const rungs: Rung[] = [];
  const show = (rung: Rung): void => {
    rungs.push(rung);
    if (options.json !== true) print(rungText(rung));
  };
  await climb(options, show);
  if (options.json === true) printJson({ schema: "accel/verify@1", rungs });
  if (rungs.some(({ equal }) => equal === false)) process.exitCode = 1;
}

/** What a build was made of takes the place of what is said besides. */
function asBuilt(
  options: VerifyOptions,
  folder: BuildFolder | null,
): VerifyOptions & { readonly built: Machine | null } {
  if (folder === null) return { ...options, built: null };
  const { machine, model, weights, sparsity, kv, method, context } = folder.manifest.settings;
  const room = context === null ? {} : { context };
  return { ...options, model, weights, sparsity, kv, method, ...room, built: machine };
}

async function climb(asked: VerifyOptions, show: (rung: Rung) => void): Promise<void> {
  const folder = asked.build === undefined ? null : new BuildFolder(asked.build);
  const options = asBuilt(asked, folder);
  const { upTo } = options;
  const machine = options.built ?? chooseMachine(options).machine;
  const model = new LoadedModel(options.model);
  progress("another implementation's logits");
  show(floatRung(model));
  if (upTo < 1) return;
  progress("compressing, measuring");
  const compressed = model.compress(parseCompression(options)).model;
  show(integerRung(model, compressed));
  if (upTo < 2) return;

  const decoder = new IntegerDecoder(integerModel(compressed));
  const drawing = options.temperature !== undefined || options.seed !== undefined;
  const sampling = drawing
    ? { temperature: options.temperature ?? DEFAULT_TEMPERATURE, seed: options.seed ?? 0 }
    : null;
  const { ids: prompt } = promptOf(model, options.prompt);
  const circuit = buildableCircuit(
    decoder.model,
    machine,
    options.context === undefined ? {} : { context: options.context },
  );
  progress("program in the simulator");
  const generation = generate(circuit.program, decoder, {
    prompt,
    tokens: options.tokens,
    endTokens: model.checkpoint.eosTokenIds,
    sampling,
  });
  show(programRung(generation));
  if (upTo < 3) return;

  const session: Session = {
    ids: [...prompt, ...generation.ids.slice(0, -1)],
    samplesFrom: prompt.length - 1,
    sampling,
  };
  progress("circuit");
  const third = circuitRung(circuit, session, { fault: options.fault ?? null, vcd: options.vcd });
  show(third);
  if (upTo < 4) return;
  const cycles = generation.results[0]?.cycles ?? 0;
  for await (const rung of verilogRungs(circuit, session, cycles, (name) => progress(`Verilog in ${name}`)))
    show(rung);
  if (upTo < 5) return;
  if (folder === null) {
    const why = "no build is named (--build)";
    show(notClimbed(5, "netlist = circuit", why));
    if (upTo > 5) show(notClimbed(6, "bitstream, unpacked again = circuit", why));
    return;
  }
  const [token = 0] = prompt;
  for await (const rung of buildRungs(folder, decoder.model, token, upTo, progress)) show(rung);
}

function rungText({ rung, what, compared, cycles, equal, why, vcd }: Rung): string {
  const verdict =
    equal === null ? pc.yellow("not compared") : equal ? pc.green("equal") : pc.red("different");
  const counts = [
    ...(compared > 0
      ? [`${whole(compared)} ${rung >= 4 ? "outputs" : rung === 0 ? "logits" : "words"}`]
      : []),
    ...(cycles > 0 ? [`${whole(cycles)} cycles`] : []),
  ].join(", ");
  const notes = [counts, why ?? "", vcd === undefined ? "" : `waveforms in ${vcd}`].filter(
    (note) => note !== "",
  );
  return `${pc.bold(String(rung))}  ${what}: ${verdict}${notes.length === 0 ? "" : ` · ${notes.join(" · ")}`}`;
}
