/** A line of bytes to a device: a serial port, or a simulated board. */
export interface Transport {
  /** Bits a second, ten to a byte. */
  readonly baud: number;
  /** Returns when the bytes are on their way. */
  write(bytes: Uint8Array): Promise<void>;
  /** What has come; none after `milliseconds` of the line's own time without a byte. */
  read(milliseconds: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
