import { building, checkName, type Draft } from "./context.ts";
import { checkCrossings } from "./crossings.ts";
import { SYNC } from "./domain.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Inout, Input, Module } from "./graph.ts";
import { checkLoops } from "./loops.ts";
import { resolve } from "./resolve.ts";
import { fieldsOf, type StructShape, type ValueOf, valueFrom } from "./shape.ts";
import { callerLocation } from "./source.ts";
import { makeWires, type VariableOf, variableOf } from "./variable.ts";

/** A module whose ports' shapes TypeScript knows. */
export interface Design<I extends StructShape = StructShape, O extends StructShape = StructShape>
  extends Module {
  readonly ports: { readonly inputs: I; readonly outputs: O };
  /** The domain that its body calls its own. */
  readonly home: Domain;
}

export interface Ports<I extends StructShape, O extends StructShape> {
  readonly inputs: I;
  readonly outputs: O;
  /** Bidirectional pins, to be connected to primitives. */
  readonly inouts?: readonly string[];
  /** What a reader should know first; becomes a comment in the Verilog. */
  readonly description?: string;
  /** The clock of registers that do not name theirs. */
  readonly domain?: Domain;
  /** Inputs that follow another clock than the module's own, or none (null): those have to be synchronised. */
  readonly inputDomains?: { readonly [K in keyof I]?: Domain | null };
}

/** What a module's body works with: its inputs to read, its outputs to assign. */
export type Interface<I, O> = ValueOf<I> & VariableOf<O> & { readonly pads: Readonly<Record<string, Inout>> };

/**
 * Describes a module: `body` runs once, now, and says what is inside.
 * @throws HardwareError where something is not driven, driven twice, follows itself or crosses clock domains unawares
 */
export function module<const I extends StructShape, const O extends StructShape>(
  name: string,
  ports: Ports<I, O>,
  body: (io: Interface<I, O>) => void,
): Design<I, O> {
  checkName(name, "a module");
  const source = callerLocation();
  const draft = newDraft(name, ports.domain ?? SYNC);
  return building(draft, () => {
    const inputs = makeInputs(ports, draft);
    const outputs = variableOf(ports.outputs, makeWires(fieldsOf(ports.outputs, ""), draft.outputs));
    for (const pad of ports.inouts ?? []) makeInout(pad, draft);
    const pads = Object.fromEntries(draft.inouts.map((pad) => [pad.name, pad]));
    for (const field of Object.keys(ports.outputs))
      if (Object.hasOwn(ports.inputs, field))
        throw new HardwareError(`${name} has an input and an output called ${field}`);
    body({ ...inputs, ...outputs, pads });
    resolve(draft);
    const made: Design<I, O> = {
      kind: "module",
      name,
      description: ports.description ?? null,
      source,
      inputs: draft.inputs,
      outputs: draft.outputs,
      inouts: draft.inouts,
      wires: draft.wires,
      registers: draft.registers,
      memories: draft.memories,
      instances: draft.instances,
      ...clocksOf(draft),
      derivedDomains: draft.derivedDomains,
      ports: { inputs: ports.inputs, outputs: ports.outputs },
      home: draft.domain,
    };
    checkLoops(made);
    checkCrossings(made);
    return made;
  });
}

function newDraft(name: string, domain: Domain): Draft {
  const body: Draft["body"] = [];
  return {
    name,
    inputs: [],
    outputs: [],
    inouts: [],
    wires: [],
    registers: [],
    memories: [],
    instances: [],
    derivedDomains: [],
    names: new Set(),
    targets: new Set(),
    gates: new Map(),
    body,
    block: body,
    conditions: [],
    domain,
  };
}

function makeInputs<I extends StructShape, O extends StructShape>(
  { inputs, inputDomains = {} }: Ports<I, O>,
  draft: Draft,
): ValueOf<I> {
  const source = callerLocation();
  for (const [port, shape] of Object.entries(inputs)) {
    const given = Object.entries(inputDomains).find(([key]) => key === port);
    const domain: Domain | null = given?.[1] === undefined ? draft.domain : given[1];
    for (const { name, type } of fieldsOf(shape, port)) {
      checkName(name, "an input");
      if (draft.names.has(name)) throw new HardwareError(`${draft.name} has two ports called ${name}`);
      draft.names.add(name);
      const input: Input = { kind: "input", name, type, domain, source };
      draft.inputs.push(input);
    }
  }
  return valueFrom(inputs, draft.inputs);
}

function makeInout(name: string, draft: Draft): void {
  checkName(name, "an inout");
  if (draft.names.has(name)) throw new HardwareError(`${draft.name} has two ports called ${name}`);
  draft.names.add(name);
  draft.inouts.push({ kind: "inout", name, type: { width: 1, signed: false }, source: callerLocation() });
}

/** Clocks and resets that come in by ports: those of all registers, memory ports and instances, but not those made here. */
function clocksOf({
  registers,
  memories,
  instances,
  derivedDomains,
  name,
  names,
}: Draft): Pick<Module, "domains" | "resets"> {
  const derived = new Set(derivedDomains.map(({ domain }) => domain));
  const domains = new Set<Domain>();
  const resets = new Set<Domain>();
  for (const { domain, reset } of registers) {
    domains.add(domain);
    if (reset !== null) resets.add(domain);
  }
  for (const { reads, writes } of memories)
    for (const { domain } of [...reads, ...writes]) domains.add(domain);
  for (const { of, domains: map } of instances) {
    const inner = of.kind === "module" ? of : of.model;
    for (const domain of inner.domains) domains.add(map.get(domain) ?? domain);
    for (const domain of inner.resets) resets.add(map.get(domain) ?? domain);
  }
  for (const domain of resets)
    if (derived.has(domain) && derivedDomains.find((one) => one.domain === domain)?.reset === null)
      throw new HardwareError(
        `domain ${domain.name} of ${name} has registers with a reset; give driveClock one`,
      );
  const ours = [...domains].filter((domain) => !derived.has(domain));
  for (const port of new Set(
    ours.flatMap((domain) => [domain.clock, ...(resets.has(domain) ? [domain.reset] : [])]),
  ))
    if (names.has(port))
      throw new HardwareError(
        `${name} uses the name ${port}, which is the port of clock domain ${ours.find((d) => d.clock === port || d.reset === port)?.name}`,
      );
  return { domains: ours, resets: new Set(ours.filter((domain) => resets.has(domain))) };
}
