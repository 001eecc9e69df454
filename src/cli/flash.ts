import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { MODEL } from "../build/files.ts";
import { BuildFolder } from "../build/folder.ts";
import { checkedPlace, flashNotes, type ProgrammerCall, programmerCalls } from "../build/programming.ts";
import { findTool, runTool } from "../flow/native-tools.ts";
import { line, print, progress } from "./output.ts";

interface FlashCommandOptions {
  readonly build: string;
  readonly dryRun?: boolean;
}

export function flashCommand(): Command {
  return new Command("flash")
    .description("write a build into its board's flash, by the programmer that the board is known for")
    .requiredOption("--build <folder>", "what accel build has left")
    .option("--dry-run", "print the calls, and make none")
    .addHelpText("after", "\nExample:\n  accel flash --build build/icebreaker\n")
    .action(run);
}

/** Writing a flash takes a minute or so. */
const TIMEOUT_MS = 600_000;

async function run({ build, dryRun }: FlashCommandOptions): Promise<void> {
  const folder = new BuildFolder(build);
  const { settings, modelAt } = folder.manifest;
  const { board } = settings;
  const place = modelAt === null ? null : checkedPlace(board, modelAt, (await folder.file(MODEL)).length);
  const calls = programmerCalls(board, place);
  for (const { file } of calls) if (file !== null) await folder.file(file);
  for (const note of flashNotes(board)) print(line("note", note));
  for (const call of calls) {
    print(line(call.why, commandLine(call)));
    if (dryRun !== true) await made(call, build);
  }
}

const commandLine = ({ tool, args }: ProgrammerCall): string => [tool, ...args].join(" ");

async function made({ tool, args }: ProgrammerCall, folder: string): Promise<void> {
  if (findTool(tool) === null)
    throw new InputError(
      `${tool} is not on the PATH; it comes with OSS CAD Suite, or with your system's packages. --dry-run prints what would be called.`,
    );
  progress(`${tool} is writing`);
  const { status, output } = await runTool(tool, args, { folder, timeout: TIMEOUT_MS });
  if (status !== 0) throw new InputError(`${tool} ended with ${status}: ${lastLines(output)}`);
}

const lastLines = (output: string): string =>
  output
    .trim()
    .split(/\s*\n\s*/)
    .slice(-3)
    .join(" / ") || "it said nothing";
