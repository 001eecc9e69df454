import { assign, bit, HardwareError, instance, module, unsigned, wire } from "../builder/index.ts";
import { portName } from "../decoder/decoder.ts";
import { type DeviceOptions, device } from "../decoder/device.ts";
import { blockRamPort } from "../units/channel/block-ram.ts";
import type { ChannelSizes } from "../units/channel/parameters.ts";
import { responseShape } from "../units/channel/shapes.ts";
import { type FlashWindow, spiFlashPort } from "../units/channel/spi-flash.ts";
import { spiFlashPins } from "../units/channel/spi-flash-pins.ts";
import { spramPort } from "../units/channel/spram.ts";

export const FLASH_PADS = [
  "flash_clock",
  "flash_select",
  "flash_data_0",
  "flash_data_1",
  "flash_data_2",
  "flash_data_3",
] as const;

export interface PartOptions extends DeviceOptions {
  /** Where the model's image lies in the flash at the pins. */
  readonly flash: FlashWindow;
}

/**
 * A decoder on an iCE40: its read-only memory is a quad SPI flash at the pins, what it writes is in SPRAM or in block RAM.
 * @throws HardwareError where a memory's description says what neither of them does
 */
export function ice40Part(options: PartOptions) {
  const { channels, machine } = options.sizes;
  const { memories } = machine;
  const made = device(options);
  return module(
    "part",
    {
      description: "A decoder on an iCE40, with a quad SPI flash at its pins.",
      inputs: { rx: bit },
      outputs: { tx: bit, running: bit },
      inouts: FLASH_PADS,
      inputDomains: { rx: null },
    },
    (io) => {
      const responses = channels.map((sizes, i) => wire(`response_${i}`, responseShape(sizes)));
      const core = instance("device", made, {
        rx: io.rx,
        responses: Object.fromEntries(responses.map((response, i) => [portName(i), response])),
      });
      io.tx.set(core.tx);
      io.running.set(core.running);
      const flashes = channels.filter(isFlash);
      if (flashes.length > 1)
        throw new HardwareError(
          `${flashes.map(({ name }) => name).join(" and ")} are read only; there is one flash at the pins`,
        );
      for (const [i, sizes] of channels.entries()) {
        const request = core.requests[portName(i)];
        const response = responses[i];
        if (request === undefined || response === undefined) throw new RangeError(`memory ${i} is missing`);
        if (!isFlash(sizes)) {
          const made = memories[i]?.storedIn === "block" ? blockRamPort(sizes) : spramPort(sizes);
          assign(response, instance(sizes.name, made, { request }).response);
          continue;
        }
        const nibble = wire("flash_in", unsigned(4));
        const port = instance(sizes.name, spiFlashPort(sizes, options.flash), { request, in: nibble });
        assign(response, port.response);
        const { pads } = io;
        nibble.set(instance("flash_pins", spiFlashPins, { pins: port.pins }, { pads }).in);
      }
    },
  );
}

const isFlash = ({ writeBits }: ChannelSizes): boolean => writeBits === null;
