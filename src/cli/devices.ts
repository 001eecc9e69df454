import { Command } from "commander";
import pc from "picocolors";
import type { Machine } from "../compile/machine.ts";
import { type Device, isFpga } from "../devices/device.ts";
import { type FigureLine, figuresOf, type Unit } from "../devices/figure-list.ts";
import { deviceNamed, deviceNames, machineFrom, machineNames } from "../devices/library.ts";
import { markdownTable, print, printJson, short, table, whole } from "./output.ts";

interface DevicesOptions {
  readonly sources?: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function devicesCommand(): Command {
  return new Command("devices")
    .description("list GPUs, FPGAs and the machines that are described for them, each figure with its source")
    .argument("[name|file]", "one device only, or a description of your own, which is checked")
    .option("--sources", "say where each figure of the device is from")
    .option("--markdown", "print the table of docs/devices.md")
    .option("--json", "print one JSON object, sources included")
    .addHelpText("after", "\nExamples:\n  accel devices a100-80g --sources\n  accel devices my-device.json\n")
    .action(run);
}

function run(chosen: string | undefined, options: DevicesOptions): void {
  const devices = (chosen === undefined ? deviceNames() : [chosen]).map(deviceNamed);
  const machines = machineNames()
    .map(machineFrom)
    .filter(({ device }) => chosen === undefined || devices.some(({ name }) => name === device));
  if (options.json === true) printJson({ schema: "accel/devices@2", devices, machines });
  else if (options.markdown === true) print(markdownTable([HEAD, ...devices.map(row)], TEXTS));
  else if (chosen === undefined) print(`${table([HEAD, ...devices.map(row)])}\n\n${machineTable(machines)}`);
  else for (const device of devices) print(card(device, machines, options.sources === true));
}

const HEAD = [
  "device",
  "what it is",
  "TOP/s",
  "of",
  "weights in",
  "GiB",
  "GB/s",
  "on chip (MiB)",
  "W",
  "US$",
  "peaks are",
];
const TEXTS = ["device", "what it is", "of", "weights in", "peaks are"];

function row(device: Device): string[] {
  const { compute, memories, onChip, power, priceUsd } = device.performance;
  const [memory] = memories;
  const [peak] = compute;
  return [
    device.name,
    device.title,
    short((peak?.operationsPerSecond.value ?? 0) / 1e12),
    peak?.numbers ?? "",
    memory?.type ?? "",
    short((memory?.bytes.value ?? 0) / 2 ** 30),
    short((memory?.bytesPerSecond.value ?? 0) / 1e9),
    short(onChip.bytes.value / 2 ** 20),
    power.boardWatts === null ? "-" : short(power.boardWatts.value),
    priceUsd === null ? "-" : whole(priceUsd.value),
    [...new Set([peak?.operationsPerSecond.kind, memory?.bytesPerSecond.kind])].join(", "),
  ];
}

function machineTable(machines: readonly Machine[]): string {
  return table([
    ["machine", "device", "MHz", "multipliers", "weights from", "what it is"],
    ...machines.map((machine) => [
      machine.name,
      machine.device,
      String(machine.clockMHz),
      whole(machine.matrix.lanes),
      machine.memories.find((memory) => memory.holds.includes("weights"))?.name ?? "",
      machine.summary,
    ]),
  ]);
}

/** All figures of one device. */
function card(device: Device, machines: readonly Machine[], withSources: boolean): string {
  const head = ["figure", "value", "unit", "by", ...(withSources ? ["source"] : [])];
  const rows = figuresOf(device).map((line) => {
    const { what, figure } = line;
    const [value, unit] = valueAndUnit(line);
    const source = withSources ? [figure?.source ?? ""] : [];
    return [what, value, unit, figure?.kind ?? "not known", ...source];
  });
  const { note } = device.performance;
  const made = isFpga(device)
    ? `machines: ${machines.map(({ name }) => name).join(", ") || "none ships"}`
    : "";
  return [
    `${pc.bold(device.name)}  ${device.title}, ${device.kind}`,
    ...[made, note ?? ""].filter((text) => text !== "").map((text) => pc.dim(text)),
    "",
    table([head, ...rows]),
  ].join("\n");
}

const PREFIXES = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;
const BINARY_PREFIXES = [
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
] as const;
const PREFIXED: Readonly<Partial<Record<Unit, string>>> = { "operations/s": "OP/s", "bytes/s": "B/s" };

/** A figure as people read it: 312 and TOP/s. */
function valueAndUnit({ figure, unit, uncertainty }: FigureLine): [string, string] {
  if (figure === null) return ["-", ""];
  const { value } = figure;
  const spread = uncertainty === null ? "" : ` ± ${short(100 * uncertainty)} %`;
  const prefixed = PREFIXED[unit];
  if (prefixed !== undefined) {
    const [scale, prefix] = PREFIXES.find(([least]) => value >= least) ?? [1, ""];
    return [short(value / scale), `${prefix}${prefixed}`];
  }
  switch (unit) {
    case "bytes": {
      const [scale, name] = BINARY_PREFIXES.find(([least]) => value >= least) ?? [1, "bytes"];
      return [short(value / scale), name];
    }
    case "seconds":
      return [short(value * 1e6), "µs"];
    case "share":
      return [`${short(100 * value)} %${spread}`, "of the peak"];
    case "watts":
      return value < 0.01 ? [short(1e6 * value), "µW"] : [short(value), "W"];
    case "picojoules":
      return [short(value), "pJ"];
    case "US dollars":
      return [whole(value), "US$"];
    default:
      return [Number.isInteger(value) ? whole(value) : short(value), unit];
  }
}
