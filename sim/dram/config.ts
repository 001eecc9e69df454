/** Delays of a DRAM in clocks of its command bus, by their JEDEC names. */
export interface DramTiming {
  /** Additive latency. */
  readonly al: number;
  /** Column command to the first data: of a read, of a write. */
  readonly cl: number;
  readonly cwl: number;
  /** Activate to read, activate to write. */
  readonly rcdRead: number;
  readonly rcdWrite: number;
  readonly rp: number;
  readonly ras: number;
  /** Between column commands: to another bank group, within one. */
  readonly ccdS: number;
  readonly ccdL: number;
  /** Between activates: to another bank group, within one. */
  readonly rrdS: number;
  readonly rrdL: number;
  /** At most four activates of a rank in this window. */
  readonly faw: number;
  /** At most 32 of them in this one; null where the standard has none (GDDR has). */
  readonly aw32: number | null;
  /** End of written data to a read: in another bank group, within one. */
  readonly wtrS: number;
  readonly wtrL: number;
  /** End of written data to precharge. */
  readonly wr: number;
  /** Read to precharge. */
  readonly rtp: number;
  /** Precharge to precharge; 0 where the standard has none. */
  readonly ppd: number;
  /** From one rank's data to another's, and from reads to writes. */
  readonly rtrs: number;
  /** A refresh, and the time between two of a rank. */
  readonly rfc: number;
  readonly refi: number;
}

/** How the controller works: the queues' sizes, in requests. */
export interface DramController {
  /** Accepted and not yet in a bank's queue: reads and writes each have so many places. */
  readonly requestQueue: number;
  /** Of each bank, from which commands are scheduled. */
  readonly bankQueue: number;
  /** One queue for reads and writes in place of two. */
  readonly unified: boolean;
}

/** A memory of equal channels. Sizes are powers of two. */
export interface DramConfig {
  readonly channels: number;
  readonly ranks: number;
  readonly bankGroups: number;
  readonly banksPerGroup: number;
  readonly rows: number;
  /** Bus words in a row. */
  readonly columns: number;
  /** Bytes of a bus word: the width of a channel, or of a pseudo channel that works by itself. */
  readonly busBytes: number;
  /** Bus words a request moves, and the clocks it takes for them. */
  readonly burstLength: number;
  readonly burstClocks: number;
  /** A clock of the command bus. */
  readonly clockNs: number;
  /** Fields from the highest address bits to the lowest: ro, ra, bg, ba, ch, co, two letters each. */
  readonly addressMapping: string;
  /** A row and a column command can go out in one clock, as in HBM. */
  readonly dualCommand: boolean;
  readonly timing: DramTiming;
  readonly controller: DramController;
}

/** Bytes that one request moves. */
export const requestBytes = ({ busBytes, burstLength }: DramConfig): number => busBytes * burstLength;

export const banksPerRank = ({ bankGroups, banksPerGroup }: DramConfig): number => bankGroups * banksPerGroup;

/** Bytes of all channels. */
export const capacityBytes = (config: DramConfig): number =>
  config.channels * config.ranks * banksPerRank(config) * config.rows * config.columns * config.busBytes;

/** Bytes a second of all channels, if data moved in every clock. */
export const peakBytesPerSecond = (config: DramConfig): number =>
  (config.channels * requestBytes(config) * 1e9) / (config.burstClocks * config.clockNs);

/**
 * Clocks from when a rank is due for refresh to when it has been refreshed, at most: a row that was just opened or written
 * must be closed, one bank after the other.
 */
export function refreshClocks(config: DramConfig): number {
  const { al, cwl, ras, wr, ppd, rp, rfc } = config.timing;
  return ras + al + cwl + config.burstClocks + wr + banksPerRank(config) * (ppd + 1) + rp + rfc;
}
