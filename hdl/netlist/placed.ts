import { NetlistError } from "./errors.ts";
import {
  type Bit,
  type Bits,
  type Netlist,
  type NetlistCell,
  type NetlistModule,
  type NetlistValue,
  topOf,
} from "./json.ts";
import { CellParameters } from "./parameters.ts";
import { unpackOscillator, unpackPll } from "./placed-clocks.ts";

/**
 * What nextpnr-ice40 writes of a placed design (`--write`), with its cells taken apart into those of the vendor's library, as
 * they stand in a netlist of Yosys: a logic cell (ICESTORM_LC) into look-up table, carry and flip-flop; memories and DSP blocks
 * into cells whose ports are words again. Pins that only bring a signal in or out become wires. An output that a current sink
 * drives (SB_RGBA_DRV) is left out: the placed netlist does not say which one it is.
 * @throws NetlistError for a cell that is not known
 */
export function unpackPlaced(netlist: Netlist): Netlist {
  const { name, module } = topOf(netlist);
  return { ...netlist, modules: { [name]: unpackModule(name, module) } };
}

/** A cell that is made; its ports' directions follow from their names. */
export interface Unpacked {
  readonly type: string;
  readonly parameters: Readonly<Record<string, NetlistValue>>;
  readonly connections: Readonly<Record<string, Bits>>;
}

/** A cell that is taken apart, and what is around it. */
export interface Packed {
  readonly name: string;
  readonly cell: NetlistCell;
  readonly parameters: CellParameters;
  readonly module: NetlistModule;
  /** For errors. */
  readonly where: string;
}

function unpackModule(top: string, module: NetlistModule): NetlistModule {
  const directions = new Map<Bit, string>();
  for (const { direction, bits } of Object.values(module.ports))
    for (const bit of bits) directions.set(bit, direction);
  let lastNet = highestNet(module);
  const constants = constantsOf(module);
  const carries = new Set(Object.values(module.cells).map(({ connections }) => connections.COUT?.[0]));
  const cells: Record<string, NetlistCell> = {};
  for (const [name, placed] of Object.entries(module.cells)) {
    const where = `${top}: cell ${name} (${placed.type})`;
    const cell = withConstants(placed, constants);
    const packed: Packed = {
      name,
      cell,
      parameters: new CellParameters(cell.parameters, where),
      module,
      where,
    };
    if (cell.type === "ICESTORM_LC")
      for (const [part, made] of logicCell(packed, carries, () => ++lastNet))
        cells[`${name}.${part}`] = finished(made);
    else {
      const made = unpacked(packed, directions);
      if (made !== null) cells[name] = finished(made);
    }
  }
  return { ...module, cells, ports: drivenPorts(module, cells) };
}

/** Nets of look-up tables that follow nothing; clocks that stand still come from them too. */
function constantsOf({ cells }: NetlistModule): ReadonlyMap<Bit, Bit> {
  const constants = new Map<Bit, Bit>();
  for (const [name, { type, parameters, connections }] of Object.entries(cells)) {
    const [net] = connections.O ?? [];
    if (type !== "ICESTORM_LC" || net === undefined) continue;
    const of = new CellParameters(parameters, name);
    const { table, inputs } = tableOf(connections, of);
    if (!of.flag("DFF_ENABLE") && Object.values(inputs).every(([bit]) => bit === "0"))
      constants.set(net, table & 1 ? "1" : "0");
  }
  return constants;
}

const TABLE_INPUTS = ["I0", "I1", "I2", "I3"] as const;

/**
 * The table of a logic cell, and its inputs: 0 for those that are open, and for those that the table does not follow, which may
 * be there for the carry only.
 */
function tableOf(
  connections: NetlistCell["connections"],
  parameters: CellParameters,
): { readonly table: number; readonly inputs: Readonly<Record<string, Bits>> } {
  const table = Number(parameters.word("LUT_INIT", 16));
  const places = TABLE_INPUTS.flatMap((port, i) => (connections[port]?.length ? [1 << i] : []));
  const used = places.reduce((all, place) => all | place, 0);
  const rows = Array.from({ length: 16 }, (_, row) => row).filter((row) => (row & ~used) === 0);
  const follows = (place: number): boolean =>
    rows.some((row) => ((table >> row) & 1) !== ((table >> (row ^ place)) & 1));
  const inputs = TABLE_INPUTS.map((port, i): [string, Bits] => [
    port,
    (used & (1 << i)) !== 0 && follows(1 << i) ? (connections[port] ?? ["0"]) : ["0"],
  ]);
  return { table, inputs: Object.fromEntries(inputs) };
}

/** A cell with constants at its inputs in place of nets that are; their sources stay. */
function withConstants(cell: NetlistCell, constants: ReadonlyMap<Bit, Bit>): NetlistCell {
  const connections = Object.entries(cell.connections).map(([port, bits]): [string, Bit[]] => [
    port,
    cell.port_directions[port] === "input" ? bits.map((bit) => constants.get(bit) ?? bit) : bits,
  ]);
  return { ...cell, connections: Object.fromEntries(connections) };
}

/** Null for a cell that does nothing. */
function unpacked(packed: Packed, directions: ReadonlyMap<Bit, string>): Unpacked | null {
  const { cell } = packed;
  switch (cell.type) {
    case "ICESTORM_RAM":
      return ram(packed);
    case "ICESTORM_SPRAM":
      return { ...cell, type: "SB_SPRAM256KA", connections: wordsOf(cell) };
    case "ICESTORM_DSP":
      return { ...cell, type: "SB_MAC16", connections: wordsOf(cell, { CE: "1" }) };
    case "ICESTORM_HFOSC":
      return unpackOscillator(packed);
    case "ICESTORM_PLL":
      return unpackPll(packed);
    case "SB_GB":
      // One without an input carries what the cell drives that it is named after.
      return cell.connections.USER_SIGNAL_TO_GLOBAL_BUFFER?.length ? cell : null;
    case "SB_IO":
      return pin(packed, directions);
    case "SB_RGBA_DRV":
      return null;
    default:
      throw new NetlistError(`${packed.where}: place and route is not known to make such cells`);
  }
}

/**
 * Look-up table, carry and flip-flop of a logic cell. Inputs that are open are 0. Where nextpnr has a cell pass a carry on to
 * its table and to the next cell, it leaves CIN open: the part connects both to the carry of the cell below.
 */
function* logicCell(
  { cell: { connections }, parameters }: Packed,
  carries: ReadonlySet<Bit | undefined>,
  newNet: () => number,
): Generator<readonly [string, Unpacked]> {
  const open = (port: string): boolean => (connections[port]?.length ?? 0) === 0;
  const bit = (port: string): Bit => connections[port]?.[0] ?? "0";
  if (parameters.flag("CARRY_ENABLE") && !open("COUT")) {
    const constant = parameters.flag("CIN_SET") ? "1" : "0";
    const below = open("CIN") && carries.has(bit("I3")) ? bit("I3") : bit("CIN");
    const carry = parameters.flag("CIN_CONST") ? constant : below;
    const ports = { CO: [bit("COUT")], I0: [bit("I1")], I1: [bit("I2")], CI: [carry] } as const;
    yield ["carry", { type: "SB_CARRY", parameters: {}, connections: ports }];
  }
  if (open("O")) return;
  const registered = parameters.flag("DFF_ENABLE");
  const result = registered ? newNet() : bit("O");
  const { inputs } = tableOf(connections, parameters);
  const table = { LUT_INIT: parameters.pattern("LUT_INIT") };
  yield ["lut", { type: "SB_LUT4", parameters: table, connections: { O: [result], ...inputs } }];
  if (!registered) return;
  const falling = parameters.flag("NEG_CLK") ? "N" : "";
  const enable = open("CEN") ? "" : "E";
  const level = parameters.flag("SET_NORESET") ? "S" : "R";
  const reset = open("SR") ? "" : `${parameters.flag("ASYNC_SR") ? "" : "S"}${level}`;
  const ports = {
    Q: [bit("O")],
    C: [bit("CLK")],
    D: [result],
    ...(enable === "" ? {} : { E: [bit("CEN")] }),
    ...(reset === "" ? {} : { [level]: [bit("SR")] }),
  };
  yield ["flip_flop", { type: `SB_DFF${falling}${enable}${reset}`, parameters: {}, connections: ports }];
}

function ram({ cell, parameters }: Packed): Unpacked {
  const reads = parameters.flag("NEG_CLK_R", false) ? "N" : "";
  const writes = parameters.flag("NEG_CLK_W", false) ? "N" : "";
  const { NEG_CLK_R: _, NEG_CLK_W: __, ...rest } = cell.parameters;
  const { RCLK = [], WCLK = [], ...ports } = wordsOf(cell, { RCLKE: "1", WCLKE: "1" });
  return {
    type: `SB_RAM40_4K${reads === "" ? "" : "NR"}${writes === "" ? "" : "NW"}`,
    parameters: rest,
    connections: { ...ports, [`RCLK${reads}`]: RCLK, [`WCLK${writes}`]: WCLK },
  };
}

/** PIN_TYPEs of pins that are made for ports: a plain input, a plain output. */
const PLAIN_INPUT = 0b000001;
const PLAIN_OUTPUT = 0b011001;

function pin({ cell, parameters, where }: Packed, directions: ReadonlyMap<Bit, string>): Unpacked | null {
  const { PACKAGE_PIN: [pad] = [], D_IN_0: [into] = [], D_OUT_0: [out] = [] } = cell.connections;
  const direction = pad === undefined ? undefined : directions.get(pad);
  if (pad === undefined || direction === undefined) throw new NetlistError(`${where} is no pin of a port`);
  const type = parameters.integer("PIN_TYPE", 0);
  if (direction === "input" && type === PLAIN_INPUT) return into === undefined ? null : buffer(pad, into);
  if (direction === "output" && type === PLAIN_OUTPUT) return buffer(out ?? "0", pad);
  return { ...cell, connections: wordsOf(cell, { CLOCK_ENABLE: "1" }) };
}

const buffer = (from: Bit, to: Bit): Unpacked => ({
  type: "$_BUF_",
  parameters: {},
  connections: { A: [from], Y: [to] },
});

/**
 * Ports `DATA_0`, `DATA_1` ... put together to words.
 * @param unconnected what inputs are that nothing is connected to, where it is not 0
 */
function wordsOf(
  { connections, port_directions }: NetlistCell,
  unconnected: Readonly<Record<string, Bit>> = {},
): Record<string, Bit[]> {
  const words: Record<string, Bit[]> = {};
  for (const [port, [bit]] of Object.entries(connections)) {
    const [, word = port, index = "0"] = /^([ABCDO]|[A-Z]{4,})_(\d+)$/.exec(port) ?? [];
    const bits = words[word] ?? [];
    words[word] = bits;
    bits[Number(index)] = bit ?? (port_directions[port] === "output" ? "x" : (unconnected[port] ?? "0"));
  }
  return words;
}

/** Outputs of the cells that are made here. */
const OUTPUTS: ReadonlySet<string> = new Set([
  ...["O", "CO", "Q", "Y", "RDATA", "DATAOUT", "ACCUMCO", "SIGNEXTOUT", "D_IN_0", "D_IN_1"],
  ...["GLOBAL_BUFFER_OUTPUT", "CLKHF", "PLLOUTCORE", "PLLOUTGLOBAL", "LOCK"],
]);

/** With directions, and without outputs that go nowhere. */
function finished({ type, parameters, connections }: Unpacked): NetlistCell {
  const used = Object.entries(connections).filter(
    ([port, bits]) => !OUTPUTS.has(port) || bits.some((bit) => typeof bit === "number"),
  );
  const directionOf = (port: string): "input" | "output" | "inout" =>
    port === "PACKAGE_PIN" ? "inout" : OUTPUTS.has(port) ? "output" : "input";
  return {
    type,
    parameters: { ...parameters },
    port_directions: Object.fromEntries(used.map(([port]) => [port, directionOf(port)])),
    connections: Object.fromEntries(used.map(([port, bits]) => [port, [...bits]])),
  };
}

/** All ports but outputs that no cell drives. */
function drivenPorts(
  { ports }: NetlistModule,
  cells: Readonly<Record<string, NetlistCell>>,
): NetlistModule["ports"] {
  const driven = new Set<Bit>();
  for (const { connections, port_directions } of Object.values(cells))
    for (const [port, bits] of Object.entries(connections))
      if (port_directions[port] === "output") for (const bit of bits) driven.add(bit);
  const isDriven = ({ direction, bits }: NetlistModule["ports"][string]): boolean =>
    direction !== "output" || bits.every((bit) => driven.has(bit));
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => isDriven(port)));
}

function highestNet({ cells, ports, netnames }: NetlistModule): number {
  let highest = 1;
  const look = (bits: Bits): void => {
    for (const bit of bits) if (typeof bit === "number") highest = Math.max(highest, bit);
  };
  for (const { connections } of Object.values(cells))
    for (const bits of Object.values(connections)) look(bits);
  for (const { bits } of [...Object.values(ports), ...Object.values(netnames)]) look(bits);
  return highest;
}
