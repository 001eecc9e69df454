import { HardwareError } from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { FINGERPRINT_BYTES, IDENTITY_BYTES, NUMBER_BYTES, PROTOCOL_VERSION } from "./protocol.ts";

/** Where programs are written: `SequencerSizes` has these. */
export interface ProgramSizes {
  readonly programBits: number;
  readonly pieceBytes: number;
  readonly pieces: number;
  readonly pieceBits: number;
}

/** Memories that a machine has at most. */
const MOST_MEMORIES = 4;

/** The memories that the host fills. */
export interface ImageSizes {
  /** Their numbers in the machine's list. */
  readonly memories: readonly number[];
  /** Bits of a word's address. */
  readonly addressBits: number;
  /** A power of two, 32 at most. */
  readonly wordBytes: number;
}

export interface HostLinkOptions {
  /** Of the device's clock, in Hz; for the host to tell cycles as time. */
  readonly clockHz: number;
  /** Clock frequency / baud rate, at least 4. */
  readonly cyclesPerBit: number;
  readonly tokenBits: number;
  readonly positionBits: number;
  /** Counters that the core has; the first one counts the cycles of a token. */
  readonly counters: number;
  /** Tokens can be drawn at a temperature. */
  readonly drawing: boolean;
  /** Null: the program is there from power-up on. */
  readonly program: ProgramSizes | null;
  /** Null: memories are filled in another way. */
  readonly image: ImageSizes | null;
  /** Of machine and instruction set (`fingerprintOf`), in hexadecimal. */
  readonly fingerprint: string;
}

const within = (what: string, value: number, least: number, most: number): void => {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new HardwareError(`host link: ${what} is ${value}; it goes from ${least} to ${most}`);
};

/** @throws HardwareError where a link of these options cannot be */
export function checkOptions(options: HostLinkOptions): void {
  const { clockHz, cyclesPerBit, tokenBits, positionBits, counters, program, image, fingerprint } = options;
  within("the clock in Hz", clockHz, 1, 2 ** 32 - 1);
  within("the number of cycles a bit", cyclesPerBit, 4, 2 ** 20);
  // One bit more marks the last token of a prompt.
  within("the number of bits of a token", tokenBits, 1, 8 * NUMBER_BYTES - 1);
  within("the number of bits of a position", positionBits, 1, 8 * NUMBER_BYTES);
  within("the number of counters", counters, 1, 256);
  if (program !== null) {
    within("the number of bits of an instruction's number", program.programBits, 1, 24);
    within("the number of bytes of a piece", program.pieceBytes, 1, 24);
    within("the number of pieces of an instruction", program.pieces, 1, 24);
  }
  if (image !== null) {
    if (image.memories.length === 0)
      throw new HardwareError("host link: no memory is named that the host fills; leave the image out");
    for (const memory of image.memories) within("the number of a memory", memory, 0, MOST_MEMORIES - 1);
    within("the number of bits of a word's address", image.addressBits, 1, 8 * NUMBER_BYTES);
    within("the number of bytes of a word", image.wordBytes, 1, 32);
    if (!Number.isInteger(Math.log2(image.wordBytes)))
      throw new HardwareError(`host link: words have ${image.wordBytes} bytes; it must be a power of two`);
  }
  if (!/^[0-9a-f]*$/.test(fingerprint) || fingerprint.length !== 2 * FINGERPRINT_BYTES)
    throw new HardwareError(
      `host link: the fingerprint is "${fingerprint}"; it has ${2 * FINGERPRINT_BYTES} hexadecimal digits`,
    );
}

/** What the device says of itself. */
export function identityBytes(options: HostLinkOptions): Uint8Array {
  const { clockHz, tokenBits, positionBits, counters, drawing, program, image, fingerprint } = options;
  const bytes = new Uint8Array(IDENTITY_BYTES);
  bytes.set([PROTOCOL_VERSION, drawing ? 1 : 0, tokenBits, positionBits]);
  bytes.set([program?.programBits ?? 0, program?.pieceBytes ?? 0, program?.pieces ?? 0], 4);
  const memories = (image?.memories ?? []).reduce((all, memory) => all | (1 << memory), 0);
  bytes.set([memories, image?.addressBits ?? 0, image?.wordBytes ?? 0], 7);
  const view = new DataView(bytes.buffer);
  view.setUint16(10, counters);
  view.setUint32(12, clockHz);
  bytes.set(Buffer.from(fingerprint, "hex"), IDENTITY_BYTES - FINGERPRINT_BYTES);
  return bytes;
}

/** Bits of ports that are there in every link, whether they are used or not. */
export function portBits({ counters, program, image }: HostLinkOptions) {
  return {
    counter: bitsFor(counters - 1),
    instruction: program?.programBits ?? 1,
    piece: program?.pieceBits ?? 1,
    pieceData: 8 * (program?.pieceBytes ?? 1),
    memory: bitsFor(Math.max(...(image?.memories ?? [0]))),
    address: image?.addressBits ?? 1,
    word: 8 * (image?.wordBytes ?? 1),
  };
}
