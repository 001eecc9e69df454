import { AddressMap } from "./address-map.ts";
import { type CommandKind, DramChannel, type DramCommand, NEVER } from "./channel.ts";
import { type DramConfig, peakBytesPerSecond, requestBytes } from "./config.ts";
import { LOSSES, type Loss } from "./losses.ts";
import { type AccessPattern, placesOf, randomNumbers } from "./patterns.ts";

/** A stream of requests, issued in order, at most two a clock for each channel. */
export interface AccessStream {
  readonly pattern: AccessPattern;
  readonly bytes: number;
  /** Share of writes, from 0 to 1. */
  readonly writes: number;
  /** Requests that may be under way at once; null: as many as the queues hold. */
  readonly outstanding: number | null;
  readonly seed: number;
}

export interface AccessResult {
  readonly requests: number;
  readonly clocks: number;
  readonly bytesPerSecond: number;
  /** Bytes moved, of those that the bus could have moved in this time. */
  readonly efficiency: number;
  /** Clocks from a read's issue to its data. */
  readonly meanReadLatencyClocks: number;
  readonly commands: Readonly<Record<CommandKind, number>>;
  /** Shares of the time in which no data moved, by reason. With the efficiency they add up to 1, but for writes still buffered. */
  readonly lost: Readonly<Record<Loss, number>>;
}

/** Most requests of one run. */
export const MOST_REQUESTS = 2 ** 24;

/** When requests are done: clocks, rising, and how many in each. */
class Completions {
  private readonly clocks: number[] = [];
  private readonly counts: number[] = [];
  private head = 0;

  add(clock: number, count: number): void {
    this.clocks.push(clock);
    this.counts.push(count);
  }

  get next(): number {
    return this.clocks[this.head] ?? NEVER;
  }

  /** Those done up to a clock. */
  take(clock: number): number {
    let count = 0;
    while (this.next <= clock) count += this.counts[this.head++]!;
    if (this.head > 4096) {
      this.clocks.splice(0, this.head);
      this.counts.splice(0, this.head);
      this.head = 0;
    }
    return count;
  }
}

/**
 * Runs a stream of requests against a memory until the last is done.
 * @param trace told of every command of a channel
 */
export function runStream(
  config: DramConfig,
  stream: AccessStream,
  trace: ((channel: number, command: DramCommand) => void) | null = null,
): AccessResult {
  const map = new AddressMap(config);
  const blockBytes = requestBytes(config);
  const requests = Math.floor(stream.bytes / blockBytes);
  if (requests < 1 || requests > MOST_REQUESTS)
    throw new RangeError(`A run has 1 to ${MOST_REQUESTS} requests, but this one ${requests}.`);
  const outstanding = stream.outstanding ?? Number.POSITIVE_INFINITY;
  const nextPlace = placesOf(stream.pattern, map.blocks, blockBytes, stream.seed);
  const nextWrite = writesOf(stream.writes, stream.seed);
  const done = new Completions();
  let reads = 0;
  let latency = 0;
  const completions = Array.from({ length: config.channels }, () => new Completions());
  const channels = completions.map(
    (own, index) =>
      new DramChannel(
        config,
        map,
        (readers, arrivals, clock) => {
          reads += readers;
          latency += readers * clock - arrivals;
          own.add(clock, readers);
        },
        trace === null ? null : (command) => trace(index, command),
      ),
  );

  let clock = 0;
  let issued = 0;
  let finished = 0;
  let place = nextPlace();
  let write = nextWrite();
  for (;;) {
    const most = Math.min(requests, issued + 2 * config.channels, finished + outstanding);
    while (issued < most) {
      const channel = channels[map.channel(place)]!;
      if (!channel.accepts(write)) break;
      if (channel.add(place, write, clock)) done.add(clock + 1, 1);
      issued++;
      place = nextPlace();
      write = nextWrite();
    }
    finished += done.take(clock);
    for (let i = 0; i < channels.length; i++) finished += completions[i]!.take(clock);
    if (finished === requests) break;
    let next = done.next;
    for (let i = 0; i < channels.length; i++) {
      const channel = channels[i]!;
      if (channel.nextEvent <= clock) channel.tick(clock);
      next = Math.min(next, channel.nextEvent, completions[i]!.next);
    }
    const issues =
      issued < requests && issued - finished < outstanding && channels[map.channel(place)]!.accepts(write);
    clock = issues ? clock + 1 : next;
    if (clock >= NEVER) throw new RangeError(`A run ends before clock ${NEVER}.`);
  }
  const clocks = clock + 1;
  for (const channel of channels) channel.losses.end(clocks);
  const peak = peakBytesPerSecond(config);
  const bytesPerSecond = (requests * blockBytes * 1e9) / (clocks * config.clockNs);
  const sum = (of: (channel: DramChannel) => number): number =>
    channels.reduce((total, channel) => total + of(channel), 0);
  const sent = (kind: CommandKind): number => sum((channel) => channel.sent[kind]);
  const lost = (loss: Loss): number => sum(({ losses }) => losses.clocks[loss]) / (clocks * config.channels);
  return {
    requests,
    clocks,
    bytesPerSecond,
    efficiency: bytesPerSecond / peak,
    meanReadLatencyClocks: reads === 0 ? 0 : latency / reads,
    commands: {
      activate: sent("activate"),
      precharge: sent("precharge"),
      read: sent("read"),
      write: sent("write"),
      refresh: sent("refresh"),
    },
    lost: Object.fromEntries(LOSSES.map((loss) => [loss, lost(loss)])) as Record<Loss, number>,
  };
}

/** Which requests are writes. */
function writesOf(share: number, seed: number): () => boolean {
  if (share <= 0) return () => false;
  if (share >= 1) return () => true;
  const random = randomNumbers(seed ^ 0x5bd1e995);
  return () => random() < share;
}
