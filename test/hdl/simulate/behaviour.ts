import { expect } from "vitest";
import type { Domain, Memory, Node } from "../../../hdl/builder/graph.ts";
import { fits, sameType } from "../../../hdl/builder/type.ts";
import type { FlatDesign, FlatSignal } from "../../../hdl/simulate/flat.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { EVERYTHING, liveNodes } from "../../../hdl/simulate/rewrite.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

/** Runs of a property: as many as a quick test has time for, or many more. */
export const runs = (quick: number): { readonly numRuns: number } => ({
  numRuns: process.env.ACCEL_DEEP === "1" ? 20 * quick : quick,
});

export const pathOf = ({ path }: FlatSignal): string => path.join(".");

/** Values by name, cycle after cycle. */
export type Stimulus = readonly ReadonlyMap<string, bigint>[];

/** Clocks that have an edge, cycle after cycle: all of a single one, random ones of several. */
export function edges(
  domains: readonly Domain[],
  cycles: number,
  seed: number,
): readonly ReadonlySet<Domain>[] {
  const random = new Random(seed);
  return Array.from(
    { length: cycles },
    () => new Set(domains.filter(() => domains.length === 1 || random.chance(0.6))),
  );
}

/** What something with state shows: by name, after the inputs are set and before the edge. */
export interface Running {
  set(input: string, value: bigint): void;
  get(name: string): bigint;
  step(domains: ReadonlySet<Domain>): void;
}

/** Runs both on the same inputs; the first difference is an error. */
export function expectSame(
  expected: Running,
  actual: Running,
  names: readonly string[],
  stimulus: Stimulus,
  steps: readonly ReadonlySet<Domain>[],
): void {
  for (const [cycle, inputs] of stimulus.entries()) {
    for (const [name, value] of inputs) {
      expected.set(name, value);
      actual.set(name, value);
    }
    for (const name of names) {
      const [want, got] = [expected.get(name), actual.get(name)];
      if (want !== got) expect.fail(`${name} in cycle ${cycle} is ${got} and should be ${want}`);
    }
    expected.step(steps[cycle]!);
    actual.step(steps[cycle]!);
  }
}

/** Two forms of one design, compared on all signals that both still have. */
export function expectSameDesign(
  expected: FlatDesign,
  actual: FlatDesign,
  stimulus: Stimulus,
  seed: number,
): void {
  const here = new Set(actual.signals.filter(({ parts }) => parts !== null).map(pathOf));
  const names = expected.signals.map(pathOf).filter((name) => here.has(name));
  const steps = edges(expected.domains, stimulus.length, seed);
  expectSame(new Interpreter(expected), new Interpreter(actual), names, stimulus, steps);
}

/** Breaches of the graph's rules in a flat design, none of whose nodes may be wider than `most`. */
export function faults(design: FlatDesign, most = Number.POSITIVE_INFINITY): string[] {
  const nodes = liveNodes(design, EVERYTHING);
  const memories = new Set([
    ...design.memories.flatMap(({ parts }) => parts ?? []),
    ...nodes.flatMap((node) => (node.kind === "read" ? [node.memory] : [])),
  ]);
  const registers = new Set<Node>(design.registers);
  return [
    ...nodes.flatMap((node) => (node.type.width > most ? [`${node.kind} of ${node.type.width} bits`] : [])),
    ...nodes.flatMap((node) => (obeys(node) ? [] : [`${node.kind} of wrong types`])),
    ...nodes.flatMap((node) =>
      node.kind === "register" && !registers.has(node) ? [`${node.name} is not listed`] : [],
    ),
    ...[...memories].flatMap((memory) =>
      portsObey(memory) ? [] : [`${memory.name} has a port of wrong types`],
    ),
  ];
}

const isBit = ({ type }: Node): boolean => type.width === 1 && !type.signed;

function obeys(node: Node): boolean {
  const { type } = node;
  switch (node.kind) {
    case "wire":
    case "instance-output":
      return false;
    case "constant":
      return fits(node.value, type);
    case "input":
      return true;
    case "register":
      return (
        node.reset === null &&
        sameType(node.next.type, type) &&
        (node.initial === null || fits(node.initial, type))
      );
    case "read":
      return (
        sameType(node.memory.type, type) &&
        !node.address.type.signed &&
        (node.enable === null || isBit(node.enable)) &&
        node.memory.reads.includes(node)
      );
    case "add":
    case "subtract":
    case "multiply": {
      const [a, b] = [node.left.type, node.right.type];
      const exact = node.kind === "multiply" ? a.width + b.width : Math.max(a.width, b.width) + 1;
      return (
        a.signed === b.signed &&
        type.signed === (a.signed || node.kind === "subtract") &&
        type.width === exact
      );
    }
    case "and":
    case "or":
    case "xor":
      return sameType(node.left.type, type) && sameType(node.right.type, type);
    case "equal":
    case "less":
      return isBit(node) && node.left.type.signed === node.right.type.signed;
    case "not":
      return sameType(node.value.type, type);
    case "shift-left":
    case "shift-right":
      return !node.amount.type.signed && node.value.type.signed === type.signed;
    case "all":
    case "any":
    case "parity":
      return isBit(node);
    case "mux":
      return isBit(node.condition) && [node.then, node.otherwise].every((one) => sameType(one.type, type));
    case "select":
      return (
        !node.index.type.signed &&
        node.cases.length > 0 &&
        node.cases.every((one) => sameType(one.type, type))
      );
    case "concat":
      return !type.signed && node.parts.reduce((sum, part) => sum + part.type.width, 0) === type.width;
    case "slice":
      return !type.signed && node.low >= 0 && node.low + type.width <= node.value.type.width;
    case "convert":
      return true;
  }
}

const portsObey = ({ type, depth, initial, writes }: Memory): boolean =>
  (initial === null || (initial.length <= depth && initial.every((word) => fits(word, type)))) &&
  writes.every(
    ({ address, data, enable, mask }) =>
      !address.type.signed &&
      sameType(data.type, type) &&
      isBit(enable) &&
      (mask === null || (!mask.type.signed && type.width % mask.type.width === 0)),
  );
