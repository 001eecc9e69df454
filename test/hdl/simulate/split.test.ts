import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node } from "../../../hdl/builder/graph.ts";
import { memory, module, signed, unsigned, when } from "../../../hdl/builder/index.ts";
import * as op from "../../../hdl/builder/operators.ts";
import { type FlatSignal, PART_BITS } from "../../../hdl/simulate/flat.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { optimise } from "../../../hdl/simulate/optimise.ts";
import { prepare } from "../../../hdl/simulate/prepare.ts";
import { split } from "../../../hdl/simulate/split.ts";
import { circuits, randomStimulus } from "../../support/random-circuit.ts";
import { expectSameDesign, faults, pathOf, runs } from "./behaviour.ts";
import { combinational } from "./raw.ts";

const OPERATIONS: Readonly<Record<string, (a: Node, b: Node, by: Node) => readonly Node[]>> = {
  "sums and differences": (a, b) => [op.add(a, b), op.subtract(a, b)],
  products: (a, b) => [op.multiply(a, b)],
  comparisons: (a, b) => [op.compare("equal", a, b), op.compare("less", a, b), op.compare("less", b, a)],
  "variable shifts": (a, b, by) => [
    op.shiftLeft(a, by),
    op.shiftRight(a, by),
    op.shiftRight(a, op.convert(b, op.unsignedType(b.type.width))),
  ],
  "constant shifts": (a, b) =>
    [1, 31, 32, 64, 65, 130].flatMap((by) => [
      op.shiftLeft(a, op.literal(by, false)),
      op.shiftRight(b, op.literal(by, false)),
    ]),
  reductions: (a, b) =>
    (["all", "any", "parity"] as const).flatMap((kind) => [op.reduce(kind, a), op.reduce(kind, b)]),
  selections: (a, b) => [
    op.select(
      op.convert(b, op.unsignedType(b.type.width)),
      b.type.width > 1 ? [a, op.not(a), a] : [a, op.not(a)],
    ),
  ],
};

describe("split", () => {
  it("changes nothing, and leaves nothing wider than a part", () => {
    fc.assert(
      fc.property(circuits(), ({ module, seed }) => {
        const design = flatten(module);
        const parted = split(design);
        expect(faults(parted, PART_BITS)).toEqual([]);
        expect(parted.signals.filter(({ parts }) => parts === null)).toEqual([]);
        expectSameDesign(design, parted, randomStimulus(module, 10, seed), seed);
      }),
      runs(60),
    );
  });

  it("goes for numbers of many parts too", () => {
    fc.assert(
      fc.property(circuits({ nodes: 12, maxWidth: 400, hierarchy: false }), ({ module, seed }) => {
        const design = flatten(module);
        const parted = split(design);
        expect(faults(parted, PART_BITS)).toEqual([]);
        expectSameDesign(design, parted, randomStimulus(module, 6, seed), seed);
      }),
      runs(60),
    );
  });

  for (const [what, of] of Object.entries(OPERATIONS))
    it(`${what} of numbers of any widths and signs`, () => {
      const width = fc.integer({ min: 1, max: 200 });
      fc.assert(
        fc.property(width, width, fc.boolean(), fc.nat(), (v, w, isSigned, seed) => {
          const types = [v, w].map((width) => ({ width, signed: isSigned }));
          const top = combinational([...types, op.unsignedType(8)], (a, b, by) => of(a!, b!, by!));
          const design = flatten(top);
          const parted = split(design);
          expect(faults(parted, PART_BITS)).toEqual([]);
          expectSameDesign(design, parted, randomStimulus(top, 12, seed), seed);
        }),
        runs(40),
      );
    });

  it("masks go along with their lanes, whatever these have to do with parts", () => {
    for (const [width, lanes] of [
      [128, 2],
      [128, 16],
      [150, 3],
      [192, 1],
      [192, 192],
      [96, 3],
      [200, 5],
      [300, 3],
      [256, 2],
    ] as const) {
      const inputs = { address: unsigned(2), data: unsigned(width), mask: unsigned(lanes), on: unsigned(1) };
      const top = module("top", { inputs, outputs: { y: unsigned(width) } }, (io) => {
        const words = memory("words", unsigned(width), {
          depth: 3,
          initial: [(1n << BigInt(width)) - 1n, 5n],
        });
        when(io.on, () => words.write(io.address, io.data, { mask: io.mask }));
        io.y.set(words.read(io.address));
      });
      const design = flatten(top);
      expectSameDesign(design, split(design), randomStimulus(top, 40, width), 1);
      const stimulus = randomStimulus(top, 40, width + 1);
      const [whole, parts] = [new Interpreter(design), new Interpreter(split(design))];
      for (const inputs of stimulus) {
        for (const run of [whole, parts]) {
          for (const [name, value] of inputs) run.set(name, value);
          run.step();
        }
        expect(parts.words("words")).toEqual(whole.words("words"));
      }
    }
  });

  it("parts of a signal: the low one first, the last one with its sign", () => {
    const ports = { inputs: { a: signed(130) }, outputs: { y: signed(130) } };
    const top = module("top", ports, ({ a, y }) => y.set(a));
    const [a] = split(flatten(top)).inputs;
    expect(a!.parts!.map(({ kind, type }) => ({ kind, ...type }))).toEqual([
      { kind: "input", width: 64, signed: false },
      { kind: "input", width: 64, signed: false },
      { kind: "input", width: 2, signed: true },
    ]);
  });

  it("only parts that are needed are computed", () => {
    const ports = { inputs: { a: unsigned(256), b: unsigned(256) }, outputs: { y: unsigned(20) } };
    const top = module("top", ports, ({ a, b, y }) => y.set(a.and(b).shr(70).truncate(20)));
    const design = split(
      optimise(flatten(top), () => false),
      { signals: () => false, memories: () => false },
    );
    expect(design.outputs[0]!.parts).toHaveLength(1);
    expect(faults(design, PART_BITS)).toEqual([]);
  });
});

describe("prepare", () => {
  for (const twoDomains of [false, true])
    it(`changes nothing that can be seen, with ${twoDomains ? "two clocks" : "one clock"}`, () => {
      fc.assert(
        fc.property(circuits({ twoDomains, maxWidth: 200 }), fc.nat(9), ({ module, seed }, digit) => {
          const keep = (signal: FlatSignal): boolean => pathOf(signal).endsWith(String(digit));
          const prepared = prepare(module, keep);
          expect(faults(prepared, PART_BITS)).toEqual([]);
          const kept = prepared.signals.filter(keep).concat(prepared.outputs, prepared.inputs);
          expect(kept.filter(({ parts }) => parts === null)).toEqual([]);
          expectSameDesign(flatten(module), prepared, randomStimulus(module, 12, seed), seed);
        }),
        runs(50),
      );
    });
});
