/** The bytes that host and device say to each other; `docs/host-link.md` is the description. */

export const PROTOCOL_VERSION = 1;

/** Begins and ends a frame (RFC 1662). */
export const FLAG = 0x7e;
/** Stands before a byte of a frame that would be a flag or an escape itself; that byte then has ESCAPED flipped. */
export const ESCAPE = 0x7d;
export const ESCAPED = 0x20;

/** CRC-16/MCRF4XX: CCITT's polynomial, lowest bit first, begins with ones. Over a frame and its CRC it is zero. */
export const CRC_START = 0xffff;
export const CRC_BYTES = 2;

/** A command's length, sequence number, kind and argument. */
export const HEADER_BYTES = 4;
/** Bytes of a command's longest frame, before escapes, without flags. */
export const FRAME_BYTES = 224;
export const PAYLOAD_BYTES = FRAME_BYTES - HEADER_BYTES - CRC_BYTES;

/** Bytes of numbers in frames: the highest byte comes first. */
export const NUMBER_BYTES = 4;

/** Below 4: any number of times is as good as once. From 4 on: must not be done twice. */
export const KINDS = {
  identify: 0,
  counter: 1,
  next: 2,
  stop: 3,
  run: 4,
  sampler: 5,
  program: 6,
  image: 7,
} as const;
export const KIND_BITS = 3;
export type Kind = keyof typeof KINDS;

export const STATUSES = {
  /** The command was taken. */
  done: 0,
  /** A token that was picked, and its cycles. */
  token: 1,
  /** The next token is not there yet; it will be sent. */
  wait: 2,
  /** There are no more tokens. */
  ended: 3,
  /** Refused: tokens are being made. */
  busy: 4,
  /** Refused: there is no such command here. */
  unknown: 5,
  /** A part of the identity. */
  identity: 6,
} as const;
export type Status = keyof typeof STATUSES;
export const STATUS_BITS = 3;

/** Status, sequence number, eight bytes of body, CRC. */
export const ANSWER_BODY_BYTES = 8;
export const ANSWER_BYTES = 2 + ANSWER_BODY_BYTES + CRC_BYTES;

/** The device's description of itself, which is read in parts of an answer's body. */
export const IDENTITY_BYTES = 32;
export const IDENTITY_PARTS = IDENTITY_BYTES / ANSWER_BODY_BYTES;
export const FINGERPRINT_BYTES = 16;

/** Bytes of a sampler command's payload: draws, exponent, mantissa, seed. */
export const SAMPLER_BYTES = 8;
