import type { Bit } from "../json.ts";
import { type Design, flag } from "./design.ts";
import { nameOf } from "./logic-cells.ts";

/** `x y index` of a pin, and the net of the port that it is. */
export type PinPlaces = ReadonlyMap<string, Bit>;

/** The pin at a place, as SB_IO. */
export function findPin(pin: string, port: Bit, design: Design): void {
  const [x = "", y = "", index = ""] = pin.split(" ");
  const place = `${x} ${y}`;
  const { nets, functionBits, pullUps } = design.chip;
  const name = pinName(pin);
  const at = (net: string): string => `io_${index}/${net}`;
  const outputs = ["D_IN_0", "D_IN_1"].map((net): [string, Bit[]] => [
    net,
    nets.isRead(place, at(net)) ? design.drives(nets.at(place, at(net)), name) : [],
  ]);
  const type = [5, 4, 3, 2, 1, 0].map((bit) => functionBits(place, `IOB_${index}.PINTYPE_${bit}`)).join("");
  const [pullX = "", pullY = "", pullIndex = ""] = (pullUps.get(pin) ?? pin).split(" ");
  const pulled = functionBits(`${pullX} ${pullY}`, `IoCtrl.REN_${pullIndex}`) === "0";
  design.add(
    name,
    () => ({
      type: "SB_IO",
      parameters: {
        PIN_TYPE: type,
        NEG_TRIGGER: flag(functionBits(place, "NegClk").includes("1")),
        PULLUP: flag(pulled),
        IO_STANDARD: "SB_LVCMOS",
      },
      attributes: { NEXTPNR_BEL: `${nameOf(Number(x), Number(y))}/io${index}` },
      connections: {
        PACKAGE_PIN: [port],
        D_OUT_0: design.input(place, at("D_OUT_0")),
        D_OUT_1: design.input(place, at("D_OUT_1")),
        OUTPUT_ENABLE: design.input(place, at("OUT_ENB")),
        INPUT_CLK: design.input(place, "io_global/inclk"),
        OUTPUT_CLK: design.input(place, "io_global/outclk"),
        CLOCK_ENABLE: design.input(place, "io_global/cen"),
        LATCH_INPUT_VALUE: design.input(place, "io_global/latch"),
        ...Object.fromEntries(outputs),
      },
    }),
    ["D_IN_0", "D_IN_1"],
  );
}

export const pinName = (pin: string): string => `pin ${pin}`;
