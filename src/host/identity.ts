import { FINGERPRINT_BYTES, IDENTITY_BYTES, PROTOCOL_VERSION } from "../../hdl/host/protocol.ts";
import { INSTRUCTION_BYTES } from "../compile/instruction.ts";
import { LinkError } from "./errors.ts";

/** What a device says of itself. */
export interface Identity {
  /** Of machine and instruction set, in hexadecimal. */
  readonly fingerprint: string;
  readonly clockHz: number;
  readonly tokenBits: number;
  readonly positionBits: number;
  readonly counters: number;
  /** Tokens can be drawn at a temperature. */
  readonly drawing: boolean;
  /** Room for a program; null where it is there from power-up on. */
  readonly program: { readonly instructions: number } | null;
  /** Memories that the host fills. */
  readonly image: {
    /** Their numbers in the machine's list. */
    readonly memories: readonly number[];
    readonly bytes: number;
    readonly wordBytes: number;
  } | null;
}

/** @throws LinkError where the device says something that cannot be, or speaks another version of the protocol */
export function parseIdentity(bytes: Uint8Array): Identity {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const byte = (at: number): number => view.getUint8(at);
  const within = (what: string, value: number, least: number, most: number): number => {
    if (value >= least && value <= most) return value;
    throw new LinkError(
      "nonsense",
      `The device says that ${what} is ${value}, but it goes from ${least} to ${most}: it is no device of this project.`,
    );
  };
  if (byte(0) !== PROTOCOL_VERSION) {
    throw new LinkError(
      "mismatch",
      `The device speaks version ${byte(0)} of the host link, but this program speaks ${PROTOCOL_VERSION}.`,
    );
  }
  const programBits = within("the size of its program memory", byte(4), 0, 24);
  const memories = within("its list of memories", byte(7), 0, 15);
  if (programBits > 0)
    within("the length of an instruction", byte(5) * byte(6), INSTRUCTION_BYTES, INSTRUCTION_BYTES);
  const addressBits = within("the size of a memory", byte(8), memories === 0 ? 0 : 1, 32);
  const wordBytes = within("the size of a word", byte(9), memories === 0 ? 0 : 1, 32);
  return {
    drawing: within("the number of its ways to draw", byte(1), 0, 1) === 1,
    tokenBits: within("the size of a token", byte(2), 1, 31),
    positionBits: within("the size of a position", byte(3), 1, 32),
    program: programBits === 0 ? null : { instructions: 2 ** programBits },
    image:
      memories === 0
        ? null
        : {
            memories: [0, 1, 2, 3].filter((memory) => (memories >> memory) & 1),
            bytes: 2 ** addressBits * wordBytes,
            wordBytes,
          },
    counters: within("the number of its counters", view.getUint16(10), 1, 256),
    clockHz: within("its clock in Hz", view.getUint32(12), 1, 2 ** 32 - 1),
    fingerprint: Buffer.from(bytes.subarray(IDENTITY_BYTES - FINGERPRINT_BYTES, IDENTITY_BYTES)).toString(
      "hex",
    ),
  };
}
