import { type DramConfig, requestBytes } from "./config.ts";
import { delaysOf } from "./delays.ts";

/**
 * Shares of the peak that no scheduler can pass. A refresh of one rank leaves the others to work, and
 * the part of a refresh that falls into a burst's time is not lost: these are bounds, not predictions.
 */
export interface Ceilings {
  /** One rank: 1 - tRFC / tREFI. */
  readonly refresh: number;
  /** Four activates of a rank in tFAW, each with so many requests to its row. */
  readonly activateRate: (requestsPerActivate: number) => number;
  /** All requests in one bank group: a burst's clocks against tCCD_L. */
  readonly bankGroup: number;
  /** All requests in one bank, each with its own row: a burst's clocks against tRC. */
  readonly rowCycle: number;
  /** So many requests under way, each for at least the latency of an open row. */
  readonly window: (outstanding: number) => number;
}

export function ceilingsOf(config: DramConfig): Ceilings {
  const { burstClocks, ranks, channels, timing } = config;
  const { activateToActivate, activateAgain, readToData, readToRead } = delaysOf(config);
  const activateEvery = Math.max(timing.faw / 4, activateToActivate.otherGroup);
  return {
    refresh: ranks === 1 ? 1 - timing.rfc / timing.refi : 1,
    activateRate: (requestsPerActivate) =>
      Math.min(1, (requestsPerActivate * ranks * burstClocks) / activateEvery),
    bankGroup: burstClocks / readToRead.sameGroup,
    rowCycle: burstClocks / activateAgain,
    window: (outstanding) => Math.min(1, (outstanding * burstClocks) / (channels * (readToData + 1))),
  };
}

/** Bytes of a row that one activate opens. */
export const rowBytes = ({ columns, busBytes }: DramConfig): number => columns * busBytes;

/** Requests that one row holds. */
export const requestsPerRow = (config: DramConfig): number => rowBytes(config) / requestBytes(config);
