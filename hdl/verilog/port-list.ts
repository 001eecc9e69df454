import type { Module, Wire } from "../builder/graph.ts";
import { type Declaration, declarations } from "./declaration.ts";
import { indented } from "./layout.ts";
import type { Ports } from "./ports.ts";
import type { Signal, Signals } from "./signals.ts";

/**
 * The head of a module, its ports in groups.
 * @param chosen outputs that an always block drives
 */
export function portList(
  module: Module,
  name: string,
  ports: Ports,
  chosen: ReadonlySet<Wire>,
  signals: Signals,
): string[] {
  const group = (heading: string, list: readonly Declaration[]): readonly Declaration[] =>
    list.map((port, i) => (i === 0 ? { ...port, heading } : port));
  const inputs = (list: ReadonlyMap<string, Signal>): readonly Declaration[] =>
    [...list.values()].map((signal) => ({ kind: "input  wire", signal }));
  const outputs = module.outputs.flatMap((output): Declaration[] => {
    const signal = ports.outputs.get(output.name);
    const kind = chosen.has(output) ? "output reg" : "output wire";
    return signal === undefined ? [] : [{ kind, signal, public: true }];
  });
  const pins = [...ports.inouts.values()].map((signal) => ({ kind: "inout  wire", signal, public: true }));
  const all = [
    ...group(module.resets.size === 0 ? "Clock" : "Clock and reset", inputs(ports.clocks)),
    ...group("Inputs", inputs(ports.inputs)),
    ...group("Outputs", outputs),
    ...group("Pins", pins),
  ];
  if (all.length === 0) return [`module ${name};`];
  const lines = declarations(all, signals, { separator: ",", sources: false });
  return [`module ${name} (`, ...indented(lines), ");"];
}
