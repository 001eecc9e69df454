import {
  bit,
  type Cell,
  concat,
  type Design,
  type Domain,
  fallingEdge,
  HardwareError,
  memory,
  module,
  primitive,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { cellClocks, demandRange, portDomain } from "../cell.ts";
import { laneBit, type Ram40Mode, stride } from "./ram40-lanes.ts";

export interface Ram40Options {
  /** READ_MODE; 0 if not given. */
  readonly readMode?: Ram40Mode;
  /** WRITE_MODE; 0 if not given. */
  readonly writeMode?: Ram40Mode;
  /** The read port works at the falling edge (SB_RAM40_4KNR, SB_RAM40_4KNRNW). */
  readonly negReadClock?: boolean;
  /** The write port works at the falling edge (SB_RAM40_4KNW, SB_RAM40_4KNRNW). */
  readonly negWriteClock?: boolean;
  /** INIT_0 to INIT_F: 16-bit rows from address 0, the rest is zero. `ram40Rows` makes them of narrower words. */
  readonly rows?: readonly number[];
}

const INPUTS = {
  RCLKE: bit,
  RE: bit,
  RADDR: unsigned(11),
  WCLKE: bit,
  WE: bit,
  WADDR: unsigned(11),
  MASK: unsigned(16),
  WDATA: unsigned(16),
};
const OUTPUTS = { RDATA: unsigned(16) };

export type Ram40 = Cell<typeof INPUTS, typeof OUTPUTS>;

const READ = { rising: portDomain("RCLK"), falling: portDomain("RCLKN") };
const WRITE = { rising: portDomain("WCLK"), falling: portDomain("WCLKN") };

/** An instance's `domains`, where reads and writes have clocks of their own. */
export const ram40Domains = (cell: Ram40, read: Domain, write: Domain): ReadonlyMap<Domain, Domain> =>
  cellClocks(cell, { RCLK: read, RCLKN: read, WCLK: write, WCLKN: write });

const ROWS = 256;

/**
 * SB_RAM40_4K: 4096 bits of block RAM behind a read port and a write port. Of a word that is written at the same edge, a
 * read gives what stood there before. A bit of MASK that is 1 keeps its bit from being written, in write mode 0 only.
 */
export function ram40(options: Ram40Options = {}): Ram40 {
  const { readMode = 0, writeMode = 0, rows = [] } = options;
  const read = options.negReadClock === true ? "falling" : "rising";
  const write = options.negWriteClock === true ? "falling" : "rising";
  demandRange("READ_MODE of SB_RAM40_4K", readMode, 0, 3);
  demandRange("WRITE_MODE of SB_RAM40_4K", writeMode, 0, 3);
  if (rows.length > ROWS)
    throw new HardwareError(`SB_RAM40_4K has ${ROWS} rows, and ${rows.length} are given to begin with`);
  for (const [i, row] of rows.entries()) demandRange(`row ${i} of SB_RAM40_4K`, row, 0, 0xffff);
  const name = `SB_RAM40_4K${read === "falling" ? "NR" : ""}${write === "falling" ? "NW" : ""}`;
  const parameters = {
    READ_MODE: String(readMode),
    WRITE_MODE: String(writeMode),
    ...initParameters(rows),
  };
  const ports = {
    inputs: INPUTS,
    outputs: OUTPUTS,
    domain: WRITE[write],
    inputDomains: { RCLKE: READ[read], RE: READ[read], RADDR: READ[read] },
  };
  const at = (domain: Domain, edge: Domain["edge"]): Domain =>
    edge === "rising" ? domain : fallingEdge(domain);
  const model: Design<typeof INPUTS, typeof OUTPUTS> = module(name, ports, (io) => {
    const cells = memory("rows", unsigned(16), { depth: ROWS, initial: rows });
    const writing = at(WRITE[write], write);
    const { data, mask } = spread(writeMode, io.WADDR, io.WDATA, io.MASK.not());
    when(io.WE.and(io.WCLKE), () => cells.write(io.WADDR.bits(7, 0), data, { mask, domain: writing }));

    const domain = at(READ[read], read);
    const enable = io.RE.and(io.RCLKE);
    const row = cells.read(io.RADDR.bits(7, 0), { enable, domain });
    io.RDATA.set(gather(readMode, io.RADDR, row, enable, domain));
  });
  return primitive(name, parameters, model);
}

function initParameters(rows: readonly number[]): Record<string, string> {
  const block = (i: number): string =>
    Array.from({ length: 16 }, (_, j) => (rows[16 * i + 15 - j] ?? 0).toString(16).padStart(4, "0")).join("");
  return Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => [`INIT_${i.toString(16).toUpperCase()}`, `256'h${block(i)}`]),
  );
}

/** The row that a write puts down, and the bits of it that count. */
function spread(mode: Ram40Mode, address: Unsigned, data: Unsigned, unmasked: Unsigned) {
  if (mode === 0) return { data, mask: unmasked };
  const lanes = Array.from({ length: 16 / stride(mode) }, (_, i) => data.bit(laneBit(mode, i)));
  const first = lanes.reduce((bits, _, i) => bits | (1 << (i * stride(mode))), 0);
  return {
    data: concat(...lanes.toReversed().map((lane) => lane.repeat(stride(mode)))),
    mask: unsignedConstant(first, 16)
      .shl(address.bits(7 + mode, 8))
      .truncate(16),
  };
}

/** RDATA for a row and the address that it has been read for. */
function gather(
  mode: Ram40Mode,
  address: Unsigned,
  row: Unsigned,
  enable: Unsigned,
  domain: Domain,
): Unsigned {
  if (mode === 0) return row;
  const place = register("place", unsigned(mode), { next: address.bits(7 + mode, 8), enable, domain });
  const shifted = row.shr(place);
  const zero = unsignedConstant(0, 1);
  const bits = Array.from({ length: 16 }, () => zero);
  for (let i = 0; i < 16 / stride(mode); i++) bits[laneBit(mode, i)] = shifted.bit(i * stride(mode));
  return concat(...bits.toReversed());
}
