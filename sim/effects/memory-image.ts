/** The contents of one memory: preloaded bytes, and what is written while the machine runs. */
export class MemoryImage {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(address: number, count: number): Uint8Array {
    if (address + count > this.bytes.length)
      throw new RangeError(`read of ${count} bytes at ${address} leaves the memory`);
    return this.bytes.subarray(address, address + count);
  }

  /** Writes the low `bits` bits of `value` at a bit address; `bits` is 4, or a multiple of 8 at a whole byte. */
  write(address: number, nibble: 0 | 1, bits: 4 | 8, value: number): void {
    const mask = bits === 4 ? 0xf << (4 * nibble) : 0xff;
    this.bytes[address] = (this.bytes[address]! & ~mask) | ((value << (4 * nibble)) & mask);
  }
}
