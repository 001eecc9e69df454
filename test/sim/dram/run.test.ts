import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressMap } from "../../../sim/dram/address-map.ts";
import { ceilingsOf } from "../../../sim/dram/ceilings.ts";
import { DramChannel, type DramCommand } from "../../../sim/dram/channel.ts";
import { requestBytes } from "../../../sim/dram/config.ts";
import { placesOf } from "../../../sim/dram/patterns.ts";
import { runStream } from "../../../sim/dram/run.ts";
import { anyMemory, anyStream } from "./random-memory.ts";

const numRuns = process.env.ACCEL_DEEP === "1" ? 1000 : 100;

describe("a stream of requests", () => {
  it("moves each byte once, unless two requests for a place meet", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (config, stream) => {
        const { requests, commands } = runStream(config, stream);
        expect(requests).toBe(Math.floor(stream.bytes / requestBytes(config)));
        expect(commands.read + commands.write).toBeLessThanOrEqual(requests);
        if (stream.writes === 0) expect(commands.write).toBe(0);
        if (stream.writes === 0 && stream.pattern.kind === "seq" && stream.outstanding !== null)
          expect(commands.read).toBe(requests);
      }),
      { numRuns },
    );
  });

  it("has every clock of every channel accounted for: data, or a reason", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (config, stream) => {
        const { clocks, commands, lost } = runStream(config, stream);
        const busy = ((commands.read + commands.write) * config.burstClocks) / (clocks * config.channels);
        expect(busy + Object.values(lost).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns },
    );
  });

  it("loses no clock twice: of reads, no reason has less than none", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (config, stream) => {
        const { lost } = runStream(config, { ...stream, writes: 0 });
        for (const share of Object.values(lost)) expect(share).toBeGreaterThanOrEqual(0);
      }),
      { numRuns },
    );
  });

  it("never passes the refresh, tFAW, tCCD_L, tRC and window ceilings", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (memory, stream) => {
        const config = { ...memory, channels: 1 };
        const { requests, clocks, commands } = runStream(config, stream);
        const { timing, ranks, burstClocks, bankGroups, banksPerGroup } = config;
        const columns = commands.read + commands.write;
        if (ranks === 1) {
          // The last refresh may still be under way, and data of before come in its first clocks.
          const refreshClocks = Math.max(0, commands.refresh - 1) * timing.rfc;
          expect(columns * burstClocks + refreshClocks).toBeLessThanOrEqual(clocks + timing.cl + burstClocks);
          expect(Math.floor((commands.activate - 1) / 4) * timing.faw).toBeLessThanOrEqual(clocks);
          if (bankGroups * banksPerGroup === 1)
            expect((commands.activate - 1) * (timing.ras + timing.rp)).toBeLessThanOrEqual(clocks);
          if (bankGroups === 1) {
            const each = Math.max(burstClocks, timing.ccdS);
            expect((columns - 1) * each).toBeLessThanOrEqual(clocks);
          }
        }
        if (stream.outstanding !== null && stream.writes === 0 && commands.read === requests) {
          const rounds = Math.ceil(requests / stream.outstanding);
          expect(rounds * (timing.al + timing.cl + burstClocks)).toBeLessThanOrEqual(clocks);
        }
      }),
      { numRuns },
    );
  });

  it("comes near its ceilings where nothing else is in the way", () => {
    const long = { bytes: 2 ** 20, writes: 0, outstanding: null, seed: 1 } as const;
    const config = {
      ...{ channels: 1, ranks: 1, bankGroups: 4, banksPerGroup: 4, rows: 2 ** 14, columns: 128, busBytes: 8 },
      ...{ burstLength: 4, burstClocks: 2, clockNs: 1, dualCommand: true, addressMapping: "rorabgbachco" },
      timing: {
        ...{
          al: 0,
          cl: 14,
          cwl: 4,
          rcdRead: 14,
          rcdWrite: 14,
          rp: 14,
          ras: 34,
          ccdS: 2,
          ccdL: 4,
          rrdS: 4,
          rrdL: 6,
        },
        ...{ faw: 40, aw32: null, wtrS: 6, wtrL: 8, wr: 16, rtp: 5, ppd: 0, rtrs: 2, rfc: 260, refi: 3900 },
      },
      controller: { requestQueue: 32, bankQueue: 8, unified: false },
    };
    const ceilings = ceilingsOf(config);
    const random = runStream(config, { ...long, pattern: { kind: "random" } });
    const most = ({ lost }: { lost: Readonly<Record<string, number>> }): string | undefined =>
      Object.entries(lost).toSorted(([, a], [, b]) => b - a)[0]?.[0];
    expect(most(random)).toBe("activate rate");
    expect(random.efficiency / (ceilings.activateRate(1) * ceilings.refresh)).toBeGreaterThan(0.95);
    // Column after column of one row: one bank group at a time.
    const inRows = runStream(config, { ...long, pattern: { kind: "seq" } });
    expect(most(inRows)).toBe("bank group");
    expect(inRows.efficiency / (ceilings.bankGroup * ceilings.refresh)).toBeGreaterThan(0.95);
    const interleaved = { ...config, addressMapping: "rorabachcobg" };
    const seq = runStream(interleaved, { ...long, pattern: { kind: "seq" } });
    expect(most(seq)).toBe("refresh");
    expect(seq.efficiency / ceilings.refresh).toBeGreaterThan(0.97);
    const oneBank = runStream(config, { ...long, pattern: { kind: "stride", bytes: 2 ** 14 } });
    expect(most(oneBank)).toBe("row cycle");
    expect(oneBank.efficiency / (ceilings.rowCycle * ceilings.refresh)).toBeGreaterThan(0.95);
    const few = runStream(interleaved, { ...long, pattern: { kind: "seq" }, outstanding: 4 });
    expect(most(few)).toBe("requests");
    expect(few.efficiency / (ceilings.window(4) * ceilings.refresh)).toBeGreaterThan(0.85);
    expect(few.efficiency).toBeLessThan(ceilings.window(4));
    const mixed = runStream(interleaved, { ...long, pattern: { kind: "seq" }, writes: 0.5 });
    expect(mixed.lost.turnaround).toBeGreaterThan(0.03);
    expect(seq.lost.turnaround).toBe(0);
  });

  it("is the same each time", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (config, stream) => {
        expect(runStream(config, stream)).toEqual(runStream(config, stream));
      }),
      { numRuns: 20 },
    );
  });
});

describe("a channel", () => {
  it("does nothing in clocks that it does not name", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (memory, stream) => {
        const config = { ...memory, channels: 1 };
        const map = new AddressMap(config);
        const send = (everyClock: boolean): DramCommand[] => {
          const commands: DramCommand[] = [];
          const channel = new DramChannel(
            config,
            map,
            () => {},
            (command) => commands.push(command),
          );
          const place = placesOf(stream.pattern, map.blocks, requestBytes(config), stream.seed);
          let left = 300;
          for (let clock = 0; clock < 20_000; clock++) {
            // Requests come in clocks that have nothing to do with what the channel does.
            if (left > 0 && clock % 3 === 0 && channel.accepts(false)) {
              channel.add(place(), false, clock);
              left--;
            }
            if (everyClock || channel.nextEvent <= clock) channel.tick(clock);
          }
          return commands;
        };
        expect(send(false)).toEqual(send(true));
      }),
      { numRuns: 25 },
    );
  });
});
