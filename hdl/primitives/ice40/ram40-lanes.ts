import { HardwareError } from "../../builder/index.ts";
import { demandRange } from "../cell.ts";

/** How the 4096 bits of a block RAM are cut: 0 for 256 x 16, 1 for 512 x 8, 2 for 1024 x 4, 3 for 2048 x 2. */
export const RAM40_MODES = [0, 1, 2, 3] as const;
export type Ram40Mode = (typeof RAM40_MODES)[number];

/** Words in a row of 16 bits. Their bits take turns: bit i of word w is the row's bit i * stride + w. */
export const stride = (mode: Ram40Mode): number => 2 ** mode;

/** Where bit `i` of a word stands in RDATA and WDATA: in every 1st, 2nd, 4th or 8th bit. */
export const laneBit = (mode: Ram40Mode, i: number): number => i * stride(mode) + [0, 0, 1, 3][mode]!;

/** The rows of a RAM whose words, at addresses from 0, are these: those of the mode's width. */
export function ram40Rows(mode: Ram40Mode, words: readonly number[]): number[] {
  demandRange("the mode of a block RAM", mode, 0, 3);
  const width = 16 / stride(mode);
  if (words.length > 4096 / width)
    throw new HardwareError(
      `a block RAM has ${4096 / width} words of ${width} bits; ${words.length} are given`,
    );
  const rows = Array.from({ length: 256 }, () => 0);
  for (const [address, word] of words.entries()) {
    demandRange(`word ${address} of a block RAM`, word, 0, 2 ** width - 1);
    // The address' upper bits count the words of a row.
    const row = address % 256;
    const place = Math.floor(address / 256);
    for (let i = 0; i < width; i++) rows[row]! |= ((word >> i) & 1) << (i * stride(mode) + place);
  }
  return rows;
}
