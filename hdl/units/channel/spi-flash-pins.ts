import { bit, concat, instance, module, register, SYNC, unsigned } from "../../builder/index.ts";
import { cellClocks, IO_IDLE, type Io, pinType, sbIo } from "../../primitives/ice40/index.ts";
import { flashPinsShape } from "./spi-flash.ts";

const OUTPUT = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_REGISTERED") });
const CLOCK = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_DDR") });
const DATA = sbIo({
  pinType: pinType("PIN_INPUT_REGISTERED", "PIN_OUTPUT_REGISTERED_ENABLE_REGISTERED"),
  pullup: true,
});
const clocksOf = (cell: Io) => cellClocks(cell, { INPUT_CLK: SYNC, OUTPUT_CLK: SYNC });
const LINES = [0, 1, 2, 3] as const;

/** A quad SPI flash's pins of an iCE40, with the registers in them: outputs a cycle later, inputs as of the last edge. */
export const spiFlashPins = module(
  "spi_flash_pins",
  {
    description: "Pins of a quad SPI flash.",
    inputs: { pins: flashPinsShape },
    outputs: { in: unsigned(4) },
    inouts: ["flash_clock", "flash_select", "flash_data_0", "flash_data_1", "flash_data_2", "flash_data_3"],
  },
  ({ pins, in: nibble, pads }) => {
    // Low in the first half of the cycle; its second half is taken at the falling edge in between.
    const on = register("clock_on", bit, { reset: 0, next: pins.clock });
    instance(
      "clock_pin",
      CLOCK,
      { ...IO_IDLE, D_OUT_1: on },
      { pads: { PACKAGE_PIN: pads.flash_clock }, domains: clocksOf(CLOCK) },
    );
    instance(
      "select",
      OUTPUT,
      { ...IO_IDLE, D_OUT_0: pins.deselect },
      { pads: { PACKAGE_PIN: pads.flash_select }, domains: clocksOf(OUTPUT) },
    );
    const [low, ...rest] = LINES.map((line) => {
      const pad = pads[`flash_data_${line}` as const];
      return instance(
        `data_${line}`,
        DATA,
        { ...IO_IDLE, D_OUT_0: pins.out.bit(line), OUTPUT_ENABLE: pins.drive },
        { pads: { PACKAGE_PIN: pad }, domains: clocksOf(DATA) },
      ).D_IN_0;
    });
    if (low !== undefined) nibble.set(rest.reduce((bits, next) => concat(next, bits), low));
  },
);
