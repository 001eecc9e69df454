import type { Node } from "../builder/graph.ts";
import type { Cell } from "./cell.ts";
import { NetlistError } from "./errors.ts";
import type { Nets } from "./nets.ts";
import { lookUp } from "./table.ts";

/** Cells of one output that are a table of a few one-bit inputs: Yosys' gates, and the iCE40's look-up table and carry. */
export function readGate(cell: Cell, nets: Nets): boolean {
  const gate = Object.hasOwn(GATES, cell.type) ? GATES[cell.type] : undefined;
  const found = gate ?? lookUpTable(cell);
  if (found === null) return false;
  const { inputs, output, table } = found;
  // An input of an iCE40 cell that is left open is 0 (`cells_sim.v`).
  const operands = cell.type === "$lut" ? cell.bits("A") : inputs.map((port) => cell.bit(port, "0"));
  const value = (): Node => {
    const nodes = operands.map((bit) => nets.bit(bit));
    return lookUp(table, nodes);
  };
  nets.logic([cell.bit(output)], [operands], value, cell.where);
  return true;
}

interface Gate {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly table: bigint;
}

function lookUpTable({ type, parameters, where }: Cell): Gate | null {
  if (type === "SB_LUT4")
    return { inputs: ["I0", "I1", "I2", "I3"], output: "O", table: parameters.word("LUT_INIT", 16, 0n) };
  if (type !== "$lut") return null;
  const inputs = parameters.integer("WIDTH");
  if (inputs > MOST_INPUTS)
    throw new NetlistError(`${where}: a table of ${inputs} inputs; at most ${MOST_INPUTS} are read`);
  return { inputs: [], output: "Y", table: parameters.word("LUT", 2 ** inputs) };
}

/** Of a `$lut`. */
const MOST_INPUTS = 16;

type Logic = (...bits: readonly boolean[]) => boolean;

function gate(inputs: readonly string[], logic: Logic, output = "Y"): Gate {
  let table = 0n;
  for (let row = 0; row < 2 ** inputs.length; row++)
    if (logic(...inputs.map((_, i) => ((row >> i) & 1) === 1))) table |= 1n << BigInt(row);
  return { inputs, output, table };
}

const AB = ["A", "B"] as const;
const ABC = ["A", "B", "C"] as const;
const ABCD = ["A", "B", "C", "D"] as const;

/** Yosys' manual, "Gates", and `ice40/cells_sim.v`. */
const GATES: Readonly<Record<string, Gate>> = {
  $_BUF_: gate(["A"], (a) => a === true),
  $_NOT_: gate(["A"], (a) => !a),
  $_AND_: gate(AB, (a, b) => a! && b!),
  $_NAND_: gate(AB, (a, b) => !(a && b)),
  $_OR_: gate(AB, (a, b) => a! || b!),
  $_NOR_: gate(AB, (a, b) => !(a || b)),
  $_XOR_: gate(AB, (a, b) => a !== b),
  $_XNOR_: gate(AB, (a, b) => a === b),
  $_ANDNOT_: gate(AB, (a, b) => a! && !b),
  $_ORNOT_: gate(AB, (a, b) => a! || !b),
  $_MUX_: gate(["A", "B", "S"], (a, b, s) => (s ? b! : a!)),
  $_NMUX_: gate(["A", "B", "S"], (a, b, s) => !(s ? b : a)),
  $_AOI3_: gate(ABC, (a, b, c) => !((a && b) || c)),
  $_OAI3_: gate(ABC, (a, b, c) => !((a || b) && c)),
  $_AOI4_: gate(ABCD, (a, b, c, d) => !((a && b) || (c && d))),
  $_OAI4_: gate(ABCD, (a, b, c, d) => !((a || b) && (c || d))),
  SB_CARRY: gate(["I0", "I1", "CI"], (a, b, c) => (a! && b!) || ((a! || b!) && c!), "CO"),
  SB_GB: gate(["USER_SIGNAL_TO_GLOBAL_BUFFER"], (a) => a === true, "GLOBAL_BUFFER_OUTPUT"),
};
