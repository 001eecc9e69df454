import { claimName, type Draft, draft } from "./context.ts";
import { fallingEdge } from "./domain.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Inout, Instance, InstanceOutput, Module, Node, Primitive } from "./graph.ts";
import type { Design } from "./module.ts";
import { fieldsOf, type InputOf, nodesOf, type StructShape, type ValueOf, valueFrom } from "./shape.ts";
import { callerLocation } from "./source.ts";

/** A primitive whose ports' shapes TypeScript knows. */
export interface Cell<
  I extends StructShape = StructShape,
  O extends StructShape = StructShape,
  P extends string = string,
> extends Primitive {
  readonly model: Design<I, O, P>;
}

export interface InstanceOptions<P extends string = string> {
  /** The pin for each of the module's inouts. */
  readonly pads?: Readonly<Record<P, Inout>>;
  /** This module's domain for a domain inside; the module's own is otherwise the one at hand, others stay themselves. */
  readonly domains?: ReadonlyMap<Domain, Domain>;
}

/** Puts a module, or a cell of the part, into the one that is being described; returns its outputs. */
export function instance<I extends StructShape, O extends StructShape, P extends string>(
  name: string,
  of: Design<I, O, P> | Cell<I, O, P>,
  inputs: InputOf<I>,
  options: InstanceOptions<P> = {},
): ValueOf<O> {
  const at = draft("an instance");
  const inner: Design<I, O, P> = of.kind === "module" ? of : of.model;
  const what = `${of.name} ${name}`;
  const fields = fieldsOf(inner.ports.inputs, "");
  if (of.kind === "module" && inner.inputs.length + inner.outputs.length > portsOf(inner))
    throw new HardwareError(`${what} reads or drives a pin itself; only the model of a cell of the part can`);
  const nodes = nodesOf(inner.ports.inputs, inputs, what);
  const outputs = new Map<string, InstanceOutput>();
  const made: Instance = {
    kind: "instance",
    name: claimName(name, "this instance"),
    of,
    inputs: new Map<string, Node>(fields.map((field, i) => [field.name, nodes[i]!])),
    outputs,
    inouts: connectPads(what, inner, options.pads ?? {}, at),
    domains: mapDomains(what, of, options.domains ?? new Map(), at.domain),
    source: callerLocation(),
  };
  // A model's view of its pads is no port.
  for (const { name: port, type } of fieldsOf(inner.ports.outputs, ""))
    outputs.set(port, { kind: "instance-output", type, instance: made, port });
  at.instances.push(made);
  return valueFrom(inner.ports.outputs, [...outputs.values()]);
}

/** Numbers of a module's inputs and outputs together, as they were declared. */
const portsOf = ({ ports: { inputs, outputs } }: Design): number =>
  fieldsOf(inputs, "").length + fieldsOf(outputs, "").length;

function connectPads(
  what: string,
  { inouts }: Module,
  pads: Readonly<Record<string, Inout>>,
  at: Draft,
): Map<string, Inout> {
  for (const name of Object.keys(pads))
    if (!inouts.some((inout) => inout.name === name))
      throw new HardwareError(`${what} has no inout called ${name}`);
  return new Map(
    inouts.map(({ name }) => {
      const pad = pads[name];
      if (pad === undefined) throw new HardwareError(`${what}: no pin is given for ${name}`);
      if (!at.inouts.includes(pad))
        throw new HardwareError(`pin ${pad.name} belongs to another module than ${at.name}`);
      const other = at.instances.find(({ inouts }) => [...inouts.values()].includes(pad));
      if (other !== undefined)
        throw new HardwareError(`pin ${pad.name} is connected twice: to ${other.name} and to ${what}`);
      return [name, pad];
    }),
  );
}

/**
 * A module's own domain becomes the one at hand; others stay themselves. The other edge of a clock goes with it. All clocks of
 * a cell are ports of it: they become the one at hand, and their edges remain the cell's.
 */
function mapDomains(
  what: string,
  of: Design | Cell,
  given: ReadonlyMap<Domain, Domain>,
  here: Domain,
): Map<Domain, Domain> {
  const inner = of.kind === "module" ? of : of.model;
  const used = new Set([...inner.domains, ...inner.inputs.flatMap(({ domain }) => domain ?? [])]);
  const targets = new Map([[inner.home, here], ...given]);
  for (const domain of given.keys())
    if (domain !== inner.home && !used.has(domain) && !used.has(fallingEdge(domain)))
      throw new HardwareError(
        `${what} has no clock domain ${domain.name}; it has ${[...used].map(({ name }) => name).join(", ") || "none"}`,
      );
  const mapped = (domain: Domain): Domain => {
    const direct = targets.get(domain);
    if (direct !== undefined) return direct;
    const other = targets.get(fallingEdge(domain));
    return other === undefined ? domain : fallingEdge(other);
  };
  const mappedPort = (domain: Domain): Domain => {
    const target = targets.get(domain) ?? targets.get(fallingEdge(domain)) ?? here;
    return target.edge === domain.edge ? target : fallingEdge(target);
  };
  const map = of.kind === "module" ? mapped : mappedPort;
  return new Map([...used].map((domain) => [domain, map(domain)]));
}
