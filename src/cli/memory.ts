import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError } from "../../models/errors.ts";
import { dramSim3Config, parseDramSim3Ini } from "../devices/dramsim3-config.ts";
import { memoryNamed, memoryNames, regularFile } from "../devices/library.ts";
import { type DramConfig, dramConfigOf, type MemoryDescription } from "../devices/memory.ts";
import { arranged, type MemoryQuestion, memoryReport } from "../experiment/memory-report.ts";
import { memoryEfficiency, peakBytesPerSecondOf } from "../roofline/memory-efficiency.ts";
import { PATTERNS, printAccesses, printMemories, printReport } from "./memory-output.ts";
import { between, wholeNumber } from "./options.ts";
import { printJson } from "./output.ts";

interface MemoryCommandOptions {
  readonly type?: string;
  readonly ini?: string;
  readonly pattern?: (typeof PATTERNS)[number];
  readonly bytes?: number;
  readonly streams: number;
  readonly writes: number;
  readonly outstanding: number;
  readonly channels?: number;
  readonly mapping?: string;
  readonly json?: boolean;
}

export function memoryCommand(): Command {
  return new Command("memory")
    .description(
      "how much of a memory's peak a stream really gets, by access size and pattern, and what costs the rest",
    )
    .option("--type <name>", "a memory that ships (without it they are listed), or a file")
    .option("--ini <file>", "a configuration of DRAMsim3, in place of --type")
    .addOption(
      new Option(
        "--pattern <name>",
        "where the accesses go: at random places of their size, as streams in turn, ...; without it, the first two",
      ).choices(PATTERNS),
    )
    .option(
      "--bytes <n>",
      "bytes of an access, or of the stride; without it, from one request to 64 kB",
      wholeNumber(1, 2 ** 26),
    )
    .option("--streams <n>", "how many take turns, of the pattern streams", wholeNumber(2, 256), 4)
    .option("--writes <percent>", "share of writes", between(0, 100), 0)
    .option(
      "--outstanding <n>",
      "requests under way at once; 0: as many as the queues hold",
      wholeNumber(0, 100_000),
      64,
    )
    .option(
      "--channels <n>",
      "channels behind one port that issues in order; without it, one, or those of --ini",
      wholeNumber(1, 256),
    )
    .option("--mapping <fields>", "another order of the address fields, as in rochrababgco")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExamples:\n  accel memory --type hbm2\n  accel memory --type ddr4-2400 --pattern chunk --bytes 1024 --writes 33\n",
    )
    .action(run);
}

function run(options: MemoryCommandOptions): void {
  if (options.type !== undefined && options.ini !== undefined)
    throw new InputError("Give --type or --ini: one memory at a time.");
  if (options.ini !== undefined) {
    const config = dramSim3Config(parseDramSim3Ini(readText(options.ini)), options.ini);
    simulate(options.ini, `${options.ini}, as DRAMsim3 describes it`, config, options);
    return;
  }
  if (options.type === undefined) {
    list(options);
    return;
  }
  const memory = memoryNamed(options.type);
  if (memory.kind === "dram")
    simulate(memory.name, memory.title, { ...dramConfigOf(memory), channels: 1 }, options);
  else reckon(memory, options);
}

const MAX_INI_BYTES = 1 << 16;

function readText(path: string): string {
  try {
    if (regularFile(path).size > MAX_INI_BYTES)
      throw new InputError(`${path} is longer than ${MAX_INI_BYTES} bytes.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}.`,
    );
  }
}

function list({ json }: MemoryCommandOptions): void {
  const memories = memoryNames()
    .map(memoryNamed)
    .map((memory) => ({
      name: memory.name,
      title: memory.title,
      kind: memory.kind,
      peakBytesPerSecond: peakBytesPerSecondOf(memory),
      efficiency: memoryEfficiency(memory, { bytes: 65_536, streams: 1, writes: 0 }),
    }));
  if (json === true) printJson({ schema: "accel/memories@1", memories });
  else printMemories(memories);
}

function simulate(name: string, title: string, described: DramConfig, options: MemoryCommandOptions): void {
  const { bytes, streams, pattern, channels, mapping } = options;
  const config = arranged(
    described,
    {
      ...(channels === undefined ? {} : { channels }),
      ...(mapping === undefined ? {} : { addressMapping: mapping }),
    },
    `Memory ${name}`,
  );
  const question: MemoryQuestion = {
    patterns: pattern === undefined ? ["chunk", "streams"] : [pattern],
    bytes: bytes ?? null,
    streams,
    writes: options.writes / 100,
    outstanding: options.outstanding === 0 ? null : options.outstanding,
  };
  const report = memoryReport(config, question);
  const { addressMapping } = config;
  const { writes, outstanding } = question;
  if (options.json === true)
    printJson({
      schema: "accel/memory-efficiency@1",
      kind: "simulated",
      memory: name,
      addressMapping,
      writes,
      outstanding,
      ...report,
    });
  else printReport(title, config, question, report);
}

const SIZES = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536];

/** A memory without rows: an access costs what its data sheet says. */
function reckon(
  memory: Exclude<MemoryDescription, { kind: "dram" }>,
  { bytes, writes, json }: MemoryCommandOptions,
): void {
  const answers = (bytes === undefined ? SIZES : [bytes]).map((size) => ({
    bytes: size,
    efficiency: memoryEfficiency(memory, { bytes: size, streams: 1, writes: writes / 100 }),
  }));
  if (json === true)
    printJson({
      schema: "accel/memory-efficiency@1",
      kind: "estimated",
      memory: memory.name,
      peakBytesPerSecond: peakBytesPerSecondOf(memory),
      answers,
    });
  else printAccesses(memory, answers);
}
