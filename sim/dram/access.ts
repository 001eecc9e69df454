import { rowBytes } from "./ceilings.ts";
import { type DramConfig, requestBytes } from "./config.ts";
import type { AccessStream } from "./run.ts";

/** How an accelerator uses a memory: so many bytes in sequence, then another place. */
export interface Access {
  readonly bytes: number;
  /** 1: each access at a random place, aligned to its size; more: so many sequential streams take turns. */
  readonly streams: number;
  /** Share of writes, from 0 to 1. */
  readonly writes: number;
}

/** A run is at least so many bytes a channel, and so many accesses: its beginning and end hardly count. */
const RUN_BYTES = 2 ** 21;
/** Of more channels, the others show nothing new. */
const RUN_CHANNELS = 16;
const RUN_ACCESSES = 32;

/** The stream that stands for accesses of a kind. Streams begin an open row of every bank group apart, as tensors do that follow each other. */
export function streamOf(config: DramConfig, access: Access, outstanding: number | null): AccessStream {
  const { bytes, streams, writes } = access;
  return {
    pattern:
      streams === 1
        ? { kind: "chunk", bytes }
        : { kind: "streams", streams, burstBytes: bytes, skewBytes: rowBytes(config) * config.bankGroups },
    bytes: Math.max(Math.min(config.channels, RUN_CHANNELS) * RUN_BYTES, RUN_ACCESSES * streams * bytes),
    writes,
    outstanding,
    seed: 1,
  };
}

/** Sizes of accesses worth looking at: from one request to 64 kB. */
export function accessSizes(config: DramConfig): number[] {
  const sizes = [requestBytes(config)];
  while (sizes.at(-1)! < 65_536) sizes.push(2 * sizes.at(-1)!);
  return sizes;
}
