import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { InputError } from "../../models/errors.ts";
import { type Build, build } from "../build/build.ts";
import { BITSTREAM, buildFiles, FLASH } from "../build/files.ts";
import { cellUse } from "../build/fit.ts";
import {
  changedFiles,
  hashesOf,
  MANIFEST,
  type Manifest,
  parseManifest,
  type Settings,
} from "../build/manifest.ts";
import { prepare } from "../build/prepare.ts";
import { toolVersions } from "../build/toolchain.ts";
import { boardNamed, deviceNamed, machineFrom, readDescription } from "../devices/library.ts";
import { closeTools, type Toolchain } from "../flow/tool.ts";
import { ToolError } from "../flow/tool-error.ts";
import { mayWriteFolder, writeFolder } from "../flow/write-folder.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions, wholeNumber } from "./options.ts";
import { line, print, printJson, progress, short, whole } from "./output.ts";

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
  readonly json?: boolean;
}

export function buildCommand(): Command {
  const command = addModelOption(
    new Command("build").description(
      "build a bitstream for a board: the whole way from a model to its flash",
    ),
  );
  return addCompressionOptions(command)
    .option("--board <name|file>", "a board that ships (accel devices), or a description of your own")
    .option(
      "--machine <name|file>",
      "a machine that ships, or your own (default: the usual one of the board's part)",
    )
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option("--seeds <list>", "placer seeds, tried in parallel; the fastest clock counts", seedsFrom, [1])
    .addOption(
      new Option("--toolchain <which>", "the programs that come along, or those on the PATH")
        .choices(["packaged", "native"])
        .default("packaged"),
    )
    .option("--like <manifest>", "build again what a manifest says, and compare every file")
    .option("--fresh", "run every tool again, whatever earlier runs have left in the cache")
    .option("--out <folder>", "where to (default: build/<board>); an earlier build there is replaced")
    .option("--json", "print one JSON object (docs/json.md)")
    .addHelpText(
      "after",
      "\nExamples:\n  accel build --board icebreaker --model llama-tiny --sparsity 2:4\n  accel build --board pico-ice --sparsity 2:4 --seeds 1,2,3,4\n  accel build --like build/icebreaker/manifest.json --fresh\n",
    )
    .action(run);
}

function seedsFrom(text: string): number[] {
  const seeds = text.split(",").map(Number);
  if (
    seeds.length > 64 ||
    seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 1 || seed > 2 ** 31 - 1)
  )
    throw new InvalidArgumentError("Give up to 64 whole numbers from 1 on, such as 1,2,3.");
  return [...new Set(seeds)];
}

async function run(options: BuildCommandOptions): Promise<void> {
  const earlier =
    options.like === undefined ? null : parseManifest(readDescription(options.like), options.like);
  const settings = earlier === null ? settingsOf(options) : earlier.settings;
  const out = options.out ?? join("build", settings.board.name);
  await mayWriteFolder(out, MANIFEST);
  try {
    const tools = await toolVersions(settings.toolchain);
    const { circuit, cyclesPerToken } = prepare(settings, progress);
    const built = await build({
      circuit,
      board: settings.board,
      device: deviceNamed(settings.board.device),
      seeds: settings.seeds,
      tools: { toolchain: settings.toolchain, ...(options.fresh === true ? { cache: null } : {}) },
      told: progress,
    });
    const files = buildFiles(circuit, built);
    const modelAt = built.design.window.base;
    const manifest: Manifest = { schema: "accel/build@1", settings, tools, modelAt, files: hashesOf(files) };
    await mkdir(dirname(resolve(out)), { recursive: true });
    const written = { name: MANIFEST, contents: `${JSON.stringify(manifest, null, 2)}\n` };
    await writeFolder(out, [...files, written], MANIFEST);
    const result: Result = { settings, built, cyclesPerToken, out, changed: changesSince(earlier, manifest) };
    if (options.json === true) printJson(jsonOf(result));
    else print(textOf(result));
    if (result.changed !== null && result.changed.length > 0) process.exitCode = 1;
  } catch (error) {
    if (error instanceof ToolError) throw new InputError(`The build failed: ${error.message}.`);
    throw error;
  } finally {
    closeTools();
  }
}

function settingsOf(options: BuildCommandOptions): Settings {
  if (options.board === undefined)
    throw new InputError(
      "Say which board (--board icebreaker; accel devices lists them), or which manifest (--like).",
    );
  const board = boardNamed(options.board);
  const { machine: usual } = deviceNamed(board.device);
  const machine = options.machine ?? usual;
  if (machine === null)
    throw new InputError(
      `No machine ships for ${board.device}, the part of board ${board.name}: describe one, and name its file (--machine).`,
    );
  const { model, weights, sparsity, kv, method, context = null, seeds, toolchain } = options;
  const words = { model, weights, sparsity, kv, method, context, seeds: [...seeds], toolchain };
  return { board, machine: machineFrom(machine), ...words };
}

interface Result {
  readonly settings: Settings;
  readonly built: Build;
  readonly cyclesPerToken: number;
  readonly out: string;
  /** Files with other bytes than an earlier build's; null where there is none to compare with. */
  readonly changed: readonly string[] | null;
}

const changesSince = (earlier: Manifest | null, { files }: Manifest): string[] | null =>
  earlier === null ? null : changedFiles(earlier.files, files);

const tokensPerSecond = ({ built, cyclesPerToken }: Result): number =>
  (built.design.clockMHz * 1e6) / cyclesPerToken;

function jsonOf(result: Result): object {
  const { settings, built, cyclesPerToken, out, changed } = result;
  const { lut4, flipFlops, dsp, blockRam, spram } = built.cells;
  const { board, machine, model, weights, sparsity, kv } = settings;
  return {
    schema: "accel/build@1",
    board: board.name,
    machine: machine.name,
    model,
    compression: { weights, sparsity, kv },
    cells: { lut4, flipFlops, dsp, blockRam, spram, logicCells: logicCells(built).used },
    clockMHz: built.clockMHz,
    askedMHz: built.design.clockMHz,
    limitedBy: built.limitedBy,
    criticalPath: built.criticalPath,
    cyclesPerToken,
    tokensPerSecond: tokensPerSecond(result),
    seed: built.seed,
    seeds: built.seeds,
    bitstream: join(out, BITSTREAM),
    flash: join(out, FLASH),
    modelAt: built.design.window.base,
    manifest: join(out, MANIFEST),
    changed,
  };
}

/** Placed: a LUT4, a carry and a flip-flop each. */
const logicCells = ({ placement }: Build): { readonly used: number; readonly available: number } =>
  placement.report.utilisation.ICESTORM_LC ?? { used: 0, available: 0 };

function textOf(result: Result): string {
  const { settings, built, cyclesPerToken, out, changed } = result;
  const { board, machine, model, weights, sparsity, kv } = settings;
  const { clockMHz, design, seed, seeds, bitstream, criticalPath, cells } = built;
  const logic = logicCells(built);
  const uses = [
    { what: "logic cells", ...logic },
    ...cellUse(deviceNamed(board.device), cells).filter(({ available }) => available > 0),
  ];
  const tried =
    seeds.length === 1 ? `seed ${seed}` : `best of seeds ${seeds.map((one) => one.seed).join(", ")}: ${seed}`;
  return [
    line("board", `${board.title}, ${board.device}-${board.package}`),
    line("machine", `${machine.name} · ${model}, ${sparsity}, ${weights}, kv${kv}`),
    line(
      "cells",
      uses.map(({ what, used, available }) => `${whole(used)} of ${whole(available)} ${what}`).join(", "),
    ),
    line(
      "clock",
      `${clockMHz.toFixed(1)} MHz reached, ${design.clockMHz} MHz asked (placed, ${tried}; slow corner)`,
    ),
    ...(criticalPath === null ? [] : [line("longest", pathText(criticalPath))]),
    line(
      "speed",
      `${short(tokensPerSecond(result))} tokens/s expected: ${whole(cyclesPerToken)} cycles a token (simulated) at ${design.clockMHz} MHz`,
    ),
    line("bitstream", `${join(out, BITSTREAM)}, ${whole(bitstream.length)} bytes`),
    line("flash", `${join(out, FLASH)}: bitstream and model, which begins at ${hex(design.window.base)}`),
    line("manifest", join(out, MANIFEST)),
    ...(changed === null ? [] : [line("compared", comparison(changed))]),
  ].join("\n");
}

const hex = (n: number): string => `0x${n.toString(16)}`;

function pathText({ nanoseconds, steps }: NonNullable<Build["criticalPath"]>): string {
  const [from, to] = [steps[0]?.signal ?? "", steps.at(-1)?.signal ?? ""];
  return `${nanoseconds.toFixed(1)} ns from ${from} to ${to}`;
}

const comparison = (changed: readonly string[]): string =>
  changed.length === 0
    ? pc.green("every file has the same bytes as the manifest says")
    : pc.red(`other bytes than the manifest says: ${changed.join(", ")}`);
