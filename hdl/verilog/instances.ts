import type { Domain, Inout, Instance, Module, Node } from "../builder/graph.ts";
import { sourceText } from "../builder/source.ts";
import type { Expressions } from "./expression.ts";
import { aligned, indented } from "./layout.ts";
import { padsOf } from "./ports.ts";
import type { Signal } from "./signals.ts";

/** How an instantiated module or cell is called in Verilog. */
export interface Child {
  readonly name: string;
  /** What its ports are: the module itself, or a cell's model. */
  readonly module: Module;
  readonly parameters: ReadonlyMap<string, string>;
  /** The Verilog name of a port. */
  portName(port: string): string;
}

export interface InstanceContext {
  readonly expressions: Expressions;
  /** Null where nobody reads an output. */
  signalOf(node: Node): Signal | null;
  clockOf(domain: Domain): Signal;
  /** Null where the domain has none. */
  resetOf(domain: Domain): Signal | null;
  nameOf(pad: Inout): string;
}

interface Pin {
  readonly port: string;
  /** Empty: not connected. */
  readonly value: string;
}

/** An instance with its connections by name, one a line. */
export function instanceLines(
  instance: Instance,
  name: string,
  child: Child,
  sources: boolean,
  context: InstanceContext,
): string[] {
  const pins = pinsOf(instance, child, context);
  const parameters = aligned([...child.parameters].map(([key, value]) => [`.${key}`, `(${value})`]));
  const head =
    parameters.length === 0
      ? [`${child.name} ${name} (`]
      : [`${child.name} #(`, ...indented(commas(parameters)), `) ${name} (`];
  const source = sources && instance.source.file !== "" ? [`// ${sourceText(instance.source)}`] : [];
  return [...source, ...head, ...pinLines(pins), ");"];
}

function pinsOf(instance: Instance, child: Child, context: InstanceContext): readonly Pin[] {
  const pins = new Map<string, string>();
  const { module } = child;
  for (const domain of module.domains) {
    const outer = instance.domains.get(domain) ?? domain;
    const clock = context.clockOf(outer);
    pins.set(child.portName(domain.clock), clock.name);
    const reset = module.resets.has(domain) ? context.resetOf(outer) : null;
    if (module.resets.has(domain)) pins.set(child.portName(domain.reset), reset?.name ?? "1'b0");
  }
  for (const [port, value] of instance.inputs)
    pins.set(child.portName(port), context.expressions.pin(value).text);
  const ofPads = new Set(padsOf(module).flatMap(({ pad: { name } }) => [`${name}.out`, `${name}.enable`]));
  for (const [port, output] of instance.outputs)
    if (!ofPads.has(port)) pins.set(child.portName(port), context.signalOf(output)?.name ?? "");
  for (const [port, pad] of instance.inouts) pins.set(child.portName(port), context.nameOf(pad));
  return [...pins].map(([port, value]) => ({ port, value }));
}

function pinLines(pins: readonly Pin[]): string[] {
  const rows = indented(commas(aligned(pins.map(({ port, value }) => [`.${port}`, `(${value})`]))));
  const first = pins.findIndex(({ value }) => value === "");
  if (first < 0) return rows;
  const end = pins.findLastIndex(({ value }) => value === "") + 1;
  const lint = (word: string): string[] => indented([`// verilator lint_${word} PINCONNECTEMPTY`]);
  return [
    ...rows.slice(0, first),
    ...lint("off"),
    ...rows.slice(first, end),
    ...lint("on"),
    ...rows.slice(end),
  ];
}

export const commas = (texts: readonly string[]): string[] =>
  texts.map((text, i) => (i === texts.length - 1 ? text : `${text},`));
