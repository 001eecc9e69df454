import { FRAME_BYTES, KINDS, type Kind, STATUSES, type Status } from "../../hdl/host/protocol.ts";
import { encodeFrame, FrameDecoder } from "../../src/host/frame.ts";
import { numberBytes } from "../../src/host/messages.ts";
import type { Transport } from "../../src/host/transport.ts";

export interface Heard {
  readonly kind: Kind;
  readonly sequence: number;
  readonly argument: number;
  readonly payload: Uint8Array;
}

/** Bytes that come back for a command; null: an honest device's. */
export type Script = (heard: Heard, count: number) => Uint8Array | null;

export const IDENTITY = {
  fingerprint: "00112233445566778899aabbccddeeff",
  /** version, drawing, token bits, position bits; program bits, bytes of a piece, pieces; memories, address bits, word bytes */
  start: [1, 1, 9, 10, 3, 4, 6, 2, 8, 4],
};

export function identityOf({ start, fingerprint }: typeof IDENTITY): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(start);
  bytes.set([0, 5, ...numberBytes(24_000_000)], 10);
  bytes.set(Buffer.from(fingerprint, "hex"), 16);
  return bytes;
}

export function answer(status: Status | number, sequence: number, token = 0, value = 0): Uint8Array {
  const code = typeof status === "number" ? status : STATUSES[status];
  return encodeFrame(Uint8Array.of(code, sequence, ...numberBytes(token, value)));
}

const kindNames = Object.keys(KINDS) as Kind[];

/** A device that is not there: a script says what comes back. It takes no time. */
export class ScriptedDevice implements Transport {
  readonly baud = 115_200;
  readonly heard: Heard[] = [];
  private readonly script: Script;
  private readonly identity: Uint8Array;
  private readonly decoder = new FrameDecoder(FRAME_BYTES);
  private bytes: Uint8Array = new Uint8Array();

  constructor(script: Script = () => null, identity = identityOf(IDENTITY)) {
    this.script = script;
    this.identity = identity;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const frame of this.decoder.take(bytes)) {
      const [, sequence = 0, kind = 0, argument = 0] = frame;
      const heard = { kind: kindNames[kind] ?? "stop", sequence, argument, payload: frame.subarray(4) };
      this.heard.push(heard);
      this.bytes = Buffer.concat([this.bytes, this.script(heard, this.heard.length) ?? this.honest(heard)]);
    }
  }

  async read(): Promise<Uint8Array> {
    const { bytes } = this;
    this.bytes = new Uint8Array();
    return bytes;
  }

  async close(): Promise<void> {}

  private honest({ kind, sequence, argument }: Heard): Uint8Array {
    if (kind === "next") return answer("ended", sequence);
    if (kind !== "identify") return answer("done", sequence, 0, argument);
    const part = this.identity.subarray(8 * argument, 8 * argument + 8);
    return encodeFrame(Uint8Array.of(STATUSES.identity, sequence, ...part));
  }
}
