import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dyadic } from "../../models/decoder/integer/norm.ts";
import { sample, xorshift32 } from "../../models/decoder/integer/sample.ts";
import { samplerOf } from "../../src/experiment/generate.ts";
import { Device, type PickedToken, type Request } from "../../src/host/device.ts";
import { LinkError } from "../../src/host/errors.ts";
import { parseIdentity } from "../../src/host/identity.ts";
import { samplingBytes } from "../../src/host/sampling.ts";
import { programFor } from "../hdl/host/program-bytes.ts";
import { answer, IDENTITY, identityOf, type Script, ScriptedDevice } from "./scripted-device.ts";

const connect = (script?: Script, identity?: Uint8Array): Promise<Device> =>
  Device.connect(new ScriptedDevice(script, identity));

async function tokensOf(device: Device, request: Request): Promise<PickedToken[]> {
  const tokens: PickedToken[] = [];
  for await (const token of device.generate(request)) tokens.push(token);
  return tokens;
}

/** Tokens of a device that picks 100, 101, ...; `twist` may answer otherwise. */
function picking(count: number, twist: Script = () => null): Script {
  let left = -1;
  return (heard, number) => {
    const twisted = twist(heard, number);
    if (twisted !== null) return twisted;
    if (heard.kind === "run") left = count;
    if (heard.kind !== "next" || left <= 0) return null;
    left--;
    return answer("token", heard.sequence, 100 + count - left - 1, 5000);
  };
}

describe("a device that does not say what it should", () => {
  it("is silent: the command is repeated with the same number, then given up", async () => {
    const line = new ScriptedDevice(() => new Uint8Array());
    await expect(Device.connect(line, { attempts: 5 })).rejects.toMatchObject({
      failure: "silence",
      message: expect.stringMatching(/did not answer 5 times: .*115200.*right port\?$/),
    });
    expect(line.heard).toHaveLength(5);
    expect(new Set(line.heard.map(({ sequence }) => sequence)).size).toBe(1);
  });

  it("never stops to send noise", async () => {
    let noise = 0;
    const endless = new (class extends ScriptedDevice {
      override async read(): Promise<Uint8Array> {
        noise++;
        return Uint8Array.from({ length: 64 }, () => Math.floor(256 * Math.random()));
      }
    })();
    await expect(Device.connect(endless, { attempts: 3 })).rejects.toMatchObject({ failure: "silence" });
    expect(noise).toBeLessThan(2000);
  });

  it("answers with other numbers, unknown statuses, too much or too little: that is not heard", async () => {
    const device = await connect(({ kind, sequence }, count) => {
      if (kind !== "counter" || count % 3 !== 0) return null;
      const whole = answer("done", sequence, 0, 77);
      return Buffer.concat([
        answer("done", sequence + 1, 0, 66),
        answer(7, sequence, 0, 66),
        answer(255, sequence, 0, 66),
        whole.subarray(0, 9),
        Uint8Array.of(0x7e, ...new Array(1000).fill(1), 0x7e),
        whole,
      ]);
    });
    expect(await device.counters()).toSatisfy(
      (values: number[]) => !values.includes(66) && values.includes(77),
    );
  });

  it.each<[string, Script, RegExp]>([
    [
      "a token that there is not",
      picking(3, ({ kind, sequence }, n) =>
        kind === "next" && n > 10 ? answer("token", sequence, 512) : null,
      ),
      /picked token 512/,
    ],
    ["an end before the last token", picking(1), /ended before its last token: was it reset\?/],
    [
      "done, where a token should be",
      ({ kind, sequence }, n) => (kind === "next" && n > 8 ? answer("done", sequence) : null),
      /answers "next" by "done"/,
    ],
    [
      "that it is busy",
      ({ kind, sequence }) => (kind === "run" ? answer("busy", sequence) : null),
      /refuses "run"/,
    ],
    [
      "that it does not know",
      ({ kind, sequence }) => (kind === "run" ? answer("unknown", sequence) : null),
      /no command "run"/,
    ],
  ])("says %s", async (_, script, sentence) => {
    const device = await connect(script);
    await expect(tokensOf(device, { prompt: [1], tokens: 3 })).rejects.toThrow(sentence);
  });

  it("says one token more than was asked for", async () => {
    const device = await connect(picking(4));
    await expect(tokensOf(device, { prompt: [1], tokens: 3 })).rejects.toThrow(LinkError);
  });

  it("lets wait for ever", async () => {
    const device = Device.connect(
      new ScriptedDevice(({ kind, sequence }) => (kind === "next" ? answer("wait", sequence) : null)),
      { tokenMs: 5000 },
    );
    await expect(device).rejects.toThrow(/at a token for \d+ seconds/);
  });

  it("is anybody: what it says of itself is checked before it is used", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (bytes, ours) => {
        if (ours) bytes[0] = 1;
        try {
          const identity = parseIdentity(bytes);
          expect(identity.tokenBits).toBeGreaterThan(0);
          expect(identity.tokenBits).toBeLessThan(32);
          expect(identity.image?.wordBytes ?? 1).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(LinkError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a mismatch is refused in one sentence", () => {
  const other = "ffeeddccbbaa99887766554433221100";
  it.each<[string, (device: Device) => Promise<unknown> | unknown, RegExp]>([
    [
      "a machine",
      (device) => device.require(other, "machine up5k-flash"),
      /fingerprint 0011.*but machine up5k-flash has ffee/,
    ],
    [
      "a program for another machine",
      (device) => device.loadProgram(programFor(other, 2, 1)),
      /but the program has ffee/,
    ],
    [
      "a program that is too long",
      (device) => device.loadProgram(programFor(IDENTITY.fingerprint, 9, 1)),
      /9 instructions.*room for 8/,
    ],
    [
      "a program that is none",
      (device) => device.loadProgram(new Uint8Array(80)),
      /does not begin with "ACCL"/,
    ],
    [
      "a program that is cut off",
      (device) => device.loadProgram(programFor(IDENTITY.fingerprint, 2, 1).subarray(0, 70)),
      /cut off/,
    ],
    ["a memory that is not filled", (device) => device.loadImage(0, new Uint8Array(4)), /memory 0/],
    ["an image that is too long", (device) => device.loadImage(1, new Uint8Array(1025)), /1025 bytes.*1024/],
    ["an address within a word", (device) => device.loadImage(1, new Uint8Array(4), 2), /Address 2/],
  ])("%s", async (_, attempt, sentence) => {
    const device = await connect();
    await expect(async () => attempt(device)).rejects.toThrow(LinkError);
    await expect(async () => attempt(device)).rejects.toThrow(sentence);
  });

  it("another version of the protocol, a device that cannot draw", async () => {
    const [, ...rest] = IDENTITY.start;
    await expect(connect(undefined, identityOf({ ...IDENTITY, start: [2, ...rest] }))).rejects.toThrow(
      /version 2 of the host link, but this program speaks 1/,
    );
    const greedy = await connect(
      undefined,
      identityOf({ ...IDENTITY, start: [1, 0, ...IDENTITY.start.slice(2)] }),
    );
    await greedy.setSampling(null);
    await expect(greedy.setSampling({ temperature: 1, seed: 1 })).rejects.toThrow(/no generator/);
  });

  it("prompts that cannot be", async () => {
    const device = await connect();
    const wrong: Request[] = [
      { prompt: [], tokens: 1 },
      { prompt: [512], tokens: 1 },
      { prompt: [-1], tokens: 1 },
      { prompt: [1.5], tokens: 1 },
      { prompt: [1], tokens: -1 },
      { prompt: [1], tokens: 1025 },
      { prompt: [1], tokens: 1, position: 1024 },
      { prompt: [1], tokens: 1, endTokens: [600] },
    ];
    for (const request of wrong) await expect(tokensOf(device, request)).rejects.toThrow(RangeError);
  });
});

describe("what is sent", () => {
  it("a sampler draws the tokens that the simulator draws", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.nat(2 ** 31 - 1),
        (temperature, seed) => {
          const view = new DataView(samplingBytes({ temperature, seed }).buffer);
          const inverse = { mantissa: view.getUint16(2), exponent: view.getInt8(1) };
          expect(inverse).toEqual(dyadic(Math.LOG2E / temperature));
          const sampler = samplerOf({ temperature, seed });
          const words = Int32Array.from({ length: 50 }, (_, i) => (i * 7919) % 1000);
          const logits = { words, exponent: -8, peak: 999 };
          let state = view.getUint32(4);
          for (let i = 0; i < 20; i++) {
            state = xorshift32(state);
            expect(sample(logits, inverse, state)).toBe(sampler(logits));
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
