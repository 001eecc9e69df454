import type { Module, Node } from "../builder/graph.ts";
import type { FlatDesign } from "./flat.ts";
import { Clocks } from "./flatten/clocks.ts";
import { Pad } from "./flatten/pad.ts";
import { place, signalOf } from "./flatten/place.ts";
import { EVERYTHING, mapOperands, rewrite } from "./rewrite.ts";

/**
 * One design of a module and of all that stands in it, the models of primitives included.
 * @throws HardwareError where a value follows itself within a cycle, across modules too; it names the signals on the way
 */
export function flatten(module: Module): FlatDesign {
  return rewrite(joined(module), EVERYTHING, {
    node: (node, image) => (node.kind === "wire" ? image(node.driver) : mapOperands(node, image)),
  });
}

/** All modules in one design, still held together by wires. */
function joined(module: Module): FlatDesign {
  const clocks = new Clocks(module);
  // A primitive's model by itself has its own view of its pins among its ports.
  const viewed = new Set(module.inputs.map(({ name }) => name));
  const pins = module.inouts.filter(({ name }) => !viewed.has(name));
  const pads = new Map(pins.map((inout) => [inout.name, new Pad(inout)]));
  const top = place({
    module,
    path: [],
    inputs: new Map<string, Node>(module.inputs.map((input) => [input.name, input])),
    pads,
    domain: (domain) => domain,
    clocks,
  });
  const resets = clocks.inputs.map((input) => signalOf([input.name], input));
  const outside = [...pads.values()].map(({ name, external }) => signalOf([name], external));
  const driven = [...pads.values()].flatMap((pad) => {
    const { out, enable } = pad.connect();
    return [signalOf([`${pad.name}.out`], out), signalOf([`${pad.name}.enable`], enable)];
  });
  return {
    name: module.name,
    domains: [...module.domains, ...clocks.derived],
    inputs: [...top.inputs, ...resets, ...outside],
    outputs: [...top.outputs, ...driven],
    signals: [...resets, ...outside, ...driven, ...top.inputs, ...top.outputs, ...top.inner],
    registers: top.registers,
    memories: top.memories,
  };
}
