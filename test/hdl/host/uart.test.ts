import { describe, expect, it } from "vitest";
import { bit, instance, module, unsigned } from "../../../hdl/builder/index.ts";
import { simulate } from "../../../hdl/simulate/index.ts";
import { uartReceiver } from "../../../hdl/units/uart/receiver.ts";
import { uartTransmitter } from "../../../hdl/units/uart/transmitter.ts";
import { randomFrom } from "../../host/faulty-line.ts";

/** Levels of a line, each for as many cycles. */
type Levels = readonly (readonly [level: number, cycles: number])[];

/** Bytes, and missing stop bits, that a receiver sees. */
function receive(cyclesPerBit: number, levels: Levels, seed = 1): (number | "broken")[] {
  const sim = simulate(uartReceiver(cyclesPerBit), { seed });
  sim.set("line", 1);
  sim.reset(3);
  const seen: (number | "broken")[] = [];
  for (const [level, cycles] of [...levels, [1, 20 * cyclesPerBit] as const]) {
    sim.set("line", level);
    for (let i = 0; i < cycles; i++) {
      if (sim.get("valid") === 1) seen.push(sim.get("data"));
      if (sim.get("broken") === 1) seen.push("broken");
      sim.step();
    }
  }
  return seen;
}

/** A byte's bits on a line that is faster or slower than it should be. */
function levelsOf(byte: number, cyclesPerBit: number, speed: number): Levels {
  const bits = [0, ...Array.from({ length: 8 }, (_, i) => (byte >> i) & 1), 1];
  const at = (bit: number): number => Math.round((bit * cyclesPerBit) / speed);
  return bits.map((level, i) => [level, at(i + 1) - at(i)]);
}

const randomBytes = (count: number, seed: number): number[] => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => Math.floor(256 * random()));
};

describe("the receiver", () => {
  it.each([
    [8, 0.97],
    [8, 1.03],
    [13, 0.96],
    [13, 1.04],
    [208, 1.04],
    [208, 0.96],
    [4, 1],
  ])("reads bytes without pauses, with %i cycles a bit, at %f times the speed", (cyclesPerBit, speed) => {
    const bytes = randomBytes(cyclesPerBit > 100 ? 20 : 100, 5);
    for (const seed of [1, 2])
      expect(
        receive(
          cyclesPerBit,
          bytes.flatMap((byte) => [...levelsOf(byte, cyclesPerBit, speed)]),
          seed,
        ),
      ).toEqual(bytes);
  });

  it("takes a short dip for nothing", () => {
    for (let cycles = 1; cycles < 4; cycles++)
      expect(receive(8, [[0, cycles], [1, 44], ...levelsOf(0x4d, 8, 1)])).toEqual([0x4d]);
  });

  it("says when a stop bit is missing, and reads the next byte", () => {
    const levels = levelsOf(0x41, 8, 1);
    expect(receive(8, [...levels.slice(0, -1), [0, 8], [1, 100], ...levels])).toEqual(["broken", 0x41]);
    const seen = receive(8, [[0, 1000], [1, 100], ...levels]);
    expect(seen.pop()).toBe(0x41);
    // Where the line rises within a byte, its end may be taken for one.
    expect(seen.slice(0, -1)).toEqual(seen.slice(0, -1).map(() => "broken"));
    expect(seen.length).toBeGreaterThan(10);
  });
});

describe("transmitter and receiver", () => {
  it.each([4, 8, 13, 208])("carry every byte, with %i cycles a bit", (cyclesPerBit) => {
    const both = module(
      "both",
      {
        inputs: { data: unsigned(8), valid: bit },
        outputs: { ready: bit, line: bit, got: unsigned(8), came: bit, broken: bit },
      },
      (io) => {
        const sender = instance("sender", uartTransmitter(cyclesPerBit), { data: io.data, valid: io.valid });
        const receiver = instance("receiver", uartReceiver(cyclesPerBit), { line: sender.line });
        io.ready.set(sender.ready);
        io.line.set(sender.line);
        io.got.set(receiver.data);
        io.came.set(receiver.valid);
        io.broken.set(receiver.broken);
      },
    );
    const sim = simulate(both);
    sim.reset(3);
    const bytes = cyclesPerBit > 100 ? [0, 255, 0x55, 0x7e] : Array.from({ length: 256 }, (_, i) => i);
    const got: number[] = [];
    sim.attach({
      cycle: (now) => {
        if (now.get("came") === 1) got.push(now.get("got"));
        if (now.get("broken") === 1) throw new Error("a stop bit is missing");
      },
    });
    expect(sim.get("line")).toBe(1);
    for (const byte of bytes) {
      sim.drive({ data: byte, valid: 1 });
      const cycles = sim.until("ready");
      // A byte takes ten bits, and a cycle in which the next one is taken.
      if (byte !== bytes[0]) expect(cycles).toBe(10 * cyclesPerBit);
      sim.step();
      sim.drive({ valid: 0 });
    }
    sim.step(11 * cyclesPerBit);
    expect(got).toEqual(bytes);
  });
});
