import { type BoardClock, type BoardLight, ice40Board } from "../../hdl/boards/ice40-board.ts";
import { HardwareError, type Module } from "../../hdl/builder/index.ts";
import { pllSettings } from "../../hdl/primitives/ice40/index.ts";
import type { FlashWindow } from "../../hdl/units/channel/spi-flash.ts";
import { InputError } from "../../models/errors.ts";
import type { Board } from "../devices/board.ts";
import { checkBoard, flashWindow } from "../devices/board-fit.ts";
import type { Fpga } from "../devices/device.ts";
import type { Circuit } from "../verify/circuit.ts";
import { pcfOf } from "./constraints.ts";
import { pinsOf } from "./pins.ts";

/** A machine's circuit as it stands on a board. */
export interface BoardDesign {
  readonly top: Module;
  readonly constraints: string;
  /** Where the model's image lies in the flash. */
  readonly window: FlashWindow;
  readonly image: Uint8Array;
  /** What the clock will be, as near as the board can make it. */
  readonly clockMHz: number;
  /** Of the serial line; the baud rate is the clock's frequency by this. */
  readonly cyclesPerBit: number;
}

/** Usual, and slow enough for an oscillator within 10 %. */
export const BAUD = 115_200;

/** @throws InputError where the board has no pins for what the circuit needs, no room in its flash, or no such clock */
export function boardDesign(circuit: Circuit, board: Board, device: Fpga): BoardDesign {
  const { sizes, program } = circuit;
  const image = flashImage(circuit);
  checkBoard(sizes.machine, board, device, image.length);
  const window = board.flash === null ? null : flashWindow(board.flash, image.length);
  if (window === null) throw new RangeError("there is no room for the model's image");
  const pins = pinsOf(board);
  try {
    const { clock, clockMHz } = clockOf(board.clock, sizes.machine.clockMHz);
    const clockHz = Math.round(clockMHz * 1e6);
    const cyclesPerBit = Math.round(clockHz / BAUD);
    const top = ice40Board({
      sizes,
      fingerprint: program.fingerprint,
      clockHz,
      cyclesPerBit,
      filled: filledByHost(circuit),
      flash: window,
      clock,
      light: lightOf(board),
    });
    const constraints = pcfOf(pins, board.clock);
    return { top, constraints, window, image, clockMHz, cyclesPerBit };
  } catch (error) {
    if (error instanceof HardwareError)
      throw new InputError(
        `Machine ${sizes.machine.name} cannot be built for board ${board.name}: ${withoutPlace(error.message)}.`,
      );
    throw error;
  }
}

/** Numbers of the memories whose contents the host writes before the first token: what the machine itself only reads, in memory that can be written. */
export const filledByHost = ({ sizes: { machine } }: Circuit): number[] =>
  machine.memories.flatMap(({ writeBits, holds }, i) =>
    writeBits !== null && holds.some((contents) => contents !== "keysAndValues") ? [i] : [],
  );

/** Of the memory that is only read. */
export function flashImage({ sizes: { channels }, images }: Circuit): Uint8Array {
  return images[channels.findIndex(({ writeBits }) => writeBits === null)] ?? new Uint8Array(0);
}

const OSCILLATOR_MHZ = [48, 24, 12, 6] as const;

/** @throws InputError where the board's clock cannot be made into the wanted one */
function clockOf(
  clock: Board["clock"],
  wantedMHz: number,
): { readonly clock: BoardClock; readonly clockMHz: number } {
  if (clock.kind === "internal oscillator") {
    const megahertz = OSCILLATOR_MHZ.find((one) => one === wantedMHz);
    if (megahertz === undefined)
      throw new InputError(
        `The part's oscillator makes ${OSCILLATOR_MHZ.join(", ")} MHz, and the machine runs at ${wantedMHz} MHz.`,
      );
    return { clock: { kind: "oscillator", megahertz }, clockMHz: megahertz };
  }
  if (clock.MHz === wantedMHz) return { clock: { kind: "pin" }, clockMHz: wantedMHz };
  const { megahertz } = pllSettings(clock.MHz, wantedMHz);
  return {
    clock: { kind: "pll", pad: clock.pllPad, referenceMHz: clock.MHz, wantedMHz },
    clockMHz: megahertz,
  };
}

function lightOf({ leds: [light] }: Board): BoardLight | null {
  if (light === undefined) return null;
  const { sink, activeLow } = light;
  return sink === null ? { kind: "pin", activeLow } : { kind: "sink", index: sink };
}

/** Of a mistake's message: where in this program it was found is no news to a person. */
export const withoutPlace = (message: string): string => message.replace(/ \([\w./-]+\.ts:\d+\)$/, "");
