import { InputError } from "../../models/errors.ts";
import { accessSizes, streamOf } from "../../sim/dram/access.ts";
import { AddressMap } from "../../sim/dram/address-map.ts";
import { ceilingsOf, requestsPerRow } from "../../sim/dram/ceilings.ts";
import { type DramConfig, peakBytesPerSecond, requestBytes } from "../../sim/dram/config.ts";
import type { Loss } from "../../sim/dram/losses.ts";
import type { AccessPattern } from "../../sim/dram/patterns.ts";
import { type AccessResult, type AccessStream, MOST_REQUESTS, runStream } from "../../sim/dram/run.ts";
import { checkedDramConfig } from "../devices/memory.ts";

export type { AccessPattern, Loss };

/**
 * A memory with another number of channels, or another mapping.
 * @param origin its name, for the message
 * @throws InputError where they do not fit it
 */
export function arranged(
  memory: DramConfig,
  { channels, addressMapping }: Partial<Pick<DramConfig, "channels" | "addressMapping">>,
  origin: string,
): DramConfig {
  const config = checkedDramConfig(
    {
      ...memory,
      channels: channels ?? memory.channels,
      addressMapping: addressMapping ?? memory.addressMapping,
    },
    origin,
  );
  // Says whether the mapping fits the sizes.
  new AddressMap(config);
  return config;
}

/** How a memory is asked about. */
export interface MemoryQuestion {
  readonly patterns: readonly AccessPattern["kind"][];
  /** Sizes of an access or a stride; null: those that are worth looking at. */
  readonly bytes: number | null;
  readonly streams: number;
  readonly writes: number;
  readonly outstanding: number | null;
}

/** What accesses of one kind and size get. */
export interface MemoryAnswer {
  readonly pattern: AccessPattern["kind"];
  /** Null where the pattern has no size. */
  readonly bytes: number | null;
  readonly streams: number;
  readonly result: AccessResult;
  /** What costs most of the rest; null where next to nothing is lost. */
  readonly limit: Loss | null;
}

/** Shares of the peak that no scheduler can pass, with what they hold for. */
export interface MemoryCeilings {
  readonly refresh: number;
  readonly activateRateOneRequest: number;
  readonly activateRateWholeRow: number;
  readonly oneBankGroup: number;
  readonly oneBank: number;
  readonly window: number | null;
}

export interface MemoryReport {
  readonly channels: number;
  readonly peakBytesPerSecond: number;
  readonly requestBytes: number;
  readonly ceilings: MemoryCeilings;
  readonly answers: readonly MemoryAnswer[];
}

/** Less than this share is not worth a name. */
const WORTH_NAMING = 0.005;

/**
 * Simulates what a DRAM gives, by size and pattern.
 * @throws InputError for accesses that are too large for a run
 */
export function memoryReport(config: DramConfig, question: MemoryQuestion): MemoryReport {
  const { outstanding } = question;
  const ceilings = ceilingsOf(config);
  return {
    channels: config.channels,
    peakBytesPerSecond: peakBytesPerSecond(config),
    requestBytes: requestBytes(config),
    ceilings: {
      refresh: ceilings.refresh,
      activateRateOneRequest: ceilings.activateRate(1),
      activateRateWholeRow: ceilings.activateRate(requestsPerRow(config)),
      oneBankGroup: ceilings.bankGroup,
      oneBank: ceilings.rowCycle,
      window: outstanding === null ? null : ceilings.window(outstanding),
    },
    answers: question.patterns.flatMap((pattern) =>
      sizesOf(config, pattern, question.bytes).map((bytes) => answer(config, question, pattern, bytes)),
    ),
  };
}

const sizesOf = (
  config: DramConfig,
  pattern: AccessPattern["kind"],
  bytes: number | null,
): readonly (number | null)[] => {
  if (pattern === "seq" || pattern === "random") return [null];
  return bytes === null ? accessSizes(config) : [bytes];
};

function answer(
  config: DramConfig,
  question: MemoryQuestion,
  pattern: AccessPattern["kind"],
  bytes: number | null,
): MemoryAnswer {
  const streams = pattern === "streams" ? question.streams : 1;
  const { writes, outstanding } = question;
  const like = streamOf(config, { bytes: bytes ?? requestBytes(config), streams, writes }, outstanding);
  if (like.bytes > MOST_REQUESTS * requestBytes(config))
    throw new InputError(
      `${streams} accesses of ${bytes} bytes in turn are more than a run holds: take smaller ones.`,
    );
  const result = runStream(config, { ...like, pattern: patternOf(pattern, bytes, like) });
  const worst = (Object.entries(result.lost) as [Loss, number][]).reduce((most, one) =>
    one[1] > most[1] ? one : most,
  );
  return { pattern, bytes, streams, result, limit: worst[1] < WORTH_NAMING ? null : worst[0] };
}

function patternOf(kind: AccessPattern["kind"], bytes: number | null, like: AccessStream): AccessPattern {
  if (kind === "seq" || kind === "random") return { kind };
  return kind === "stride" ? { kind, bytes: bytes ?? 0 } : like.pattern;
}
