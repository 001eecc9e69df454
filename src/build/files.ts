import type { FolderFile } from "../flow/write-folder.ts";
import type { Circuit } from "../verify/circuit.ts";
import type { Build } from "./build.ts";
import type { Ecp5Build } from "./ecp5.ts";

/** Names of the files that others look for. */
export const BITSTREAM = "bitstream.bin";
export const FLASH = "flash.bin";
export const MODEL = "model.bin";
export const NETLIST = "netlist.json";
export const PINS = "pins.pcf";
export const PLACED = "placed.json";

/** All that a build leaves behind, but for its manifest. */
export function buildFiles(circuit: Circuit, build: Build): FolderFile[] {
  const { source, design, netlist, placement, bitstream, flash } = build;
  return [
    { name: "hdl/board.v", contents: source.text },
    ...Object.entries(source.data).map(([name, contents]) => ({ name: `hdl/${name}`, contents })),
    { name: PINS, contents: design.constraints },
    { name: NETLIST, contents: netlist },
    { name: PLACED, contents: placement.placed },
    { name: "placed.asc", contents: placement.asc },
    { name: BITSTREAM, contents: bitstream },
    { name: MODEL, contents: design.image },
    { name: FLASH, contents: flash },
    { name: "program.bin", contents: circuit.program.bytes },
  ];
}

/** The same of an ECP5, as far as it was made; the model's images are for the host to write. */
export function ecp5Files(
  circuit: Circuit,
  { source, constraints, netlist, placed }: Ecp5Build,
): FolderFile[] {
  const { machine } = circuit.sizes;
  return [
    { name: "hdl/board.v", contents: source.text },
    ...Object.entries(source.data).map(([name, contents]) => ({ name: `hdl/${name}`, contents })),
    { name: "pins.lpf", contents: constraints },
    { name: NETLIST, contents: netlist },
    ...(placed === null
      ? []
      : [
          { name: "placed.config", contents: placed.config },
          { name: BITSTREAM, contents: placed.bitstream },
        ]),
    ...machine.memories.map(({ name }, i) => ({
      name: `memories/${name}.bin`,
      contents: circuit.images[i] ?? new Uint8Array(0),
    })),
    { name: "program.bin", contents: circuit.program.bytes },
  ];
}
