import { type Device, isFpga } from "./device.ts";
import type { Figure } from "./figure.ts";

export type Unit =
  | "operations/s"
  | "bytes/s"
  | "bytes"
  | "watts"
  | "seconds"
  | "picojoules"
  | "US dollars"
  | "MHz"
  | "share"
  | "";

/** One figure of a device, with what it says. */
export interface FigureLine {
  readonly what: string;
  readonly unit: Unit;
  /** Null: not known. */
  readonly figure: Figure | null;
  /** Relative, one standard deviation; null where the source gives none. */
  readonly uncertainty: number | null;
}

type AnyFigure = (Omit<Figure, "value"> & { readonly value: number; readonly uncertainty?: number }) | null;

const line = (what: string, unit: Unit, figure: AnyFigure): FigureLine => ({
  what,
  unit,
  figure,
  uncertainty: figure?.uncertainty ?? null,
});

/** Every figure of a device, in the order in which a person asks for them. */
export function figuresOf(device: Device): readonly FigureLine[] {
  const { compute, memories, onChip, power, link, efficiency, measuredKernels, ...others } =
    device.performance;
  return [
    ...compute.flatMap(({ numbers, operationsPerSecond, sparse24 }) => [
      line(`${numbers}, dense`, "operations/s", operationsPerSecond),
      ...(sparse24 === null ? [] : [line(`${numbers}, 2:4 sparse`, "operations/s", sparse24)]),
    ]),
    line("vectors", "operations/s", others.vectorOperationsPerSecond),
    ...memories.flatMap(({ name, type, bytes, bytesPerSecond, channels }) => [
      line(`${name} (${type})`, "bytes", bytes),
      line(`${name}, peak`, "bytes/s", bytesPerSecond),
      line(`${name}, channels`, "", channels),
    ]),
    line("on chip", "bytes", onChip.bytes),
    line("on chip, peak", "bytes/s", onChip.bytesPerSecond),
    line("streams get", "share", efficiency.memory),
    line("large products get", "share", efficiency.compute),
    line("before a first result", "seconds", others.launchSeconds),
    ...(measuredKernels === null
      ? []
      : [
          line("multiprocessors", "", measuredKernels.multiprocessors),
          line("cache of one", "bytes", measuredKernels.cacheBytes),
        ]),
    ...(link === null
      ? [line("link", "bytes/s", null)]
      : [
          line(`${link.kind}, each way`, "bytes/s", link.bytesPerSecond),
          line(`${link.kind}, a collective's start`, "seconds", link.startSeconds),
          line(`${link.kind}, a step of it`, "seconds", link.stepSeconds),
        ]),
    line("idle", "watts", power.idleWatts),
    line("at most", "watts", power.boardWatts),
    ...memories.map(({ name, picojoulesPerByte }) =>
      line(`a byte of ${name}`, "picojoules", picojoulesPerByte),
    ),
    ...compute.map(({ numbers, picojoulesPerOperation }) =>
      line(`an operation of ${numbers}`, "picojoules", picojoulesPerOperation),
    ),
    line("price", "US dollars", others.priceUsd),
    ...(isFpga(device)
      ? [
          line("LUTs of four inputs", "", device.lut4),
          line("LUTs of six inputs", "", device.lut6),
          line("flip-flops", "", device.flipFlops),
          line("int8 products a cycle", "", device.multipliers),
          line("block RAMs", "", device.blockRams),
          line("ultra RAMs", "", device.ultraRams),
          line("block and ultra RAM", "bytes", device.blockRamBytes),
          line("large memories", "bytes", device.largeRamBytes),
          line("PLLs", "", device.plls),
          line("oscillator", "MHz", device.oscillatorMHz),
          line("multipliers up to", "MHz", device.limitsMHz.multiplier),
          line("large memories up to", "MHz", device.limitsMHz.largeRam),
          ...device.packages.map(({ name, pins }) => line(`pins of ${name}`, "", pins)),
        ]
      : []),
  ].filter(({ figure, what }) => figure !== null || ALWAYS_ASKED.includes(what));
}

/** What is said to be unknown, where it is: of other figures, a device that lacks them has none. */
const ALWAYS_ASKED: readonly string[] = ["vectors", "link", "idle", "at most", "price"];
