import type { Inout, Input, Module, Node, NumberType, Wire } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { UNKNOWN_SOURCE } from "../builder/source.ts";
import { Cell } from "./cell.ts";
import type { Circuit } from "./circuit.ts";
import { type ClockSource, Clocks, valuesOf } from "./clocks.ts";
import { located, NetlistError } from "./errors.ts";
import { readGate } from "./gate-cells.ts";
import { type CellLibrary, type Model, readInstance } from "./instances.ts";
import { type Bits, isBox, type Netlist, type NetlistModule, parseNetlist, topOf } from "./json.ts";
import { readMemory } from "./memory.ts";
import { Names } from "./names.ts";
import { Nets, type Unknown } from "./nets.ts";
import { readRegister } from "./state.ts";
import { readWordCell } from "./word-cells.ts";

export interface NetlistOptions {
  /** Name of the module; default: the one that Yosys marks as the top, or the only one. */
  readonly top?: string;
  /** Ports that are clocks even where no register is left that uses them. */
  readonly clocks?: readonly string[];
  /** Models of memory and DSP blocks and other cells of a part. */
  readonly library?: CellLibrary;
  /** What bits without a value become. Default zero. */
  readonly unknown?: Unknown;
}

/**
 * A netlist of Yosys (`write_json`) as a circuit: of RTLIL cells, of Yosys' gates, or of iCE40 cells, or of all of them. Ports
 * keep their names, order and widths, and are unsigned; resets are inputs like others. Inner nets with a name that a person has
 * given become wires; a register has the name of the net that it drives, or `net[3]` where it is one bit of it. Registers
 * and memories begin with what the netlist says, those of the iCE40 with 0.
 * @throws NetlistError where the netlist is damaged, or has a cell, a clock or a loop that a circuit cannot have
 */
export function readNetlist(json: unknown, options: NetlistOptions = {}): Module {
  return circuitOf(parseNetlist(json), options);
}

/** One of the modules of a netlist that has been parsed already, as `readNetlist` gives it. */
export function circuitOf(netlist: Netlist, options: NetlistOptions = {}): Module {
  const top = topOf(netlist, options.top);
  const made = new Map<string, Model & { readonly of: Module }>();
  const open = new Set<string>();
  const moduleOf = (name: string, module: NetlistModule): Model & { readonly of: Module } => {
    const known = made.get(name);
    if (known !== undefined) return known;
    if (open.has(name)) throw new NetlistError(`module ${name} contains itself`);
    open.add(name);
    const read = readModule(name, module, options, (cell) =>
      modelOf(cell, netlist, options.library, moduleOf),
    );
    open.delete(name);
    made.set(name, read);
    return read;
  };
  return located(top.name, () => moduleOf(top.name, top.module).of);
}

/** What a cell stands for that is not logic, a register or a memory. */
function modelOf(
  cell: Cell,
  { modules }: Netlist,
  library: CellLibrary | undefined,
  moduleOf: (name: string, module: NetlistModule) => Model,
): Model {
  const known = library?.get(cell.type);
  if (known !== undefined)
    return { of: located(cell.where, () => known(cell.parameters)), unused: new Set() };
  const inner = Object.hasOwn(modules, cell.type) ? modules[cell.type] : undefined;
  if (inner !== undefined && !isBox(inner)) return moduleOf(cell.type, inner);
  throw new NetlistError(
    `${cell.where}: cells of this type are not known; give a model of it in the library`,
  );
}

function readModule(
  name: string,
  module: NetlistModule,
  options: NetlistOptions,
  modelOf: (cell: Cell) => Model,
): Model & { readonly of: Module } {
  const cells = Object.entries(module.cells).map(([cellName, cell]) => new Cell(cellName, cell, name));
  const nets = new Nets(name, options.unknown ?? { kind: "zero" });
  const ports = readPorts(module);
  const clocks = new Clocks(name, clockSources(module, cells), nets);
  const circuit: Circuit = {
    name,
    nets,
    clocks,
    names: new Names(module),
    pads: ports.pads,
    registers: [],
    memories: [],
    instances: [],
    finish: [],
  };
  for (const clock of options.clocks ?? []) {
    const port = Object.hasOwn(module.ports, clock) ? module.ports[clock] : undefined;
    const [bit] = port?.direction === "input" ? port.bits : [];
    if (bit !== undefined) clocks.domain(bit, false, `port ${clock}`);
  }
  for (const cell of cells) {
    const read =
      IGNORED.has(cell.type) ||
      readGate(cell, nets) ||
      readRegister(cell, circuit) ||
      readWordCell(cell, nets) ||
      readMemory(cell, circuit);
    if (!read) readInstance(cell, modelOf(cell), circuit);
  }
  const inputs = valuesOf(ports.inputs, clocks);
  for (const input of inputs) nets.leaf(module.ports[input.name]?.bits ?? [], input, `port ${input.name}`);
  nets.make();
  for (const finish of circuit.finish) finish();
  clocks.finish();
  const outputs = ports.outputs.map(([port, bits]) => wire(port, nets.word(bits)));
  const isUsed = ({ name: port }: Input): boolean => nets.areUsed(module.ports[port]?.bits ?? []);
  const unused = new Set(inputs.filter((input) => !isUsed(input)).map((input) => input.name));
  const of: Module = {
    kind: "module",
    name,
    description: null,
    source: UNKNOWN_SOURCE,
    inputs,
    outputs,
    inouts: ports.inouts,
    wires: namedWires(circuit),
    registers: circuit.registers,
    memories: circuit.memories,
    instances: circuit.instances,
    domains: clocks.incoming,
    resets: new Set(),
    derivedDomains: clocks.derived,
  };
  return { of, unused };
}

/** Cells that have no behaviour. */
const IGNORED: ReadonlySet<string> = new Set([
  "$scopeinfo",
  "$print",
  "$check",
  "$assert",
  "$assume",
  "$cover",
]);

interface PortList {
  readonly inputs: readonly Input[];
  readonly outputs: readonly (readonly [string, Bits])[];
  readonly inouts: readonly Inout[];
  readonly pads: ReadonlyMap<number, Inout>;
}

function readPorts({ ports }: NetlistModule): PortList {
  const inputs: Input[] = [];
  const outputs: [string, Bits][] = [];
  const inouts: Inout[] = [];
  const pads = new Map<number, Inout>();
  for (const [name, { direction, bits }] of Object.entries(ports)) {
    const type: NumberType = op.unsignedType(bits.length);
    if (direction === "input")
      inputs.push({ kind: "input", name, type, domain: null, source: UNKNOWN_SOURCE });
    else if (direction === "output") outputs.push([name, bits]);
    else {
      const pad: Inout = { kind: "inout", name, type, source: UNKNOWN_SOURCE };
      inouts.push(pad);
      for (const bit of bits) if (typeof bit === "number") pads.set(bit, pad);
    }
  }
  return { inputs, outputs, inouts, pads };
}

/** What drives each net, for clocks to be followed. */
function clockSources({ ports }: NetlistModule, cells: readonly Cell[]): Map<number, ClockSource> {
  const sources = new Map<number, ClockSource>();
  for (const [port, { direction, bits }] of Object.entries(ports)) {
    if (direction !== "input") continue;
    for (const bit of bits)
      if (typeof bit === "number") sources.set(bit, { kind: "port", port, width: bits.length });
  }
  for (const cell of cells) {
    for (const port of cell.ports("output")) {
      for (const bit of cell.optional(port) ?? [])
        if (typeof bit === "number") sources.set(bit, { kind: "cell", cell, port });
    }
  }
  return sources;
}

const wire = (name: string, driver: Node): Wire => ({
  kind: "wire",
  name,
  source: UNKNOWN_SOURCE,
  type: driver.type,
  driver,
});

/** Nets that have a name, and a value of their own. */
const namedWires = ({ names, nets }: Circuit): Wire[] =>
  names.inner.flatMap(({ name, bits }) =>
    names.has(name) || !nets.areDriven(bits) ? [] : [wire(names.unique(name), nets.word(bits))],
  );
