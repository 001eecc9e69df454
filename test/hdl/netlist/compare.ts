import type { Domain, Module } from "../../../hdl/builder/graph.ts";
import { wrap } from "../../../hdl/builder/type.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { randomStimulus } from "../../support/random-circuit.ts";

/** Where a netlist and its source differ first, or null. Values are the bits, as unsigned numbers. */
export interface Difference {
  readonly cycle: number;
  readonly output: string;
  readonly source: bigint;
  readonly netlist: bigint;
}

/**
 * Runs both on the same random inputs, with the edges of some of the clocks at a time, and compares every output in every
 * cycle. What has no power-up value begins with 0 in the source and with 1 in the netlist: a circuit that depends on it
 * differs.
 */
export function firstDifference(
  source: Module,
  netlist: Module,
  cycles: number,
  seed: number,
): Difference | null {
  const random = new Random(seed);
  const from = new Interpreter(flatten(source));
  const to = new Interpreter(flatten(netlist), { random: (bits) => (1n << BigInt(bits)) - 1n });
  const inputs = new Map([
    ...netlist.inputs.map(({ name, type }) => [name, type] as const),
    ...[...netlist.resets].map(({ reset }) => [reset, { width: 1, signed: false }] as const),
  ]);
  for (const [cycle, values] of randomStimulus(source, cycles, seed).entries()) {
    for (const [name, value] of values) {
      from.set(name, value);
      const type = inputs.get(name);
      if (type !== undefined) to.set(name, wrap(value, type));
    }
    for (const { name, type } of source.outputs) {
      const expected = BigInt.asUintN(type.width, from.get(name));
      const got = BigInt.asUintN(type.width, to.get(name));
      if (got !== expected) return { cycle, output: name, source: expected, netlist: got };
    }
    const domains = source.domains.filter(() => source.domains.length === 1 || random.chance(0.7));
    from.step(new Set(domains));
    to.step(new Set(netlist.domains.filter((domain) => domains.some((other) => sameEdge(domain, other)))));
  }
  return null;
}

/** Whether the outputs are the same whatever stands in registers and memories that have no power-up value. */
export const isDetermined = (module: Module): boolean => firstDifference(module, module, 60, 1) === null;

const sameEdge = (a: Domain, b: Domain): boolean => a.clock === b.clock && a.edge === b.edge;
