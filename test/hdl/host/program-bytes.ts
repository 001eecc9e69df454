import { randomFrom } from "../../host/faulty-line.ts";

export const HEADER_OF_PROGRAM = 32;

/** A program with random instructions. */
export function programFor(fingerprint: string, instructions: number, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const bytes = Uint8Array.from({ length: HEADER_OF_PROGRAM + 24 * instructions }, () =>
    Math.floor(256 * random()),
  );
  bytes.set(Buffer.from("ACCL", "latin1"));
  new DataView(bytes.buffer).setUint16(4, 1, true);
  new DataView(bytes.buffer).setUint32(8, instructions, true);
  bytes.set(Buffer.from(fingerprint, "hex"), 16);
  return bytes;
}
