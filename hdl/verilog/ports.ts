import type { Domain, Inout, Input, Module, NumberType, Wire } from "../builder/graph.ts";
import type { Signal, Signals } from "./signals.ts";

const BIT: NumberType = { width: 1, signed: false };

/** A module's ports by their names in the graph, in the order in which they are written. */
export interface Ports {
  /** Clocks, each followed by its reset. */
  readonly clocks: ReadonlyMap<string, Signal>;
  readonly inputs: ReadonlyMap<string, Signal>;
  readonly outputs: ReadonlyMap<string, Signal>;
  readonly inouts: ReadonlyMap<string, Signal>;
}

/** Names of the clock and reset ports of a module: domains on both edges of one clock share them. */
export function clockPorts({ domains, resets }: Module): readonly string[] {
  return [
    ...new Set(
      domains.flatMap((domain: Domain) => [domain.clock, ...(resets.has(domain) ? [domain.reset] : [])]),
    ),
  ];
}

/** What a cell's model sees of a pin and does to it. */
export interface Pad {
  readonly pad: Inout;
  readonly seen: Input | null;
  readonly driven: { readonly out: Wire; readonly enable: Wire } | null;
}

export function padsOf({ inouts, inputs, outputs }: Module): readonly Pad[] {
  return inouts.map((pad) => {
    const driver = (part: string): Wire | undefined =>
      outputs.find(({ name }) => name === `${pad.name}.${part}`);
    const [out, enable] = [driver("out"), driver("enable")];
    return {
      pad,
      seen: inputs.find(({ name }) => name === pad.name) ?? null,
      driven: out === undefined || enable === undefined ? null : { out, enable },
    };
  });
}

/** Takes the ports' names, before any other: they are what others see. */
export function claimPorts(module: Module, signals: Signals): Ports {
  const claim = (ports: readonly { readonly name: string; readonly type: NumberType }[]) =>
    new Map(
      ports.map(({ name, type }): [string, Signal] => [
        name,
        { name: signals.names.claim(name), type, labels: null },
      ]),
    );
  const pads = padsOf(module);
  const hidden = new Set(pads.flatMap(({ seen, driven }) => [seen, driven?.out, driven?.enable]));
  const inputs = claim(module.inputs.filter((input) => !hidden.has(input)));
  const outputs = claim(module.outputs.filter((output) => !hidden.has(output)));
  const inouts = claim(module.inouts);
  return { clocks: claim(clockPorts(module).map((name) => ({ name, type: BIT }))), inputs, outputs, inouts };
}
