import type { Bit, Bits, NetlistCell } from "../../../hdl/netlist/json.ts";
import type { OpenModule } from "./open-module.ts";

/** Enables of SB_RAM40_4K under which an input counts; otherwise the block ignores it (`ice40/cells_sim.v`). */
const ENABLES: Readonly<Record<string, readonly string[]>> = {
  WE: ["WCLKE"],
  WADDR: ["WE", "WCLKE"],
  WDATA: ["WE", "WCLKE"],
  MASK: ["WE", "WCLKE"],
  RE: ["RCLKE"],
  RADDR: ["RE", "RCLKE"],
};

/** An input of a block as far as it counts: what a block RAM ignores is 0. Inputs of other blocks count always. */
export function countedInput(open: OpenModule, cell: NetlistCell, port: string, word: Bits): Bits {
  const enables = cell.type.startsWith("SB_RAM40_4K") ? ENABLES[port] : undefined;
  if (enables === undefined) return word;
  const enabled = word.map((bit) =>
    enables.reduce((rest, enable) => open.and(rest, cell.connections[enable]?.[0] ?? "z"), bit),
  );
  return port === "WDATA" && isMasked(cell)
    ? enabled.map((bit, i): Bit => open.andNot(bit, cell.connections.MASK?.[i] ?? "z"))
    : enabled;
}

/** In the mode of 16 bits, and in it alone, MASK keeps bits from being written. */
const isMasked = ({ parameters }: NetlistCell): boolean => /^0*$/.test(String(parameters.WRITE_MODE ?? ""));
