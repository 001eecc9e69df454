import type { Input, Memory, Module, NumberType, Wire } from "../../../hdl/builder/graph.ts";
import { type Design, SYNC, type UnsignedShape, unsigned } from "../../../hdl/builder/index.ts";
import { UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";
import type { FlatSignal } from "../../../hdl/simulate/flat.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";

interface Numbers {
  readonly [name: string]: UnsignedShape;
}

/** All of its ports are unsigned numbers. */
export type PlainDesign = Design<Numbers, Numbers, never>;

/**
 * A design with plain ports in place of bidirectional pins: a pin `p` becomes the input `p`, and the outputs `p_out` and
 * `p_enable`. Its resets and all other inputs are inputs like others, of no clock; all ports are unsigned.
 */
export function withPlainPins(module: Module): PlainDesign {
  const flat = flatten(module);
  const inputs = flat.inputs.map(inputOf);
  const outputs = flat.outputs.map(outputOf);
  const shapes = (ports: readonly { readonly name: string; readonly type: NumberType }[]): Numbers =>
    Object.fromEntries(ports.map(({ name, type }) => [name, unsigned(type.width)]));
  return {
    kind: "module",
    name: module.name,
    description: module.description,
    source: module.source,
    inputs,
    outputs,
    inouts: [],
    wires: [],
    registers: flat.registers,
    memories: flat.memories.flatMap(({ parts }): readonly Memory[] => parts ?? []),
    instances: [],
    domains: flat.domains,
    resets: new Set(),
    derivedDomains: [],
    ports: { inputs: shapes(inputs), outputs: shapes(outputs), inouts: [] },
    home: flat.domains[0] ?? SYNC,
  };
}

function inputOf({ path, parts }: FlatSignal): Input {
  const [node] = parts ?? [];
  if (node?.kind !== "input") throw new RangeError(`${path.join(".")} is no input`);
  return node;
}

function outputOf({ path, type, parts }: FlatSignal): Wire {
  const [driver] = parts ?? [];
  if (driver === undefined) throw new RangeError(`${path.join(".")} is not driven`);
  const name = path.join(".").replace(/\.(out|enable)$/, "_$1");
  return { kind: "wire", name, type, driver, source: UNKNOWN_SOURCE };
}
