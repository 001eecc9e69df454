import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DramCommand } from "../../../sim/dram/channel.ts";
import type { DramConfig } from "../../../sim/dram/config.ts";
import { type AccessStream, runStream } from "../../../sim/dram/run.ts";
import { illegality } from "./legality.ts";
import { anyMemory, anyStream } from "./random-memory.ts";

const numRuns = process.env.ACCEL_DEEP === "1" ? 1000 : 60;

function commandsOf(config: DramConfig, stream: AccessStream): DramCommand[][] {
  const commands: DramCommand[][] = Array.from({ length: config.channels }, () => []);
  runStream(config, stream, (channel, command) => commands[channel]!.push(command));
  return commands;
}

/** The checker looks at every earlier command for each: some hundreds are enough. */
const shortStream = anyStream.map((stream) => ({ ...stream, bytes: Math.min(stream.bytes, 5000) }));

/** A memory, and streams, in which each delay is at some time what a command waits for. */
const TIGHT: DramConfig = {
  ...{ channels: 1, ranks: 2, bankGroups: 2, banksPerGroup: 4, rows: 64, columns: 64, busBytes: 8 },
  ...{ burstLength: 4, burstClocks: 2, clockNs: 1, dualCommand: false, addressMapping: "robabgrachco" },
  timing: {
    ...{ al: 0, cl: 9, cwl: 5, rcdRead: 8, rcdWrite: 7, rp: 9, ras: 24, ccdS: 3, ccdL: 5, rrdS: 3, rrdL: 5 },
    ...{ faw: 22, aw32: null, wtrS: 4, wtrL: 7, wr: 13, rtp: 6, ppd: 0, rtrs: 2, rfc: 60, refi: 600 },
  },
  controller: { requestQueue: 32, bankQueue: 8, unified: false },
};
const STREAMS = [
  { kind: "random" } as const,
  { kind: "chunk", bytes: 256 } as const,
  { kind: "chunk", bytes: 64 } as const,
].flatMap((pattern): AccessStream[] =>
  [0, 0.5].map((writes) => ({ pattern, bytes: 10_000, writes, outstanding: null, seed: 3 })),
);

describe("commands of a DRAM", () => {
  it("keep every distance that the timing asks for", () => {
    fc.assert(
      fc.property(anyMemory, shortStream, (config, stream) => {
        for (const commands of commandsOf(config, stream)) expect(illegality(config, commands)).toBeNull();
      }),
      { numRuns },
    );
  });

  it.each([
    "rp",
    "ras",
    "rcdRead",
    "rcdWrite",
    "ccdS",
    "ccdL",
    "rrdS",
    "rrdL",
    "faw",
    "rtp",
    "wr",
    "wtrS",
    "wtrL",
    "rtrs",
    "rfc",
  ] as const)(
    "are as close as t%s lets them be: the checker finds them out if it takes that for a clock longer",
    (name) => {
      const stricter = { ...TIGHT, timing: { ...TIGHT.timing, [name]: TIGHT.timing[name] + 1 } };
      const commands = STREAMS.flatMap((stream) => commandsOf(TIGHT, stream));
      expect(commands.every((one) => illegality(TIGHT, one) === null)).toBe(true);
      expect(commands.some((one) => illegality(stricter, one) !== null)).toBe(true);
    },
  );

  it("refresh each rank as often as tREFI asks, and late by no more than a refresh and the closing before it", () => {
    fc.assert(
      fc.property(anyMemory, anyStream, (config, stream) => {
        const { timing, ranks, bankGroups, banksPerGroup } = config;
        const every = Math.floor(timing.refi / ranks);
        const banks = bankGroups * banksPerGroup;
        // A row just opened, or data just written, and then one bank closed after the other; another rank's turn before.
        const closing =
          timing.ras +
          timing.al +
          timing.cwl +
          config.burstClocks +
          timing.wr +
          banks * (timing.ppd + 1) +
          timing.rp;
        // Where ranks are due faster than they can be refreshed, they queue up.
        if (every < closing + timing.rfc) return;
        for (const commands of commandsOf(config, stream)) {
          const refreshes = commands.filter(({ kind }) => kind === "refresh");
          for (const [turn, { clock, bank }] of refreshes.entries()) {
            const due = (turn + 1) * every;
            expect(bank).toBe((turn % ranks) * banks);
            expect(clock).toBeGreaterThanOrEqual(due);
            expect(clock).toBeLessThanOrEqual(due + closing);
          }
        }
      }),
      { numRuns },
    );
  });
});
