import { InputError } from "../../models/errors.ts";
import type { Machine } from "../compile/machine.ts";
import type { Fpga } from "../devices/device.ts";
import type { CellCounts, FamilyCounts } from "../flow/synthesize.ts";

/** What a part has of a kind of cell, and what a design wants of it. */
export interface CellUse {
  readonly what: string;
  readonly used: number;
  readonly available: number;
}

const BLOCK_RAM_BYTES = 512;
const SPRAM_BYTES = 32768;

type Counts = Pick<CellCounts, "lut4" | "dsp" | "blockRam" | "spram">;

/** Logic cells are counted after packing only; before it, a design takes as many as its LUTs at least. */
export function cellUse(device: Fpga, { lut4, dsp, blockRam, spram }: Counts): CellUse[] {
  return [
    { what: "LUT4s", used: lut4, available: device.lut4?.value ?? 0 },
    { what: "DSP blocks", used: dsp, available: device.multipliers.value / 2 },
    { what: "block RAMs", used: blockRam, available: device.blockRamBytes.value / BLOCK_RAM_BYTES },
    { what: "SPRAMs", used: spram, available: device.largeRamBytes.value / SPRAM_BYTES },
  ];
}

/** The same of an ECP5. */
export function ecp5Use(device: Fpga, { luts, dsp, blockRam }: FamilyCounts): CellUse[] {
  return [
    { what: "LUT4s", used: luts, available: device.lut4?.value ?? 0 },
    // Two 9 × 9 products each.
    { what: "multipliers", used: dsp, available: device.multipliers.value / 2 },
    { what: "block RAMs", used: blockRam, available: device.blockRams?.value ?? 0 },
  ];
}

/** @throws InputError with the numbers, where a part has too few cells */
export function demandFit(machine: Machine, device: Fpga, uses: readonly CellUse[]): void {
  const over = uses.filter(({ used, available }) => used > available);
  if (over.length > 0)
    throw new InputError(
      `Machine ${machine.name} does not fit ${device.name}: ${over.map(({ what, used, available }) => `it takes ${used} ${what} of ${available}`).join(", ")}.`,
    );
}
