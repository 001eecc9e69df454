import { HardwareError } from "./errors.ts";
import type { PrimitiveClock } from "./graph.ts";
import type { Cell } from "./instance.ts";
import type { Design } from "./module.ts";
import type { StructShape } from "./shape.ts";

/**
 * A cell of the part: Verilog gets an instance of `name`, the simulation gets `model`, whose ports are called as the cell's.
 * @param parameters Verilog literals by parameter name
 */
export function primitive<I extends StructShape, O extends StructShape, P extends string>(
  name: string,
  parameters: Readonly<Record<string, string>>,
  model: Design<I, O, P>,
  clocks: readonly PrimitiveClock[] = [],
): Cell<I, O, P> {
  for (const [key, value] of Object.entries(parameters))
    if (!/^[A-Za-z_]\w*$/.test(key) || !/^(\d+|\d+'[bdhoBDHO][0-9a-fA-F_xzXZ]+|"[\w .+/-]*")$/.test(value))
      throw new HardwareError(`parameter ${key} of ${name} is ${value}; that is no Verilog literal`);
  return { kind: "primitive", name, parameters: new Map(Object.entries(parameters)), model, clocks };
}
