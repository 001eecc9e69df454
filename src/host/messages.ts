import {
  ANSWER_BODY_BYTES,
  HEADER_BYTES,
  KINDS,
  type Kind,
  NUMBER_BYTES,
  PAYLOAD_BYTES,
  STATUSES,
  type Status,
} from "../../hdl/host/protocol.ts";

export interface Command {
  readonly kind: Kind;
  /** Of a byte, as the number of the command. */
  readonly sequence: number;
  readonly argument: number;
  readonly payload: Uint8Array;
}

/** A command as the bytes of a frame. */
export function commandBytes({ kind, sequence, argument, payload }: Command): Uint8Array {
  if (payload.length > PAYLOAD_BYTES)
    throw new RangeError(`a payload of ${payload.length} bytes; ${PAYLOAD_BYTES} is the most`);
  const length = HEADER_BYTES + payload.length;
  const bytes = new Uint8Array(length);
  bytes.set([length, sequence, KINDS[kind], argument]);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

export interface Answer {
  readonly status: Status;
  readonly sequence: number;
  /** Of a token: what was picked. */
  readonly token: number;
  /** Of a token its cycles, of a counter what it says. */
  readonly value: number;
  readonly body: Uint8Array;
}

const statusNames = new Map<number, Status>(
  (Object.keys(STATUSES) as Status[]).map((name) => [STATUSES[name], name]),
);

/** Reads a frame from the device; null for one that is no answer. */
export function answerFrom(frame: Uint8Array): Answer | null {
  const [first, sequence] = frame;
  if (first === undefined || sequence === undefined || frame.length !== 2 + ANSWER_BODY_BYTES) return null;
  const status = statusNames.get(first);
  if (status === undefined) return null;
  const body = frame.subarray(2);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return { status, sequence, token: view.getUint32(0), value: view.getUint32(NUMBER_BYTES), body };
}

/** Numbers as frames have them: four bytes each, the highest first. */
export function numberBytes(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES * numbers.length);
  const view = new DataView(bytes.buffer);
  for (const [i, number] of numbers.entries()) view.setUint32(NUMBER_BYTES * i, number);
  return bytes;
}
