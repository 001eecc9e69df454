import { memoryNamed, memoryNames } from "../devices/library.ts";
import type { MemoryDescription } from "../devices/memory.ts";
import { type AccessShare, accessShares } from "./memory-efficiency.ts";

/**
 * Shares of a long stream's rate that accesses of a size get, of a type of memory: by the description that ships of this
 * type, the one with requests of `accessBytes` first. A type of which none ships gives every access the whole rate.
 */
export function memoryShareByAccess(type: string, accessBytes: number): readonly AccessShare[] {
  const alike = shipped().filter((memory) => memory.type === type);
  const memory = alike.find((one) => leastBytes(one) === accessBytes) ?? alike[0];
  return memory === undefined ? [{ bytes: accessBytes, share: 1 }] : accessShares(memory);
}

/** Read once: every memory of every device asks. */
let read: readonly MemoryDescription[] | null = null;
function shipped(): readonly MemoryDescription[] {
  read ??= memoryNames().map(memoryNamed);
  return read;
}

function leastBytes(memory: MemoryDescription): number {
  switch (memory.kind) {
    case "dram":
      return memory.organisation.value.busBytes * memory.organisation.value.burstLength;
    case "flash":
      return 1;
    case "sram":
      return memory.wordBytes.value;
  }
}
