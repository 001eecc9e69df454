import type { Path } from "../flow/longest-paths.ts";

/** A path in the names of the design. */
export interface CriticalPath {
  readonly clock: string;
  /** From the clock's edge to the edge that it has to be there for. */
  readonly nanoseconds: number;
  /** Signals on the way, each with the time after the clock's edge until which its last cell has answered. */
  readonly steps: readonly { readonly signal: string; readonly nanoseconds: number }[];
}

/**
 * What stands behind a signal's name in that of a cell: the tools name one after what it drives or is driven by
 * (`x_SB_LUT4_O_3`), and packed ones after what they are (`_LC`).
 */
const BEHIND = /(_[A-Z]+\d*)?_SB_[A-Z].*$|_(D_)?(DFF)?LC$|_(DSP|RAM)$|\$.*$/;

export const signalName = (cell: string): string =>
  cell.replace(BEHIND, "").replace(/_(LC|DSP|RAM)$/, "") || cell;

export function namedPath({ clock, period, steps }: Path): CriticalPath {
  const named: { signal: string; nanoseconds: number }[] = [];
  for (const { cell, arrival } of steps) {
    const signal = signalName(cell);
    const last = named.at(-1);
    if (last?.signal === signal) last.nanoseconds = arrival;
    else named.push({ signal, nanoseconds: arrival });
  }
  return { clock: signalName(clock), nanoseconds: period, steps: named };
}
