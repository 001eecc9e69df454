import { describe, expect, it } from "vitest";
import { findUnused, HardwareError } from "../../../hdl/builder/index.ts";
import { hostLink } from "../../../hdl/host/host-link.ts";
import { Device } from "../../../src/host/device.ts";
import { type Faults, FaultyLine, randomFrom } from "../../host/faulty-line.ts";
import { RandomSession } from "./session.ts";
import { OPTIONS, runBoard } from "./stand-in.ts";

const PATIENCE = { patienceMs: 0.03, attempts: 40, sequence: 0 };

describe("the host link's circuit and the host's code", () => {
  it.each([4, 8, 13])("agree over random sessions, with %i cycles a bit", async (cyclesPerBit) => {
    const { simulation, transport } = runBoard({ ...OPTIONS, cyclesPerBit }, {}, cyclesPerBit);
    const session = new RandomSession(
      await Device.connect(transport, PATIENCE),
      simulation,
      randomFrom(cyclesPerBit),
    );
    for (let i = 0; i < 25; i++) await session.step();
  });

  const faults: [string, Faults][] = [
    ["flipped bits", { flip: 0.01 }],
    ["lost bytes", { drop: 0.01 }],
    ["additional bytes", { insert: 0.01 }],
    ["frames that are cut off", { cut: 0.01 }],
    ["all of it", { flip: 0.005, drop: 0.005, insert: 0.005, cut: 0.002 }],
  ];
  it.each(faults)("agree in spite of %s, and nothing is done twice", async (_, rates) => {
    const { simulation, transport } = runBoard();
    const line = new FaultyLine(transport, rates, 7);
    const session = new RandomSession(await Device.connect(line, PATIENCE), simulation, randomFrom(11));
    for (let i = 0; i < 15; i++) await session.step();
    expect(line.count).toBeGreaterThan(20);
  });

  it("describe each other", async () => {
    const { transport } = runBoard();
    const { identity } = await Device.connect(transport, PATIENCE);
    expect(identity).toEqual({
      fingerprint: OPTIONS.fingerprint,
      clockHz: 24_000_000,
      tokenBits: 9,
      positionBits: 9,
      counters: 5,
      drawing: true,
      program: { instructions: 128 },
      image: { memories: [0, 1], bytes: 1024, wordBytes: 4 },
    });
  });

  it("has nothing that nobody needs, in every form", () => {
    for (const drawing of [true, false])
      for (const program of [OPTIONS.program, null])
        for (const image of [OPTIONS.image, null])
          expect(findUnused(hostLink({ ...OPTIONS, drawing, program, image }))).toEqual([]);
  });

  it("refuses what cannot be", () => {
    expect(() => hostLink({ ...OPTIONS, cyclesPerBit: 3 })).toThrow(HardwareError);
    expect(() => hostLink({ ...OPTIONS, tokenBits: 32 })).toThrow(/bits of a token is 32/);
    expect(() => hostLink({ ...OPTIONS, fingerprint: "12" })).toThrow(/32 hexadecimal digits/);
  });
});
