import type { DramConfig, MemoryDescription } from "../devices/memory.ts";
import type {
  AccessPattern,
  Loss,
  MemoryAnswer,
  MemoryQuestion,
  MemoryReport,
} from "../experiment/memory-report.ts";
import { peakBytesPerSecondOf } from "../roofline/memory-efficiency.ts";
import { line, percent, print, short, table, whole } from "./output.ts";

export const PATTERNS = ["chunk", "streams", "seq", "stride", "random"] as const;

/** What a loss is called in a data sheet. */
const LIMITS: Readonly<Record<Loss, string>> = {
  refresh: "refresh",
  "bank group": "tCCD_L",
  turnaround: "reads and writes in turn",
  "rank switch": "tRTRS",
  "activate rate": "tFAW, tRRD",
  "row cycle": "row misses",
  requests: "window",
  "command bus": "command bus",
};

const gigabytes = (bytesPerSecond: number): string => short(bytesPerSecond / 1e9);

/** Memories with their peaks and what long reads get of them. */
export function printMemories(
  rows: readonly {
    readonly name: string;
    readonly title: string;
    readonly peakBytesPerSecond: number;
    readonly efficiency: number;
  }[],
): void {
  print(
    table([
      ["memory", "what it is", "peak GB/s", "of it in reads of 64 kB"],
      ...rows.map((row) => [row.name, row.title, gigabytes(row.peakBytesPerSecond), percent(row.efficiency)]),
    ]),
  );
  print(
    "\nPeaks of all channels; shares simulated (DRAM) or estimated. More of one: accel memory --type hbm2",
  );
}

/** What was simulated of a DRAM: its ceilings, then each size with what costs most. */
export function printReport(
  title: string,
  { addressMapping }: DramConfig,
  question: MemoryQuestion,
  report: MemoryReport,
): void {
  const { ceilings, channels } = report;
  const { outstanding, writes } = question;
  const window =
    outstanding === null ? "as many requests as the queues hold" : `${whole(outstanding)} requests`;
  print(line("memory", title));
  print(
    line(
      channels === 1 ? "a channel" : `${channels} channels`,
      `${gigabytes(report.peakBytesPerSecond)} GB/s at most, ${report.requestBytes} bytes a request, addresses ${addressMapping}`,
    ),
  );
  print(line("asked", `${window} under way, in order; ${short(100 * writes)} % writes`));
  const bounds = [
    `refresh ${percent(ceilings.refresh)}`,
    `tFAW with one request a row ${percent(ceilings.activateRateOneRequest)}`,
    `tCCD_L in one bank group ${percent(ceilings.oneBankGroup)}`,
    `tRC in one bank ${percent(ceilings.oneBank)}`,
    ...(ceilings.window === null ? [] : [`window ${percent(ceilings.window)}`]),
  ];
  print(line("ceilings", bounds.join(", ")));
  print("");
  print(table(reportRows(question.streams, report.answers)));
  print("\nSimulated: shares of the peak, and the largest part of the time in which no data moves.");
}

function reportRows(streams: number, answers: readonly MemoryAnswer[]): string[][] {
  const titles: Readonly<Record<AccessPattern["kind"], string>> = {
    chunk: "at random places",
    streams: `${streams} streams in turn`,
    seq: "in sequence",
    stride: "one request each stride",
    random: "one request anywhere",
  };
  const patterns = PATTERNS.filter((pattern) => answers.some((answer) => answer.pattern === pattern));
  const sizes = [...new Set(answers.map(({ bytes }) => bytes))];
  const cells = ({ result, limit }: MemoryAnswer): string[] => [
    percent(result.efficiency),
    gigabytes(result.bytesPerSecond),
    limit === null ? "-" : `${LIMITS[limit]} ${percent(result.lost[limit])}`,
  ];
  return [
    ["bytes", ...patterns.flatMap((pattern) => [titles[pattern], "GB/s", "most is lost to"])],
    ...sizes.map((size) => [
      size === null ? "-" : whole(size),
      ...patterns.flatMap((pattern) =>
        answers.filter((answer) => answer.pattern === pattern && answer.bytes === size).flatMap(cells),
      ),
    ]),
  ];
}

/** A memory without rows: what an access costs tells all. */
export function printAccesses(
  memory: Exclude<MemoryDescription, { kind: "dram" }>,
  answers: readonly { readonly bytes: number; readonly efficiency: number }[],
): void {
  const peak = peakBytesPerSecondOf(memory);
  const limit =
    memory.kind === "flash" ? `${memory.accessClocks.value} clocks before the first byte` : "part of a word";
  print(line("memory", memory.title));
  print(line("peak", `${short(peak / 1e6)} MB/s at ${memory.clockMHz.value} MHz`));
  print("");
  print(
    table([
      ["bytes", "of the peak", "MB/s", "limited by"],
      ...answers.map(({ bytes, efficiency }) => [
        whole(bytes),
        percent(efficiency),
        short((efficiency * peak) / 1e6),
        efficiency > 1 - 5e-4 ? "-" : limit,
      ]),
    ]),
  );
  print("\nEstimated from what the data sheet says of one access.");
}
