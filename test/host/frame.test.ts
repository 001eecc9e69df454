import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLAG, PAYLOAD_BYTES } from "../../hdl/host/protocol.ts";
import { crc16, encodeFrame, FrameDecoder } from "../../src/host/frame.ts";
import { type Command, commandBytes } from "../../src/host/messages.ts";

const MOST = 256;
const decode = (line: Uint8Array): Uint8Array[] => new FrameDecoder(MOST).take(line);
const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
/** Many flags and escapes. */
const awkward = fc.array(fc.constantFrom(0x7d, 0x7e, 0x5d, 0x5e, 0, 0xff), { minLength: 1, maxLength: 60 });
const payload = fc.oneof(
  anyBytes,
  awkward.map((bytes) => Uint8Array.from(bytes)),
);

/** Frames that say a command's length and have that length: what the device takes. */
function commandsIn(line: Uint8Array): Uint8Array[] {
  return decode(line).filter((frame) => frame[0] === frame.length);
}

const command = fc.record({
  kind: fc.constantFrom<Command["kind"]>("identify", "next", "run", "image"),
  sequence: fc.nat(255),
  argument: fc.nat(255),
  payload: fc.uint8Array({ maxLength: 40 }),
});

describe("frames", () => {
  it("have the CRC that is called MCRF4XX", () => {
    expect(crc16(Buffer.from("123456789", "latin1"))).toBe(0x6f91);
  });

  it("come out as they went in, however they are cut, whatever stands between them", () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 5 }), fc.nat(), (frames, cut) => {
        const line = Buffer.concat(frames.map((frame) => Buffer.from(encodeFrame(frame))));
        const decoder = new FrameDecoder(MOST);
        const at = line.length === 0 ? 0 : cut % line.length;
        const got = [...decoder.take(line.subarray(0, at)), ...decoder.take(line.subarray(at))];
        expect(got.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
      }),
    );
  });

  it("have no flag but those at both ends", () => {
    fc.assert(
      fc.property(payload, (bytes) => {
        expect([...encodeFrame(bytes)].slice(1, -1)).not.toContain(FLAG);
      }),
    );
  });

  it("are refused after any single wrong bit", () => {
    fc.assert(
      fc.property(command, (one) => {
        const line = encodeFrame(commandBytes(one));
        for (let bit = 0; bit < 8 * line.length; bit++) {
          const damaged = line.slice();
          damaged[bit >> 3]! ^= 1 << (bit & 7);
          expect(commandsIn(damaged)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are refused after bursts, lost and additional bytes", () => {
    fc.assert(
      fc.property(
        command,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.constantFrom("burst", "lost", "more"),
        (one, place, burst, what) => {
          const line = Buffer.from(encodeFrame(commandBytes(one)));
          // Between the flags: what is lost or comes outside of them does no harm.
          const at = 1 + (place % (line.length - 2));
          const head = line.subarray(0, at);
          const damaged =
            what === "burst"
              ? line.map((byte, i) => byte ^ (i < at ? 0 : (burst[i - at] ?? 0)))
              : what === "lost"
                ? Buffer.concat([head, line.subarray(at + burst.length)])
                : Buffer.concat([head, burst, line.subarray(at)]);
          const same = Buffer.compare(Buffer.from(damaged), line) === 0;
          // More bytes that begin with an end leave a whole frame alone, or part of one.
          const found = commandsIn(damaged).filter(
            (frame) => Buffer.compare(Buffer.from(frame), Buffer.from(commandBytes(one))) !== 0,
          );
          if (!same) expect(found).toEqual([]);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("longer than agreed are left out, and the next one is found", () => {
    const decoder = new FrameDecoder(14);
    const long = encodeFrame(new Uint8Array(13));
    const whole = encodeFrame(new Uint8Array(12));
    expect(decoder.take(long)).toEqual([]);
    expect(decoder.take(whole)).toEqual([new Uint8Array(12)]);
    expect(() =>
      commandBytes({ kind: "run", sequence: 0, argument: 0, payload: new Uint8Array(PAYLOAD_BYTES + 1) }),
    ).toThrow(RangeError);
  });
});
