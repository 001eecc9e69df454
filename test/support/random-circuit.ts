import fc from "fast-check";
import type { Domain, Module } from "../../hdl/builder/graph.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { randomModule, type Settings } from "./random-module.ts";
import { randomValue } from "./random-value.ts";

export { randomValue };

export interface CircuitOptions {
  /** Operations of the top module, about; child modules have fewer. Default 60. */
  readonly nodes?: number;
  /** No node is wider; at least 16, default 150. */
  readonly maxWidth?: number;
  /** Instances, two levels deep. Default true. */
  readonly hierarchy?: boolean;
  /** Two clocks instead of one; the second may fall. Default false. */
  readonly twoDomains?: boolean;
  /** Nothing depends on what stands in registers and memories at power-up. Default true. */
  readonly initialised?: boolean;
  /** Some memories promise that nobody uses a word that is read while it is written; it is used all the same. Default true. */
  readonly collisions?: boolean;
}

/** What a property gets: prints as the seed that makes it again. */
export interface RandomCircuit {
  readonly module: Module;
  readonly seed: number;
  readonly nodes: number;
  readonly [fc.toStringMethod]: () => string;
}

/** Random circuits for properties; shrinks to fewer nodes. */
export function circuits(options: CircuitOptions = {}): fc.Arbitrary<RandomCircuit> {
  return fc
    .tuple(fc.noShrink(fc.nat(2 ** 31 - 1)), fc.integer({ min: 1, max: options.nodes ?? 60 }))
    .map(([seed, nodes]) => ({
      module: randomCircuit(seed, { ...options, nodes }),
      seed,
      nodes,
      [fc.toStringMethod]: () => `randomCircuit(${seed}, ${JSON.stringify({ ...options, nodes })})`,
    }));
}

/** Equal arguments make equal circuits. No combinational loops, every kind of node, every name used once in a module. */
export function randomCircuit(seed: number, options: CircuitOptions = {}): Module {
  const random = new Random(seed);
  const settings: Settings = {
    nodes: options.nodes ?? 60,
    maxWidth: options.maxWidth ?? 150,
    initialised: options.initialised ?? true,
    collisions: options.collisions ?? true,
  };
  const edges: Edges = options.twoDomains ? ["rising", random.pick(["rising", "falling"])] : ["rising"];
  const shared = domains(edges, "");
  if (!(options.hierarchy ?? true)) return randomModule("top", random, settings, shared, []);
  const level = (prefix: string, count: number, nodes: number, below: readonly Module[]): Module[] =>
    Array.from({ length: count }, (_, i) => {
      const name = `${prefix}${i}`;
      const own = random.chance(0.5) ? shared : domains(edges, `${name}_`);
      return randomModule(name, random, { ...settings, nodes }, own, below);
    });
  const leaves = level("leaf", 1 + random.below(2), Math.ceil(settings.nodes / 5), []);
  const children = level("child", 1 + random.below(2), Math.ceil(settings.nodes / 3), leaves);
  return randomModule("top", random, settings, shared, [...children, ...leaves]);
}

/** A value for each input and each reset, cycle after cycle. */
export function randomStimulus(
  module: Module,
  cycles: number,
  seed: number,
): readonly ReadonlyMap<string, bigint>[] {
  const random = new Random(seed);
  let last: ReadonlyMap<string, bigint> = new Map();
  return Array.from({ length: cycles }, (_, cycle) => {
    const values = new Map<string, bigint>();
    for (const { reset } of module.resets)
      values.set(reset, random.chance(cycle === 0 ? 0.5 : 0.1) ? 1n : 0n);
    for (const { name, type } of module.inputs) {
      const held = random.chance(0.3) ? last.get(name) : undefined;
      values.set(name, held ?? randomValue(random, type));
    }
    last = values;
    return values;
  });
}

type Edges = readonly Domain["edge"][];

const domains = (edges: Edges, prefix: string): readonly Domain[] =>
  edges.map((edge, i) => ({
    name: `${prefix}d${i}`,
    clock: `${prefix}clk${i}`,
    reset: `${prefix}rst${i}`,
    edge,
  }));
