import { CRC_BYTES, CRC_START, ESCAPE, ESCAPED, FLAG } from "../../hdl/host/protocol.ts";

/** CCITT's polynomial x¹⁶ + x¹² + x⁵ + 1, lowest bit first. */
const POLYNOMIAL = 0x8408;

/** CRC-16/MCRF4XX; zero for bytes that end with their own CRC, its lower byte first. */
export function crc16(bytes: Uint8Array): number {
  let crc = CRC_START;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
  }
  return crc;
}

/** A frame as it goes over the line: flag, bytes and CRC with escapes, flag. */
export function encodeFrame(bytes: Uint8Array): Uint8Array {
  const crc = crc16(bytes);
  const line: number[] = [FLAG];
  for (const byte of [...bytes, crc & 0xff, crc >> 8]) {
    if (byte === FLAG || byte === ESCAPE) line.push(ESCAPE, byte ^ ESCAPED);
    else line.push(byte);
  }
  line.push(FLAG);
  return Uint8Array.from(line);
}

/** Finds frames in the bytes of a line. What is damaged, or longer than `most` bytes with its CRC, is left out. */
export class FrameDecoder {
  private readonly most: number;
  private frame: number[] = [];
  private escaped = false;
  private damaged = false;

  constructor(most: number) {
    this.most = most;
  }

  /** Frames, without CRC, that these bytes complete. */
  take(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte === FLAG) {
        const frame = Uint8Array.from(this.frame);
        const whole = !this.damaged && !this.escaped && frame.length > CRC_BYTES && crc16(frame) === 0;
        if (whole) frames.push(frame.subarray(0, -CRC_BYTES));
        this.frame = [];
        this.escaped = false;
        this.damaged = false;
      } else if (this.frame.length === this.most) this.damaged = true;
      else if (byte === ESCAPE) this.escaped = true;
      else {
        this.frame.push(this.escaped ? byte ^ ESCAPED : byte);
        this.escaped = false;
      }
    }
    return frames;
  }
}
