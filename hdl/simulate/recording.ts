import { closeSync, openSync, writeSync } from "node:fs";
import { BIT } from "../builder/operators.ts";
import type { Clocks } from "./clocks.ts";
import type { FlatDesign, FlatSignal } from "./flat.ts";
import { type Observed, observer } from "./observe.ts";
import type { Signals, Visible } from "./signals.ts";
import { VcdWriter } from "./vcd.ts";

export interface RecordOptions {
  /** Where the value change dump goes: a file, or a function that takes its text in pieces. */
  readonly file: string | ((text: string) => void);
  /** Which signals are recorded, by path or scope. Default: all. */
  readonly scope?: Observed;
  /** First and last cycle. */
  readonly from?: number;
  readonly to?: number;
}

/** Writes a running simulation's signals and clocks as a value change dump. Times are in halves of the periods' unit. */
export class Recording {
  private readonly writer: VcdWriter;
  private readonly file: number | null;
  private readonly clocks: Clocks;
  private readonly shown: readonly Visible[];
  private readonly from: number;
  private readonly to: number;
  private isOpen = true;

  constructor(design: FlatDesign, signals: Signals, clocks: Clocks, options: RecordOptions) {
    const { file, scope = "all", from = 0, to = Number.POSITIVE_INFINITY } = options;
    const isRecorded = observer(scope);
    const recorded = design.signals.filter((signal) => signal.parts !== null && isRecorded(signal));
    this.clocks = clocks;
    this.from = clocks.startOf(from);
    this.to = clocks.startOf(to + 1);
    this.shown = recorded.map(({ path }) => signals.all.get(path.join(".")));
    this.file = typeof file === "string" ? openSync(file, "w") : null;
    const sink = typeof file === "string" ? (text: string) => void writeSync(this.file ?? 1, text) : file;
    this.writer = new VcdWriter(sink, [...clocks.clocks.map(clockSignal), ...recorded], { top: design.name });
  }

  /** Writes down what signals are at a time. */
  sample(time: number): void {
    if (!this.isOpen || time < this.from || time > this.to) return;
    for (const { group } of this.shown) group?.settle();
    const clocks = this.clocks.clocks.map((clock) => (this.clocks.isHigh(clock, time) ? 1n : 0n));
    this.writer.sample(time, [...clocks, ...this.shown.map(({ access }) => access.getBig())]);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.writer.finish();
    if (this.file !== null) closeSync(this.file);
  }
}

const clockSignal = (clock: string): FlatSignal => ({
  path: [clock],
  type: BIT,
  register: false,
  parts: null,
  labels: null,
});
