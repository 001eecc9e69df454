import type { Domain, Inout, Instance, InstanceOutput, Module, Node, Primitive } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { UNKNOWN_SOURCE } from "../builder/source.ts";
import type { Cell } from "./cell.ts";
import type { Circuit } from "./circuit.ts";
import { NetlistError } from "./errors.ts";
import type { Bits } from "./json.ts";
import type { CellParameters } from "./parameters.ts";

/**
 * Behaviour of cells that are not logic or flip-flops, by type: the model for a cell's parameters. Its ports are called as
 * the cell's; the clock ports are its domains' `clock`s.
 */
export type CellLibrary = ReadonlyMap<string, (parameters: CellParameters) => Module | Primitive>;

/** What a cell stands for. */
export interface Model {
  readonly of: Module | Primitive;
  /** Inputs that nothing inside follows. */
  readonly unused: ReadonlySet<string>;
}

/** A cell that stands for another module. */
export function readInstance(cell: Cell, { of, unused }: Model, circuit: Circuit): void {
  const { nets, finish } = circuit;
  const model = of.kind === "module" ? of : of.model;
  checkPorts(cell, model);
  const inputs = new Map<string, Node>();
  const outputs = new Map<string, InstanceOutput>();
  const pads = new Map(model.inouts.map(({ name }) => [name, padOf(cell, name, circuit)]));
  const { domains, stopped } = domainsOf(cell, model, circuit);
  const made: Instance = {
    kind: "instance",
    name: circuit.names.unique(cell.name),
    source: UNKNOWN_SOURCE,
    of,
    inputs,
    outputs,
    inouts: pads,
    domains,
  };
  circuit.instances.push(made);
  for (const { name: port, type } of model.outputs) {
    const output: InstanceOutput = { kind: "instance-output", type, instance: made, port };
    outputs.set(port, output);
    const bits = cell.optional(port);
    if (bits === null) continue;
    checkWidth(cell, port, bits, type.width);
    nets.leaf(bits, op.convert(output, op.unsignedType(type.width)), cell.where);
  }
  finish.push(() => {
    for (const { name: port, type, domain } of model.inputs) {
      // A model sees its bidirectional pin as an input of the same name.
      if (pads.has(port)) continue;
      const bits = cell.bits(port);
      checkWidth(cell, port, bits, type.width);
      // It may be a clock, whose registers inside are gone.
      const isIdle = unused.has(port) || (domain !== null && stopped.has(domain));
      const value = isIdle ? op.constant(0n, type) : op.convert(nets.word(bits), type);
      inputs.set(port, value);
    }
  });
}

/** Ports that are connected and that the model does not have would be forgotten. */
function checkPorts(cell: Cell, model: Module): void {
  const known = new Set([
    ...[...model.inputs, ...model.outputs, ...model.inouts].map(({ name }) => name),
    ...model.domains.map(({ clock }) => clock),
  ]);
  for (const port of [...cell.ports("input"), ...cell.ports("output"), ...cell.ports("inout")])
    if (!known.has(port) && cell.optional(port)?.some((bit) => typeof bit === "number"))
      throw new NetlistError(`${cell.where}: its model has no port ${port}`);
}

function checkWidth(cell: Cell, port: string, bits: Bits, width: number): void {
  if (bits.length !== width)
    throw new NetlistError(
      `${cell.where}: ${bits.length} bits are connected to port ${port}, which has ${width}`,
    );
}

/**
 * A clock that is a constant, as that of a block RAM's port that nobody uses, stands still: another one takes its place, and the
 * inputs that follow it are 0, with which every cell keeps what it has.
 */
function domainsOf(
  cell: Cell,
  model: Module,
  { clocks }: Circuit,
): { readonly domains: Map<Domain, Domain>; readonly stopped: ReadonlySet<Domain> } {
  const [reset] = model.resets;
  if (reset !== undefined)
    throw new NetlistError(
      `${cell.where}: its model is reset by its clock domain; a cell's resets are inputs`,
    );
  const running = model.domains.filter(({ clock }) => typeof cell.bit(clock) === "number");
  const [first] = running;
  const stopped = new Set(first === undefined ? [] : model.domains.filter((one) => !running.includes(one)));
  const domains = model.domains.map((domain): [Domain, Domain] => {
    const { clock } = stopped.has(domain) && first !== undefined ? first : domain;
    return [domain, clocks.domain(cell.bit(clock), domain.edge === "falling", cell.where)];
  });
  return { domains: new Map(domains), stopped };
}

function padOf(cell: Cell, port: string, { pads }: Circuit): Inout {
  const bit = cell.bit(port);
  const pad = typeof bit === "number" ? pads.get(bit) : undefined;
  if (pad === undefined)
    throw new NetlistError(`${cell.where}: port ${port} is not connected to a pin of the top module`);
  return pad;
}
