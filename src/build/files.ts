import type { FolderFile } from "../flow/write-folder.ts";
import type { Circuit } from "../verify/circuit.ts";
import type { Build } from "./build.ts";

/** Names of the files that others look for. */
export const BITSTREAM = "bitstream.bin";
export const FLASH = "flash.bin";
export const MODEL = "model.bin";
export const NETLIST = "netlist.json";
export const PLACED = "placed.json";

/** All that a build leaves behind, but for its manifest. */
export function buildFiles(circuit: Circuit, build: Build): FolderFile[] {
  const { source, design, netlist, placement, bitstream, flash } = build;
  return [
    { name: "hdl/board.v", contents: source.text },
    ...Object.entries(source.data).map(([name, contents]) => ({ name: `hdl/${name}`, contents })),
    { name: "pins.pcf", contents: design.constraints },
    { name: NETLIST, contents: netlist },
    { name: PLACED, contents: placement.placed },
    { name: "placed.asc", contents: placement.asc },
    { name: BITSTREAM, contents: bitstream },
    { name: MODEL, contents: design.image },
    { name: FLASH, contents: flash },
    { name: "program.bin", contents: circuit.program.bytes },
  ];
}
