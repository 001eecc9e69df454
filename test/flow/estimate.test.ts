import { afterAll, describe, expect, it } from "vitest";
import type { Input, Module, Node } from "../../hdl/builder/graph.ts";
import {
  bit,
  HardwareError,
  memory,
  module,
  register,
  signed,
  unsigned,
  when,
} from "../../hdl/builder/index.ts";
import * as op from "../../hdl/builder/operators.ts";
import { UNKNOWN_SOURCE } from "../../hdl/builder/source.ts";
import { wrap } from "../../hdl/builder/type.ts";
import { operandsOf, visitInOrder } from "../../hdl/builder/walk.ts";
import { evaluate, isOperation } from "../../hdl/simulate/interpret.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { readCalibration } from "../../src/estimate/calibration.ts";
import { addCounts, countCircuit } from "../../src/estimate/counts.ts";
import { estimateCells } from "../../src/estimate/estimate.ts";
import { familyLines, familyTable } from "../../src/estimate/family-table.ts";
import { flipFlop } from "../../src/estimate/flip-flop.ts";
import {
  FALSE,
  isInverted,
  type Literal,
  LogicGraph,
  NODE,
  nodeOf,
  TRUE,
} from "../../src/estimate/logic-graph.ts";
import { type Bits, constantBits, operationBits } from "../../src/estimate/word-logic.ts";
import { sourceOf } from "../../src/flow/source.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { fitTo, nonNegativeLeastSquares, residualsOf, spreadOf } from "../bench/estimates/fit.ts";
import { estimatedMachine, isHeldOut, MACHINES } from "../bench/estimates/machines.ts";
import { readSamples, synthesisedSample } from "../bench/estimates/samples.ts";
import { RandomOperations } from "../support/random-operations.ts";
import { randomValue } from "../support/random-value.ts";

const DEEP = process.env.ACCEL_DEEP === "1";
/** What is asked of estimates on machines that they were not fitted to. */
const BOUND = 0.1;

afterAll(closeTools);

/** Values of all literals of a graph, for values of its leaves. */
function valuesOf(graph: LogicGraph, leaves: ReadonlyMap<number, boolean>): (literal: Literal) => boolean {
  const values: boolean[] = [];
  const of = (literal: Literal): boolean => (values[nodeOf(literal)] ?? false) !== isInverted(literal);
  for (let node = 0; node < graph.size; node++) {
    const [a, b, c] = [graph.first[node]!, graph.second[node]!, graph.third[node]!].map(of);
    const kind = graph.kinds[node];
    if (kind === NODE.leaf) values.push(leaves.get(node) ?? false);
    else if (kind === NODE.and) values.push(a! && b!);
    else if (kind === NODE.sum) values.push((a !== b) !== c);
    else values.push(Number(a) + Number(b) + Number(c) >= 2);
  }
  return of;
}

const numberOf = (bits: Bits, of: (literal: Literal) => boolean): bigint =>
  bits.reduce((sum, literal, i) => (of(literal) ? sum | (1n << BigInt(i)) : sum), 0n);

describe("logic of single bits", () => {
  it("gives what words give, for random operations on random values", () => {
    for (let seed = 0; seed < (DEEP ? 2000 : 150); seed++) {
      const random = new Random(seed);
      const operations = new RandomOperations(random, 24);
      const inputs = Array.from({ length: 4 }, (_, i): Input => {
        const type = operations.type();
        return { kind: "input", name: `in_${i}`, source: UNKNOWN_SOURCE, type, domain: null };
      });
      operations.nodes.push(...inputs);
      for (let i = 0; i < 20; i++) operations.nodes.push(operations.operation());
      const order: Node[] = [];
      visitInOrder(operations.nodes, (node) => order.push(node));
      const uses = new Map<Node, number>();
      for (const operand of order.flatMap(operandsOf)) uses.set(operand, (uses.get(operand) ?? 0) + 1);

      const graph = new LogicGraph();
      const bits = new Map<Node, Bits>();
      for (const node of order) {
        if (isOperation(node)) {
          const merges = (operand: Node): boolean => uses.get(operand) === 1;
          bits.set(
            node,
            operationBits(graph, node, (operand) => bits.get(operand)!, merges),
          );
        } else if (node.kind === "constant") bits.set(node, constantBits(node.value, node.type.width));
        else if (node.kind === "wire") bits.set(node, bits.get(node.driver)!);
        else
          bits.set(
            node,
            Array.from({ length: node.type.width }, () => graph.leaf()),
          );
      }
      for (let round = 0; round < 4; round++) {
        const words = new Map<Node, bigint>();
        const leaves = new Map<number, boolean>();
        for (const input of inputs) {
          const value = randomValue(random, input.type);
          words.set(input, value);
          for (const [i, literal] of bits.get(input)!.entries())
            leaves.set(nodeOf(literal), ((value >> BigInt(i)) & 1n) === 1n);
        }
        const of = valuesOf(graph, leaves);
        for (const node of order) {
          if (isOperation(node))
            words.set(
              node,
              wrap(
                evaluate(node, (operand) => words.get(operand)!),
                node.type,
              ),
            );
          else if (node.kind === "constant") words.set(node, node.value);
          else if (node.kind === "wire") words.set(node, words.get(node.driver)!);
          const found = wrap(numberOf(bits.get(node)!, of), node.type);
          expect(found, `seed ${seed}, ${node.kind}`).toBe(words.get(node));
        }
      }
    }
  });

  it("flip-flops take what the description says, with enables and resets taken out of it", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const graph = new LogicGraph();
      const leaves = Array.from({ length: 7 }, () => graph.leaf());
      const [own = FALSE, reset = FALSE, ...others] = leaves;
      const tree = (depth: number): Literal =>
        depth === 0 || random.chance(0.2)
          ? random.pick([own, own, FALSE, TRUE, ...others])
          : graph.mux(random.pick(others), tree(depth - 1), tree(depth - 1));
      const next = tree(4);
      const value = random.pick([FALSE, TRUE]);
      const isReset = random.chance(0.5);
      const cell = flipFlop(graph, own, next, isReset ? reset : FALSE, value);
      for (let round = 0; round < 64; round++) {
        const of = valuesOf(graph, new Map(leaves.map((leaf) => [nodeOf(leaf), random.chance(0.5)])));
        const asked = isReset && of(reset) ? of(value) : of(next);
        const taken = of(cell.reset) ? of(cell.value) : of(cell.data);
        expect(of(cell.enable) ? taken : of(own), `seed ${seed}`).toBe(asked);
      }
    }
  });
});

const counter = module(
  "counter",
  { inputs: { up: bit, on: bit }, outputs: { count: unsigned(24) } },
  (io) => {
    const value = register("value", unsigned(24), { reset: 0 });
    when(io.on, () => value.set(value.add(io.up.extend(24)).truncate(24)));
    io.count.set(value);
  },
);

const sums = module(
  "sums",
  {
    inputs: { a: signed(8), b: signed(8), c: signed(8), d: signed(8) },
    outputs: { y: signed(16), less: bit },
  },
  ({ a, b, c, d, y, less }) => {
    y.set(register("sum", signed(16), { next: a.mul(b).add(c.extend(16)).truncate(16) }));
    less.set(register("is_less", bit, { next: c.lt(d) }));
  },
);

const stored = (depth: number, width: number): Module =>
  module(
    "stored",
    {
      inputs: {
        at: unsigned(Math.log2(depth)),
        to: unsigned(Math.log2(depth)),
        data: unsigned(width),
        write: bit,
      },
      outputs: { y: unsigned(width) },
    },
    ({ at, to, data, write, y }) => {
      const words = memory("words", unsigned(width), { depth, collisions: "undefined" });
      when(write, () => words.write(to, data));
      y.set(words.read(at));
    },
  );

/** A third and a fourth register that only repeat the first, and one that never changes. */
const repeated = module(
  "repeated",
  { inputs: { a: unsigned(8) }, outputs: { y: unsigned(8) } },
  ({ a, y }) => {
    const [first, second] = ["first", "second"].map((name) =>
      register(name, unsigned(8), { next: a, initial: 0 }),
    );
    const fixed = register("fixed", unsigned(8), { initial: 0 });
    when(fixed.bit(0), () => fixed.set(a));
    const unread = register("unread", unsigned(8), { next: a });
    unread.xor(a);
    y.set(first!.xor(second!).or(fixed).xor(first!));
  },
);

describe("estimateCells()", () => {
  it.each([
    ["a counter with an enable", counter],
    ["sums and products", sums],
    ["a memory in blocks", stored(1024, 8)],
    ["a deep memory, with a choice of blocks", stored(4096, 8)],
    ["a small memory in flip-flops", stored(8, 6)],
    ["registers that are of no use", repeated],
  ])("is near synthesis for %s", { timeout: 240_000 }, async (_, made) => {
    const counts = addCounts(countCircuit(made));
    const { text, top, data } = sourceOf(made);
    const { cells } = await synthesizeIce40(text, top, { data });
    expect(counts.flipFlops).toBe(cells.flipFlops);
    expect(counts.blockRam).toBe(cells.blockRam);
    expect(counts.dsp).toBe(cells.dsp);
    expect(Math.abs(counts.logic + counts.sums - cells.lut4)).toBeLessThanOrEqual(
      Math.max(4, 0.1 * cells.lut4),
    );
  });

  it("refuses logic that follows itself", () => {
    const loop = module("loop", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => y.set(a));
    const [y] = loop.outputs;
    if (y !== undefined) y.driver = op.not(y);
    expect(() => estimateCells(loop)).toThrow(HardwareError);
  });

  it("says of each instance what is in it, and how far estimates are from synthesis", () => {
    const { module: made } = estimatedMachine(0);
    const { kind, cells, units, spread } = estimateCells(made);
    expect(kind).toBe("estimated");
    expect(spread).toEqual(readCalibration().spread);
    const [whole, ...inner] = units;
    expect(whole).toEqual({ path: "", unit: "decoder", cells });
    const children = inner.filter(({ path }) => !path.includes("."));
    expect(children.map(({ path }) => path)).toEqual(
      made.instances.flatMap(({ of, name }) => (of.kind === "module" ? [name] : [])),
    );
    const blocks = children.reduce((sum, child) => sum + child.cells.blockRam, 0);
    expect(blocks).toBe(cells.blockRam);
    const tables = children.reduce((sum, child) => sum + child.cells.lut4, 0);
    expect(tables).toBeGreaterThan(0.9 * cells.lut4);
    expect(tables).toBeLessThanOrEqual(cells.lut4 + children.length);
  });
});

describe("the fit", () => {
  const { samples } = readSamples();
  const calibration = readCalibration();

  it("is what the stored machines give, and was made without those held out", () => {
    expect(samples.map(({ index }) => index)).toEqual(Array.from({ length: MACHINES }, (_, i) => i));
    for (const { index, heldOut } of samples) expect(heldOut).toBe(isHeldOut(index));
    const heldOut = samples.filter((sample) => sample.heldOut);
    expect(calibration.machines).toEqual({ fitted: MACHINES - heldOut.length, heldOut: heldOut.length });
    expect(calibration).toMatchObject({ ...fitTo(samples), spread: spreadOf(heldOut, calibration) });
    const changed = samples.map((sample) =>
      sample.heldOut ? { ...sample, synthesised: { ...sample.synthesised, lut4: 1 } } : sample,
    );
    expect(fitTo(changed)).toEqual(fitTo(samples));
  });

  it("is within 10 % on every machine held out, for every kind of cell", () => {
    for (const sample of samples.filter(({ heldOut }) => heldOut))
      for (const [kind, error] of Object.entries(residualsOf(sample, calibration)))
        expect(Math.abs(error), `${kind} of ${sample.what}`).toBeLessThanOrEqual(BOUND);
  });

  it("holds for the circuits as they are described now", () => {
    for (const sample of samples.filter(({ heldOut }) => heldOut).slice(0, DEEP ? MACHINES : 2)) {
      const { cells } = estimateCells(estimatedMachine(sample.index).module);
      for (const kind of ["lut4", "flipFlops", "dsp", "blockRam", "spram"] as const)
        expect(Math.abs(cells[kind] - sample.synthesised[kind])).toBeLessThanOrEqual(
          BOUND * sample.synthesised[kind],
        );
    }
  });

  it("finds factors that are not negative", () => {
    const rows = [
      [1, 2],
      [2, 1],
      [3, 5],
    ].map(([a = 0, b = 0]) => [a / (3 * a + 4 * b), b / (3 * a + 4 * b)]);
    const [a = 0, b = 0] = nonNegativeLeastSquares(rows);
    expect(a).toBeCloseTo(3);
    expect(b).toBeCloseTo(4);
    expect(
      nonNegativeLeastSquares(
        [
          [1, 1],
          [1, 2],
          [1, 3],
        ].map(([x = 0, y = 0]) => [x, -y]),
      )[1],
    ).toBe(0);
  });

  it.skipIf(!DEEP)("holds for a machine that nobody has seen", { timeout: 3_600_000 }, async () => {
    const sample = await synthesisedSample(MACHINES + 1);
    for (const [kind, error] of Object.entries(residualsOf(sample, calibration)))
      expect(Math.abs(error), `${kind} of ${sample.what}`).toBeLessThanOrEqual(BOUND);
  });
});

describe("familyTable()", () => {
  it("counts what units take in other families", { timeout: 240_000 }, async () => {
    const rows = await familyTable([{ path: "sums", depth: 0, module: sums }], "ecp5");
    expect(rows[0]?.counts).toMatchObject({ family: "ecp5", dsp: 1, flipFlops: 17 });
    expect(familyLines(rows)[1]?.slice(0, 2)).toEqual(["sums", "sums"]);
  });
});
