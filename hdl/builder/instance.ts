import { claimName, draft } from "./context.ts";
import { fallingEdge } from "./domain.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Inout, Instance, InstanceOutput, Module, Node, Primitive } from "./graph.ts";
import type { Design } from "./module.ts";
import { fieldsOf, type InputOf, nodesOf, type StructShape, type ValueOf, valueFrom } from "./shape.ts";
import { callerLocation } from "./source.ts";

/** A primitive whose ports' shapes TypeScript knows. */
export interface Cell<I extends StructShape = StructShape, O extends StructShape = StructShape>
  extends Primitive {
  readonly model: Design<I, O>;
}

export interface InstanceOptions {
  /** The pin for each of the module's inouts. */
  readonly pads?: Readonly<Record<string, Inout>>;
  /** This module's domain for a domain inside; the module's own is otherwise the one at hand, others stay themselves. */
  readonly domains?: ReadonlyMap<Domain, Domain>;
}

/** Puts a module, or a cell of the part, into the one that is being described; returns its outputs. */
export function instance<I extends StructShape, O extends StructShape>(
  name: string,
  of: Design<I, O> | Cell<I, O>,
  inputs: InputOf<I>,
  options: InstanceOptions = {},
): ValueOf<O> {
  const at = draft("an instance");
  const inner: Design<I, O> = of.kind === "module" ? of : of.model;
  const what = `${of.name} ${name}`;
  const fields = fieldsOf(inner.ports.inputs, "");
  const nodes = nodesOf(inner.ports.inputs, inputs, what);
  const outputs = new Map<string, InstanceOutput>();
  const made: Instance = {
    kind: "instance",
    name: claimName(name, "an instance"),
    of,
    inputs: new Map<string, Node>(fields.map((field, i) => [field.name, nodes[i]!])),
    outputs,
    inouts: connectPads(what, inner, options.pads ?? {}),
    domains: mapDomains(inner, options.domains ?? new Map(), at.domain),
    source: callerLocation(),
  };
  for (const { name: port, type } of inner.outputs)
    outputs.set(port, { kind: "instance-output", type, instance: made, port });
  at.instances.push(made);
  return valueFrom(inner.ports.outputs, [...outputs.values()]);
}

function connectPads(
  what: string,
  { inouts }: Module,
  pads: Readonly<Record<string, Inout>>,
): Map<string, Inout> {
  for (const name of Object.keys(pads))
    if (!inouts.some((inout) => inout.name === name))
      throw new HardwareError(`${what} has no inout called ${name}`);
  return new Map(
    inouts.map(({ name }) => {
      const pad = pads[name];
      if (pad === undefined) throw new HardwareError(`${what}: no pin is given for ${name}`);
      return [name, pad];
    }),
  );
}

/** The module's own domain becomes the one at hand, its other edge included; others stay themselves. */
function mapDomains(inner: Design, given: ReadonlyMap<Domain, Domain>, here: Domain): Map<Domain, Domain> {
  const mapped = (domain: Domain): Domain => {
    if (domain === inner.home) return here;
    return domain === fallingEdge(inner.home) ? fallingEdge(here) : domain;
  };
  const used = new Set([...inner.domains, ...inner.inputs.flatMap(({ domain }) => domain ?? [])]);
  return new Map([...used].map((domain) => [domain, given.get(domain) ?? mapped(domain)]));
}
