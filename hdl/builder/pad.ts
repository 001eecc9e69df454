import { assignNodes } from "./assign.ts";
import { type Draft, draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Inout, Wire } from "./graph.ts";
import * as op from "./operators.ts";
import { Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";

/**
 * What stands on a pin; it follows no clock. For models of cells: elsewhere a pin can only be handed on.
 */
export function readPad(pad: Inout): Unsigned {
  const { inputs } = draftOf(pad);
  const known = inputs.find(({ name }) => name === pad.name);
  if (known !== undefined) return new Unsigned(known);
  const { name, type, source } = pad;
  const input = { kind: "input", name, type, domain: null, source } as const;
  inputs.push(input);
  return new Unsigned(input);
}

/** Puts `out` on a pin where `enable` is 1. For models of cells. */
export function drivePad(pad: Inout, out: Unsigned, enable: Unsigned): void {
  const { outputs, targets, declared } = draftOf(pad);
  const source = callerLocation();
  for (const [port, value] of [
    [`${pad.name}.out`, out],
    [`${pad.name}.enable`, enable],
  ] as const) {
    op.demandBit(port, value.node);
    if (outputs.some(({ name }) => name === port))
      throw new HardwareError(`pin ${pad.name} is driven twice; drive it once, by a multiplexer`);
    const wire: Wire = { kind: "wire", name: port, type: op.BIT, driver: value.node, source };
    outputs.push(wire);
    targets.set(wire, "output");
    assignNodes([wire], [value.node], declared);
  }
}

function draftOf(pad: Inout): Draft {
  const at = draft("a pin");
  if (!at.inouts.includes(pad))
    throw new HardwareError(`pin ${pad.name} belongs to another module than ${at.name}`);
  return at;
}
