import type { DramMemory, EfficiencyTable, MemoryDescription } from "../devices/memory.ts";

/** How a memory is used. */
export interface MemoryAccess {
  /** Bytes that are read or written in sequence, before the next place. */
  readonly bytes: number;
  /** 1: each access at a place of its own; more: so many sequential streams take turns. */
  readonly streams: number;
  /** Share of writes, from 0 to 1. */
  readonly writes: number;
}

/** Bytes a second, if data moved in every clock. */
export function peakBytesPerSecondOf(memory: MemoryDescription): number {
  switch (memory.kind) {
    case "dram": {
      const { channels, busBytes, burstLength, burstClocks } = memory.organisation.value;
      return (channels * busBytes * burstLength * 1e9) / (burstClocks * memory.clockNs.value);
    }
    case "flash":
      return (memory.bitsPerClock.value / 8) * memory.clockMHz.value * 1e6;
    case "sram":
      return memory.wordBytes.value * memory.clockMHz.value * 1e6;
  }
}

/**
 * Share of the peak that accesses get: of a DRAM between the points that were simulated, of others by what an access costs.
 * A DRAM's table holds for one channel with many requests under way.
 */
export function memoryEfficiency(memory: MemoryDescription, access: MemoryAccess): number {
  switch (memory.kind) {
    case "dram":
      return dramEfficiency(memory, access);
    case "flash": {
      // A sequential stream goes on; a change of place begins a new access.
      const dataClocks = (8 * access.bytes) / memory.bitsPerClock.value;
      return dataClocks / (dataClocks + memory.accessClocks.value);
    }
    case "sram": {
      const words = Math.ceil(access.bytes / memory.wordBytes.value);
      return access.bytes / (words * memory.wordBytes.value);
    }
  }
}

function dramEfficiency({ efficiency, organisation }: DramMemory, access: MemoryAccess): number {
  const { busBytes, burstLength } = organisation.value;
  const atomBytes = busBytes * burstLength;
  // What is less than a whole number of bursts moves the rest of the last one too.
  const moved = Math.ceil(access.bytes / atomBytes) * atomBytes;
  return (access.bytes / moved) * tableEfficiency(efficiency, { ...access, bytes: moved });
}

function tableEfficiency(table: EfficiencyTable, { bytes, streams, writes }: MemoryAccess): number {
  const counts = distinct(table.rows.map((row) => row.streams));
  const shares = distinct(table.rows.map((row) => row.writes));
  const at = (count: number, share: number): number => {
    const row = table.rows.find((one) => one.streams === count && one.writes === share);
    return row === undefined ? 0 : interpolate(table.bytes, row.efficiency, bytes, Math.log2);
  };
  const byWrites = (count: number): number =>
    interpolate(
      shares,
      shares.map((share) => at(count, share)),
      writes,
      (x) => x,
    );
  return interpolate(counts, counts.map(byWrites), streams, Math.log2);
}

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

/** Between two points on a straight line over `scale`; beyond the last ones, as at them. */
function interpolate(
  xs: readonly number[],
  ys: readonly number[],
  x: number,
  scale: (x: number) => number,
): number {
  const after = xs.findIndex((point) => point >= x);
  if (after === -1) return ys.at(-1)!;
  if (after === 0) return ys[0]!;
  const part = (scale(x) - scale(xs[after - 1]!)) / (scale(xs[after]!) - scale(xs[after - 1]!));
  return ys[after - 1]! + part * (ys[after]! - ys[after - 1]!);
}

/** A size of access, and the share of a long stream's rate that reads of this size at random places get. */
export interface AccessShare {
  readonly bytes: number;
  readonly share: number;
}

/** From small sizes to large; the last is a long stream's. */
export function accessShares(memory: MemoryDescription): AccessShare[] {
  const sizes = memory.kind === "dram" ? memory.efficiency.bytes : OTHER_SIZES;
  const of = (bytes: number): number => memoryEfficiency(memory, { bytes, streams: 1, writes: 0 });
  const long = of(sizes.at(-1)!);
  // Where streams meet in a bank a middling size may do a little better than a long one; that is no gain to count on.
  return sizes.map((bytes) => ({ bytes, share: Math.min(1, of(bytes) / long) }));
}

/** Memories without rows, from a byte to 64 kB. */
const OTHER_SIZES = Array.from({ length: 17 }, (_, bits) => 2 ** bits);
