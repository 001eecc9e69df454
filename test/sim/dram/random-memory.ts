import fc from "fast-check";
import type { DramConfig } from "../../../sim/dram/config.ts";
import type { AccessPattern } from "../../../sim/dram/patterns.ts";
import type { AccessStream } from "../../../sim/dram/run.ts";

const power = (least: number, most: number) => fc.integer({ min: least, max: most }).map((bits) => 2 ** bits);
const clocks = (least: number, most: number) => fc.integer({ min: least, max: most });

const MAPPINGS = [
  "rochrababgco",
  "rochrabacobg",
  "rorabgbachco",
  "rorabacobgch",
  "chrabgbaroco",
  "cobarabgroch",
];

/** Memories of any make: small, so that streams meet in banks, with delays as odd as a standard's, and odder. */
export const anyMemory: fc.Arbitrary<DramConfig> = fc
  .record({
    channels: power(0, 1),
    ranks: power(0, 2),
    bankGroups: power(0, 2),
    banksPerGroup: power(0, 2),
    rows: power(4, 8),
    columnRequests: power(0, 4),
    burst: fc.constantFrom(
      { burstLength: 4, burstClocks: 2 },
      { burstLength: 8, burstClocks: 4 },
      { burstLength: 8, burstClocks: 1 },
    ),
    dualCommand: fc.boolean(),
    addressMapping: fc.constantFrom(...MAPPINGS),
    bankQueue: clocks(1, 8),
    requestQueue: clocks(9, 32),
    unified: fc.boolean(),
    timing: fc
      .record({
        al: clocks(0, 2),
        cl: clocks(4, 20),
        cwl: clocks(2, 16),
        rcdRead: clocks(4, 20),
        rcdWrite: clocks(4, 20),
        rp: clocks(4, 20),
        rasAfterRcd: clocks(2, 30),
        ccdS: clocks(1, 4),
        ccdMore: clocks(0, 4),
        rrdS: clocks(1, 6),
        rrdMore: clocks(0, 4),
        faw: clocks(4, 40),
        aw32: fc.option(clocks(100, 400)),
        wtrS: clocks(1, 8),
        wtrMore: clocks(0, 6),
        wr: clocks(2, 20),
        rtp: clocks(1, 10),
        ppd: clocks(0, 3),
        rtrs: clocks(0, 3),
        rfc: clocks(20, 200),
        refi: clocks(400, 2000),
      })
      .map(({ rasAfterRcd, ccdMore, rrdMore, wtrMore, ...timing }) => ({
        ...timing,
        ras: Math.max(timing.rcdRead, timing.rcdWrite) + rasAfterRcd,
        ccdL: timing.ccdS + ccdMore,
        rrdL: timing.rrdS + rrdMore,
        wtrL: timing.wtrS + wtrMore,
      })),
  })
  .map(({ columnRequests, burst, bankQueue, requestQueue, unified, ...memory }) => ({
    ...memory,
    ...burst,
    columns: columnRequests * burst.burstLength,
    busBytes: 8,
    clockNs: 1,
    controller: { bankQueue, requestQueue, unified },
  }));

const anyPattern: fc.Arbitrary<AccessPattern> = fc.oneof(
  fc.constant<AccessPattern>({ kind: "seq" }),
  fc.constant<AccessPattern>({ kind: "random" }),
  power(4, 14).map((bytes): AccessPattern => ({ kind: "stride", bytes })),
  power(4, 12).map((bytes): AccessPattern => ({ kind: "chunk", bytes })),
  fc
    .record({ streams: clocks(2, 9), burstBytes: power(4, 10), skewBytes: power(0, 12) })
    .map((streams): AccessPattern => ({ kind: "streams", ...streams })),
);

/** Streams of some thousand requests at most. */
export const anyStream: fc.Arbitrary<AccessStream> = fc.record({
  pattern: anyPattern,
  bytes: clocks(64, 60_000),
  writes: fc.constantFrom(0, 0, 0.1, 0.33, 0.5, 1),
  outstanding: fc.option(clocks(1, 64)),
  seed: clocks(1, 1000),
});
