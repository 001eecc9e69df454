import { InputError } from "../../models/errors.ts";
import type { Fpga } from "../devices/device.ts";
import type { Ice40Series } from "./ice40-script.ts";
import { ICE40_DEVICES, type Ice40Device } from "./nextpnr.ts";

/** A part as the tools call it. */
export interface Ice40Part {
  readonly device: Ice40Device;
  readonly series: Ice40Series;
}

const SERIES: Readonly<Record<Ice40Device, Ice40Series>> = { up5k: "u", hx1k: "hx", hx8k: "hx", lp8k: "lp" };

/** @throws InputError for a device of another family */
export function ice40PartOf({ name, toolName }: Fpga): Ice40Part {
  const device = ICE40_DEVICES.find((one) => toolName === `--${one}`);
  if (device === undefined)
    throw new InputError(
      `Fpga ${name} is no iCE40 that is built for; those are ${ICE40_DEVICES.join(", ")}.`,
    );
  return { device, series: SERIES[device] };
}
