import { InputError } from "../../models/errors.ts";
import type { Machine } from "../compile/machine.ts";
import { type Board, checkPart, type Flash } from "./board.ts";
import type { Fpga } from "./device.ts";

/** Why a machine cannot run on a board. */
export type Misfit =
  | { readonly kind: "device"; readonly machine: string; readonly board: string }
  | { readonly kind: "no serial line" }
  /** The flash is read all the time, on the same pins. */
  | { readonly kind: "shared serial line"; readonly pins: readonly string[] }
  | { readonly kind: "no flash" }
  | { readonly kind: "flash lines"; readonly needed: number; readonly wired: number }
  | { readonly kind: "flash room"; readonly needed: number; readonly room: number }
  | { readonly kind: "flash window"; readonly needed: number; readonly multiple: number }
  /** The programmer writes a model at one place only. */
  | { readonly kind: "flash place"; readonly needed: number; readonly written: number };

/** A misfit in words: a clause behind "it does not fit:". */
export function misfitText(misfit: Misfit): string {
  switch (misfit.kind) {
    case "device":
      return `the machine is made for ${misfit.machine}, and the board has ${misfit.board}`;
    case "no serial line":
      return "the board describes no serial line";
    case "shared serial line":
      return `the serial line is on the flash's pins ${misfit.pins.join(" and ")}, and the machine reads the flash while it runs`;
    case "no flash":
      return "the machine reads a flash, and the board has none";
    case "flash lines":
      return `the machine reads ${misfit.needed} lines of the flash, and ${misfit.wired} are wired`;
    case "flash room":
      return `it needs ${misfit.needed} bytes of flash behind the bitstream, and ${misfit.room} can be written there`;
    case "flash place":
      return `its model has to lie at byte ${misfit.needed} of the flash, and the programmer writes it at ${misfit.written} ("dataArguments" without {offset})`;
    case "flash window":
      return `its ${misfit.needed} bytes have to begin at a multiple of ${misfit.multiple} behind the bitstream, and none has room for them`;
  }
}

/**
 * Everything that keeps a machine from a board; none where it fits.
 * @param imageBytes of the model's image for the flash
 */
export function misfits(machine: Machine, board: Board, imageBytes: number): readonly Misfit[] {
  const found: Misfit[] = [];
  if (machine.device !== board.device)
    found.push({ kind: "device", machine: machine.device, board: board.device });
  const { uart, flash } = board;
  if (uart === null) found.push({ kind: "no serial line" });
  const memory = machine.memories.find(({ writeBits }) => writeBits === null);
  if (memory === undefined) return found;
  if (flash === null) return [...found, { kind: "no flash" }];
  if (uart?.sharedWithFlash === true) {
    const lines = [flash.select, flash.clock, ...flash.data];
    found.push({ kind: "shared serial line", pins: [uart.rx, uart.tx].filter((one) => lines.includes(one)) });
  }
  const needed = Math.ceil((8 * memory.wordBytes) / memory.cyclesPerWord);
  const wired = flash.data.filter((line) => line !== null).length;
  if (wired < needed) found.push({ kind: "flash lines", needed, wired });
  const room = flash.user.bytes;
  if (room < imageBytes) found.push({ kind: "flash room", needed: imageBytes, room });
  else {
    const window = flashWindow(flash, imageBytes);
    const { dataArguments } = board.programmer;
    const written = dataArguments === null || dataArguments.includes("{offset}") ? null : flash.user.offset;
    if (window === null)
      found.push({ kind: "flash window", needed: imageBytes, multiple: 2 ** windowBits(imageBytes) });
    else if (written !== null && written !== window.base)
      found.push({ kind: "flash place", needed: window.base, written });
  }
  return found;
}

/**
 * Refuses a machine that a board does not fit.
 * @param device the board's
 * @param imageBytes of the model's image for the flash
 * @throws InputError with every reason
 */
export function checkBoard(machine: Machine, board: Board, device: Fpga, imageBytes: number): void {
  checkPart(board, device);
  const reasons = misfits(machine, board, imageBytes).map(misfitText);
  if (reasons.length > 0)
    throw new InputError(`Machine ${machine.name} does not fit ${board.name}: ${reasons.join("; ")}.`);
}

/** Bits of the addresses that a flash takes. */
const ADDRESS_BITS = 24;

const windowBits = (bytes: number): number => Math.max(0, Math.ceil(Math.log2(bytes)));

/**
 * The first stretch of 2^bits bytes, beginning at a multiple of that, into which so many bytes can be written behind the bitstream.
 * A circuit then puts its addresses behind a few constant bits.
 */
export function flashWindow(
  { user }: Flash,
  bytes: number,
): { readonly base: number; readonly bits: number } | null {
  const bits = windowBits(bytes);
  const base = Math.ceil(user.offset / 2 ** bits) * 2 ** bits;
  const fits = base + bytes <= user.offset + user.bytes && base + 2 ** bits <= 2 ** ADDRESS_BITS;
  return fits ? { base, bits } : null;
}
