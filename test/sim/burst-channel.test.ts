import { describe, expect, it } from "vitest";
import { BurstChannel } from "../../sim/units/burst-channel.ts";
import { Deadlock } from "../../sim/units/memory-channel.ts";
import { machineFrom } from "../../src/devices/library.ts";

const hbm = machineFrom("u280-flightllm").memories[0]!;
const figure = (value: number) => ({ value, kind: "estimated" as const, source: "a test" });
const burst = {
  bytesPerCycle: 100,
  accessBytes: 32,
  readEfficiency: figure(0.7),
  writeEfficiency: figure(0.5),
} as const;

/** A channel of 70 bytes a cycle for reads, 50 for writes; words of 256 bytes, 60 cycles of latency, commands of 8. */
function channel(): BurstChannel {
  const made = new BurstChannel({ ...hbm, burst, latencyCycles: 60, commandCycles: 8 }, burst);
  made.reset();
  return made;
}

const load = (words: number, begins: number[] = []) => ({
  words,
  setupCycles: 3,
  begin: (free: number) => {
    begins.push(free);
    return free;
  },
  ended: null,
});

describe("a channel of bursts", () => {
  it("loads a launch in setup, command, bytes at the rate of reads, and latency", () => {
    const one = channel();
    one.stream(load(10));
    expect(one.queuedBytes).toBe(2560);
    // 3 + 8 cycles, then 1,400 bytes in 20 and 1,160 in 17.
    expect(one.fetch(1400, 1, 100)).toBe(11 + 20 + 60);
    expect(one.fetch(1160, 1, 100)).toBe(11 + 20 + 17 + 60);
    expect(one.queuedBytes).toBe(0);
    expect(one.account.busy).toBe(37);
  });

  it("holds a launch back until there is room for its weights", () => {
    const one = channel();
    one.stream(load(100));
    for (const [bytes, room] of [
      [7000, 0],
      [7000, 0],
      // The first launch is over at 1,000 and leaves room for the third, the second at 2,000 for the fourth.
      [7000, 1000],
      [4600, 2000],
    ] as const) {
      const ready = one.fetch(bytes, 50, 100);
      if (room > 0) expect(ready).toBe(room + Math.ceil(bytes / 70) + 60);
      else expect(ready).toBeLessThan(400);
      one.release(50, bytes === 7000 && room === 0 ? (ready < 200 ? 1000 : 2000) : 5000);
    }
    expect(one.account.stalls.get("buffer full")).toBe(1000 - 211 + (2000 - 1100));
  });

  it("begins a load when the one before has been moved", () => {
    const one = channel();
    const begins: number[] = [];
    one.stream(load(7, begins));
    one.stream(load(7, begins));
    one.beginNext();
    one.beginNext();
    // 11 cycles, 1,792 bytes in 26, and a cycle between.
    expect(begins).toEqual([0, 38]);
    expect(one.queuedBytes).toBe(2 * 1792);
    expect(one.fetch(1792, 1, 10)).toBe(37 + 60);
    expect(one.fetch(1792, 1, 10)).toBe(38 + 11 + 26 + 60);
  });

  it("writes at the rate of writes, a smallest access at least for every piece", () => {
    const one = channel();
    const access = { start: 100, setupCycles: 0, cyclesEach: 1, tailCycles: 1 };
    expect(one.access({ ...access, transfers: 10, pieceBytes: 1, write: true }).end).toBe(108 + 7 + 1);
    expect(one.access({ ...access, start: 200, transfers: 10, pieceBytes: 70, write: false }).end).toBe(
      208 + 10 + 1,
    );
  });

  it("says where a program would hang", () => {
    const one = channel();
    expect(() => one.fetch(1, 1, 10)).toThrow(Deadlock);
    one.stream(load(1));
    expect(() => one.drain()).toThrow(Deadlock);
  });
});
