import {
  bit,
  concat,
  indexWidth,
  memory,
  module,
  register,
  select,
  type Unsigned,
  unsigned,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { resized } from "../units/resized.ts";

export interface ByteMemoryParameters {
  readonly name: string;
  readonly bytes: number;
  /** Bytes that are written, and read, at a time, at multiples of as many; powers of two. */
  readonly writeBytes: number;
  readonly readBytes: number;
}

/**
 * Bytes that come in as a channel's words and are read in other pieces: exponents, angles. What is written in a cycle is not to be
 * read in it.
 */
export function byteMemory({ name, bytes, writeBytes, readBytes }: ByteMemoryParameters) {
  const wide = Math.max(writeBytes, readBytes);
  const depth = 2 ** Math.max(1, Math.ceil(Math.log2(bytes / wide)));
  const addressBits = Math.max(bitsFor(bytes - 1), Math.log2(wide));
  return module(
    name,
    {
      description: `${bytes} bytes, written ${writeBytes} and read ${readBytes} at a time.`,
      inputs: {
        write: bit,
        place: unsigned(addressBits),
        data: unsigned(8 * writeBytes),
        read_address: unsigned(addressBits),
      },
      outputs: { read: unsigned(8 * readBytes) },
    },
    ({ write, place, data, read_address, read }) => {
      const words = memory("bytes", unsigned(8 * wide), { depth, collisions: "undefined" });
      const row = (address: Unsigned): Unsigned => resized(address.shr(Math.log2(wide)), indexWidth(depth));
      const parts = wide / writeBytes;
      when(write, () => {
        if (parts === 1) words.write(row(place), data);
        else {
          const part = place.bits(Math.log2(wide) - 1, Math.log2(writeBytes));
          const mask = Array.from({ length: parts }, (_, i) => part.eq(i)).reduce((low, high) =>
            concat(high, low),
          );
          words.write(row(place), data.repeat(parts), { mask });
        }
      });
      const pieces = wide / readBytes;
      const all = words.read(row(read_address));
      if (pieces === 1) read.set(all);
      else {
        const piece = register("piece", unsigned(Math.log2(pieces)), {
          next: read_address.bits(Math.log2(wide) - 1, Math.log2(readBytes)),
        });
        read.set(
          select(
            piece,
            Array.from({ length: pieces }, (_, i) =>
              all.bits(8 * readBytes * (i + 1) - 1, 8 * readBytes * i),
            ),
          ),
        );
      }
    },
  );
}
