import type { PartOutput } from "./bench.ts";
import type { PinTrace } from "./recording.ts";

/** The first output of a netlist that is not what the circuit's is. */
export interface PinDifference {
  readonly output: string;
  readonly cycle: number;
  readonly half: "first" | "second";
  readonly expected: number;
  readonly got: number;
}

/** Where outputs stand in the words of a trace, and which of them are compared. */
export class TraceLayout {
  readonly outputs: readonly (PartOutput & { readonly low: number })[];
  /** Names of the outputs that are compared. A pin counts as two: what stands on it, and whether it is driven. */
  readonly compared: readonly string[];
  /** Names of those that the netlist does not have. */
  readonly missing: readonly string[];
  /** Bits that are compared always, and bits that say whether the one below is. */
  readonly always: number;
  readonly enables: number;

  /**
   * @param names outputs that the netlist has; a pin `p` counts as `p_out` and `p_enable`
   * @param pins names of its pins: what stands on one is compared where it is driven
   */
  constructor({ outputs }: PinTrace, names: ReadonlySet<string>, pins: readonly string[]) {
    let low = 0;
    this.outputs = outputs.map(({ name, width }) => {
      const place = { name, width, low };
      low += width;
      return place;
    });
    if (low > 32) throw new RangeError(`outputs of ${low} bits do not fit a word`);
    this.compared = outputs.map(({ name }) => name).filter((name) => names.has(name));
    this.missing = outputs.map(({ name }) => name).filter((name) => !names.has(name));
    const bits = (name: string): number => {
      const place = this.outputs.find((one) => one.name === name);
      return place === undefined ? 0 : ((2 ** place.width - 1) << place.low) >>> 0;
    };
    const sum = (some: readonly string[]): number => some.reduce((all, name) => (all | bits(name)) >>> 0, 0);
    const values = pins.map((pin) => `${pin}_out`);
    this.enables = sum(pins.map((pin) => `${pin}_enable`));
    this.always = sum(this.compared.filter((name) => !values.includes(name)));
    for (const pin of pins)
      if (bits(`${pin}_enable`) !== (bits(`${pin}_out`) << 1) >>> 0)
        throw new RangeError(`pin ${pin} does not stand beside its enable`);
  }

  /** Where two words differ first, in what is compared. */
  difference(
    expected: number,
    got: number,
    cycle: number,
    half: PinDifference["half"],
  ): PinDifference | null {
    const differing = (expected ^ got) & (this.always | ((expected & this.enables) >>> 1));
    if (differing === 0) return null;
    for (const { name, low, width } of this.outputs) {
      const mask = 2 ** width - 1;
      if (((differing >>> low) & mask) !== 0)
        return { output: name, cycle, half, expected: (expected >>> low) & mask, got: (got >>> low) & mask };
    }
    return null;
  }
}
