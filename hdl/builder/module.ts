import { clocksOf } from "./clocks.ts";
import { building, checkName, claimName, type Draft, runBody } from "./context.ts";
import { checkCrossings } from "./crossings.ts";
import { SYNC } from "./domain.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Inout, Module } from "./graph.ts";
import { checkLoops } from "./loops.ts";
import { checkOwnership } from "./ownership.ts";
import { resolve } from "./resolve.ts";
import { fieldsOf, type StructShape, type ValueOf, type VariableOf, valueFrom } from "./shape.ts";
import { callerLocation, type SourceLocation } from "./source.ts";
import { makeWires, variableOf } from "./variable.ts";

/** A module whose ports' shapes TypeScript knows. */
export interface Design<
  I extends StructShape = StructShape,
  O extends StructShape = StructShape,
  P extends string = string,
> extends Module {
  readonly ports: { readonly inputs: I; readonly outputs: O; readonly inouts: readonly P[] };
  /** The domain that its body calls its own. */
  readonly home: Domain;
}

export interface Ports<I extends StructShape, O extends StructShape, P extends string = string> {
  readonly inputs: I;
  readonly outputs: O;
  /** Bidirectional pins, to be connected to primitives. */
  readonly inouts?: readonly P[];
  /** What a reader should know first; becomes a comment in the Verilog. */
  readonly description?: string;
  /** The clock of registers that do not name theirs. */
  readonly domain?: Domain;
  /** Inputs that follow another clock than the module's own, or none (null): those have to be synchronised. */
  readonly inputDomains?: { readonly [K in keyof I]?: Domain | null };
}

/** What a module's body works with: its inputs to read, its outputs to assign, its inouts as `pads`. */
export type Interface<I, O, P extends string = string> = ValueOf<I> &
  VariableOf<O> & { readonly pads: Readonly<Record<P, Inout>> };

/**
 * Describes a module: `body` runs once, now, and says what is inside.
 * @throws HardwareError where something is not driven, driven twice, follows itself or crosses clock domains unawares
 */
export function module<
  const I extends StructShape,
  const O extends StructShape,
  const P extends string = never,
>(name: string, ports: Ports<I, O, P>, body: (io: Interface<I, O, P>) => void): Design<I, O, P> {
  checkName(name, "a module");
  const draft = newDraft(name, ports.domain ?? SYNC, callerLocation());
  return building(draft, () => {
    const inputs = makeInputs(ports, draft);
    const outputs = variableOf(ports.outputs, makeWires(fieldsOf(ports.outputs, ""), "output"));
    const inouts = ports.inouts ?? [];
    const pads = Object.fromEntries(inouts.map((pad) => [pad, makeInout(pad, draft)])) as Record<P, Inout>;
    if (Object.hasOwn({ ...inputs, ...outputs }, "pads"))
      throw new HardwareError(
        `a port of ${name} is called pads, as the body's inouts are; give it another name`,
      );
    runBody(body, { ...inputs, ...outputs, pads });
    checkOwnership(draft);
    resolve(draft);
    const made: Design<I, O, P> = {
      kind: "module",
      name,
      description: ports.description ?? null,
      source: draft.source,
      inputs: draft.inputs,
      outputs: draft.outputs,
      inouts: draft.inouts,
      wires: draft.wires,
      registers: draft.registers,
      memories: draft.memories,
      instances: draft.instances,
      ...clocksOf(draft),
      ports: { inputs: ports.inputs, outputs: ports.outputs, inouts },
      home: draft.domain,
    };
    checkLoops(made);
    checkCrossings(made, draft.gates);
    return made;
  });
}

function newDraft(name: string, domain: Domain, source: SourceLocation): Draft {
  const body: Draft["body"] = [];
  return {
    name,
    source,
    inputs: [],
    outputs: [],
    inouts: [],
    wires: [],
    registers: [],
    memories: [],
    instances: [],
    derivedDomains: [],
    names: new Map(),
    targets: new Map(),
    gates: new Map(),
    declared: [],
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
  const domains = new Map<string, Domain | null | undefined>(Object.entries(inputDomains));
  for (const port of domains.keys())
    if (!Object.hasOwn(inputs, port)) throw new HardwareError(`${draft.name} has no input called ${port}`);
  const { source } = draft;
  for (const [port, shape] of Object.entries(inputs)) {
    const given = domains.get(port);
    const domain = given === undefined ? draft.domain : given;
    for (const { name, type } of fieldsOf(shape, port))
      draft.inputs.push({ kind: "input", name: claimName(name, "this input", source), type, domain, source });
  }
  return valueFrom(inputs, draft.inputs);
}

function makeInout(name: string, { inouts, source }: Draft): Inout {
  const type = { width: 1, signed: false };
  const inout: Inout = { kind: "inout", name: claimName(name, "this inout", source), type, source };
  inouts.push(inout);
  return inout;
}
