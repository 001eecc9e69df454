import type { Bit, NetlistCell, NetlistValue } from "../json.ts";
import { placeOf, type Tile } from "./configuration.ts";
import { type Design, flag } from "./design.ts";

const CELLS = 8;
/** Where the bits of the table, from entry 0 on, stand among those of a logic cell. */
const TABLE = [4, 14, 15, 5, 6, 16, 17, 7, 3, 13, 12, 2, 1, 11, 10, 0];
const CARRY_ENABLE = 8;
const DFF_ENABLE = 9;
const SET_NO_RESET = 18;
const ASYNCHRONOUS = 19;

/** The eight logic cells of a tile. */
export function findLogicCells({ x, y }: Tile, design: Design): void {
  const place = placeOf(x, y);
  const { nets, functionBits } = design.chip;
  const name = nameOf(x, y);
  // A carry that is set is a value for the lowest cell's table too.
  if (isSet(place, "CarryInSet", design) && nets.isRead(place, "carry_in_mux"))
    addTable(
      `${name}/carry_in`,
      "1".repeat(16),
      design.drives(nets.at(place, "carry_in_mux"), name),
      () => ({}),
      design,
    );
  for (let index = 0; index < CELLS; index++) {
    const bits = functionBits(place, `LC_${index}`);
    const isRead = ["out", "lout"].some((net) => nets.isRead(place, `lutff_${index}/${net}`));
    if (bits.includes("1") || isRead) addLogicCell(place, `${name}/lc`, index, bits, design);
  }
}

const isSet = (place: string, name: string, { chip }: Design): boolean =>
  chip.functionBits(place, name).includes("1");

function addLogicCell(place: string, prefix: string, index: number, bits: string, design: Design): void {
  const { nets } = design.chip;
  const name = `${prefix}${index}`;
  const output = (net: string): Bit[] => design.drives(nets.at(place, `lutff_${index}/${net}`), name);
  const bit = (at: number): NetlistValue => flag(bits[at] === "1");
  const O = output("out");
  const COUT = bits[CARRY_ENABLE] === "1" ? output("cout") : [];
  const LUT_INIT = TABLE.map((at) => bits[at] ?? "0")
    .reverse()
    .join("");
  const inputs = (): Record<string, Bit[]> =>
    Object.fromEntries([0, 1, 2, 3].map((i) => [`I${i}`, design.input(place, `lutff_${index}/in_${i}`)]));
  const carryIsSet = index === 0 && isSet(place, "CarryInSet", design);
  const carryNet = index === 0 ? "carry_in_mux" : `lutff_${index - 1}/cout`;
  const make = (): Pick<NetlistCell, "type" | "parameters" | "connections"> => {
    const CIN = carryIsSet ? [] : design.input(place, carryNet);
    return {
      type: "ICESTORM_LC",
      parameters: {
        LUT_INIT,
        CARRY_ENABLE: bit(CARRY_ENABLE),
        CIN_CONST: flag(CIN.length === 0),
        CIN_SET: flag(carryIsSet),
        DFF_ENABLE: bit(DFF_ENABLE),
        NEG_CLK: flag(isSet(place, "NegClk", design)),
        SET_NORESET: bit(SET_NO_RESET),
        ASYNC_SR: bit(ASYNCHRONOUS),
      },
      connections: {
        O,
        COUT,
        CIN,
        ...inputs(),
        CLK: design.input(place, "lutff_global/clk"),
        CEN: design.input(place, "lutff_global/cen"),
        SR: design.input(place, "lutff_global/s_r"),
      },
    };
  };
  design.add(name, make, ["O", "COUT"]);
  // The table's own output, to the next cell's table.
  if (nets.isRead(place, `lutff_${index}/lout`))
    addTable(`${name}/table`, LUT_INIT, output("lout"), inputs, design);
}

/** A logic cell of which only the table counts. */
function addTable(
  name: string,
  LUT_INIT: string,
  O: Bit[],
  inputs: () => Readonly<Record<string, Bit[]>>,
  design: Design,
): void {
  const parameters = { LUT_INIT, DFF_ENABLE: "0", CARRY_ENABLE: "0" };
  design.add(name, () => ({ type: "ICESTORM_LC", parameters, connections: { O, ...inputs() } }), ["O"]);
}

/** As nextpnr calls places. */
export const nameOf = (x: number, y: number): string => `X${x}/Y${y}`;
