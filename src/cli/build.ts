import { dirname, join, resolve } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { InputError } from "../../models/errors.ts";
import {
  BUILD_MARK,
  changedFiles,
  hashesOf,
  MANIFEST,
  MANIFEST_SCHEMA,
  type Manifest,
  parseManifest,
  type Settings,
} from "../build/manifest.ts";
import { buildFor, type Outcome, outcomeFiles, summaryOf } from "../build/outcome.ts";
import { prepare } from "../build/prepare.ts";
import { buildReportData } from "../build/report-data.ts";
import { toolVersions } from "../build/toolchain.ts";
import { boardNamed, fpgaNamed, machineFrom, readDescription } from "../devices/library.ts";
import type { Toolchain } from "../flow/tool.ts";
import { mayWriteFolder, writeFolder } from "../flow/write-folder.ts";
import { writeBuildReport } from "../report/html.ts";
import {
  addCompressionOptions,
  addModelOption,
  type CompressionOptions,
  seedList,
  wholeNumber,
} from "./options.ts";
import { line, print, printJson, progress } from "./output.ts";

interface BuildCommandOptions extends CompressionOptions {
  readonly board?: string;
  readonly machine?: string;
  readonly model: string;
  readonly context?: number;
  readonly seeds: readonly number[];
  readonly toolchain: Toolchain;
  readonly like?: string;
  readonly fresh?: boolean;
  readonly out?: string;
  readonly report?: string;
  readonly json?: boolean;
}

export function buildCommand(): Command {
  const command = addModelOption(
    new Command("build").description(
      "build a bitstream for a board: the whole way from a model to its flash",
    ),
  );
  return addCompressionOptions(command)
    .option("--board <name|file>", "a board that ships (accel boards), or a description of your own")
    .option(
      "--machine <name|file>",
      "a machine that ships, or your own (default: the usual one of the board's part)",
    )
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option("--seeds <list>", "placer seeds, tried in parallel; the fastest clock counts", seedList(64), [1])
    .addOption(
      new Option("--toolchain <which>", "the programs that come along, or those on the PATH")
        .choices(["packaged", "native"])
        .default("packaged"),
    )
    .addOption(
      new Option("--like <manifest>", "build again what a manifest says, and compare every file").conflicts([
        "board",
        "machine",
        "model",
        "weights",
        "sparsity",
        "kv",
        "method",
        "context",
        "seeds",
        "toolchain",
      ]),
    )
    .option("--fresh", "run every tool again, whatever earlier runs have left in the cache")
    .option("--out <folder>", "where to (default: build/<board>); an earlier build there is replaced")
    .option("--report <file>", "write an HTML report: resources, floorplan, longest path, hashes")
    .option("--json", "print one JSON object (docs/json.md)")
    .addHelpText(
      "after",
      "\nExamples:\n  accel build --board icebreaker --model llama-tiny --sparsity 2:4\n  accel build --board pico-ice --sparsity 2:4 --seeds 1,2,3,4\n  accel build --like build/icebreaker/manifest.json --fresh --out again\n",
    )
    .action(run);
}

async function run(options: BuildCommandOptions): Promise<void> {
  const earlier =
    options.like === undefined ? null : parseManifest(readDescription(options.like), options.like);
  const settings = earlier === null ? settingsOf(options) : earlier.settings;
  const out = options.out ?? join("build", settings.board.name);
  if (options.like !== undefined && resolve(dirname(options.like)) === resolve(out))
    throw new InputError(
      `${out} is the build to compare with, and would be replaced: name another folder (--out).`,
    );
  await mayWriteFolder(out, BUILD_MARK);
  const device = fpgaNamed(settings.board.device);
  if (options.report !== undefined && device.family !== "ice40")
    throw new InputError(
      `There is a report of an iCE40's build only, and ${settings.board.name} has ${device.name}.`,
    );
  const tools = await toolVersions(settings.toolchain, device.family);
  const { circuit, cyclesPerToken } = prepare(settings, progress);
  const outcome = await buildFor(device.family, {
    circuit,
    board: settings.board,
    device,
    seeds: settings.seeds,
    tools: { toolchain: settings.toolchain, ...(options.fresh === true ? { cache: null } : {}) },
    told: progress,
  });
  const files = outcomeFiles(circuit, outcome);
  const modelAt = outcome.kind === "ice40" ? outcome.build.design.window.base : null;
  const manifest: Manifest = { schema: MANIFEST_SCHEMA, settings, tools, modelAt, files: hashesOf(files) };
  const written = { name: MANIFEST, contents: `${JSON.stringify(manifest, null, 2)}\n` };
  await writeFolder(out, [...files, written], BUILD_MARK);
  const changed = earlier === null ? null : changedFiles(earlier.files, manifest.files);
  const summary = summaryOf(outcome, { settings, device, cyclesPerToken, out });
  if (options.json === true) printJson({ ...summary.json, changed });
  else
    print(
      [
        ...summary.lines.map(([label, text]) => line(label, text)),
        ...comparison(changed, earlier?.tools ?? {}, tools),
      ].join("\n"),
    );
  if (options.report !== undefined && outcome.kind === "ice40") {
    const { build } = outcome;
    await writeBuildReport(options.report, buildReportData({ build, manifest, circuit, cyclesPerToken }));
  }
  if (changed !== null && changed.length > 0) process.exitCode = 1;
  demandBitstream(outcome, settings);
}

/** The area alone is no build. */
function demandBitstream(outcome: Outcome, { board, toolchain }: Settings): void {
  if (outcome.kind === "ice40" || outcome.build.placed !== null) return;
  const { missing } = outcome.build;
  const what =
    missing.length > 0
      ? `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not on the PATH (they come with OSS CAD Suite); with them, say --toolchain native`
      : `the packaged tools cannot place it (--toolchain native does; ${toolchain} was asked for)`;
  throw new InputError(`There is no bitstream for ${board.name}, only its area: ${what}.`);
}

function settingsOf(options: BuildCommandOptions): Settings {
  if (options.board === undefined)
    throw new InputError(
      "Say which board (--board icebreaker; accel boards lists them), or which manifest (--like).",
    );
  const board = boardNamed(options.board);
  const { machine: usual, family } = fpgaNamed(board.device);
  // Where none is usual, another part's says what is too small.
  const machine = options.machine ?? usual ?? (family === "ecp5" ? "ecp5-bram" : "up5k-flash");
  const { model, weights, sparsity, kv, method, context = null, seeds, toolchain } = options;
  const words = { model, weights, sparsity, kv, method, context, seeds: [...seeds], toolchain };
  return { board, machine: machineFrom(machine), ...words };
}

function comparison(
  changed: readonly string[] | null,
  earlier: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  if (changed === null) return [];
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(now)])];
  const others = names.filter((name) => earlier[name] !== now[name]);
  return [
    line(
      "compared",
      changed.length === 0
        ? pc.green("every file has the same bytes as the manifest says")
        : pc.red(`other bytes than the manifest says: ${changed.join(", ")}`),
    ),
    ...others.map((name) =>
      line("", `${name} is ${now[name] ?? "not used"}, and was ${earlier[name] ?? "not used"}`),
    ),
  ];
}
