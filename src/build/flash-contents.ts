import type { FlashWindow } from "../../hdl/units/channel/spi-flash.ts";

/**
 * What is written to a flash in one piece, from the bitstream's place on: bitstream, erased bytes, the model's image.
 * @param bitstreamAt where the part, or its bootloader, looks for the bitstream
 */
export function flashContents(
  bitstreamAt: number,
  bitstream: Uint8Array,
  { base }: FlashWindow,
  image: Uint8Array,
): Uint8Array {
  const contents = new Uint8Array(base - bitstreamAt + image.length).fill(0xff);
  contents.set(bitstream);
  contents.set(image, base - bitstreamAt);
  return contents;
}
