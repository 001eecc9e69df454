import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  Domain,
  Input,
  Instance,
  InstanceOutput,
  Module,
  Node,
  Wire,
} from "../../../hdl/builder/graph.ts";
import {
  bit,
  concat,
  instance,
  memory,
  module,
  mux,
  register,
  select,
  signed,
  type Unsigned,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";
import { sameType } from "../../../hdl/builder/type.ts";
import { Program } from "../../../hdl/simulate/lower/program.ts";
import { prepare } from "../../../hdl/simulate/prepare.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { randomCircuit } from "../../support/random-circuit.ts";
import { runs } from "./behaviour.ts";
import { expectCompiled } from "./compiled.ts";
import { wireOf } from "./raw.ts";

/** Some instances of one module: each input is the same for all, or comes from outside, or from the lane before. */
function laneArray(lane: Module, count: number, seed: number): Module {
  const random = new Random(seed);
  const inputs: Input[] = [];
  const instances: Instance[] = [];
  const input = (name: string, of: Input): Input => {
    const made: Input = { ...of, name };
    inputs.push(made);
    return made;
  };
  const sources = new Map(
    lane.inputs.map((port) => {
      const before = lane.outputs.find(
        ({ driver, type }) => driver.kind === "register" && sameType(type, port.type),
      );
      const kind = random.pick(before === undefined ? ["same", "own"] : ["same", "own", "chain"]);
      return [port, { before, kind, same: kind === "same" ? input(port.name, port) : null }] as const;
    }),
  );
  for (let i = 0; i < count; i++) {
    const outputs = new Map<string, InstanceOutput>();
    const made: Instance = {
      kind: "instance",
      name: `lane${i}`,
      source: UNKNOWN_SOURCE,
      of: lane,
      inputs: new Map(
        lane.inputs.map((port): [string, Node] => {
          const source = sources.get(port)!;
          const last = instances.at(-1)?.outputs.get(source.before?.name ?? "");
          return [
            port.name,
            source.same ??
              (source.kind === "chain" && last !== undefined ? last : input(`${port.name}_${i}`, port)),
          ];
        }),
      ),
      outputs,
      inouts: new Map(),
      domains: new Map(lane.domains.map((domain) => [domain, domain])),
    };
    for (const { name, type } of lane.outputs)
      outputs.set(name, { kind: "instance-output", type, instance: made, port: name });
    instances.push(made);
  }
  const outputs = instances.flatMap((one): Wire[] =>
    [...one.outputs].map(([name, output]) => wireOf(`${name}_${one.name}`, output)),
  );
  return {
    ...lane,
    name: "array",
    inputs,
    outputs,
    instances,
    wires: [],
    registers: [],
    memories: [],
    domains: lane.domains,
    resets: new Set<Domain>(lane.resets),
  };
}

/** The code of a clock edge. */
function edgeText(module: Module): string {
  const design = prepare(module, () => false);
  return new Program(design).edgeText("edge", new Set(design.domains));
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

const expectRight = (module: Module): void => {
  for (const keep of [true, false])
    expectCompiled(
      module,
      prepare(module, () => keep),
      1,
      60,
    );
};

/** Thousands of runs take their time. */
const LONG = { timeout: 3_600_000 };

describe("lanes in vectors", LONG, () => {
  const arrays = fc.tuple(
    fc.noShrink(fc.nat(2 ** 31 - 1)),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 4, max: 20 }),
    fc.constantFrom(9, 17, 32),
  );
  const made = ([seed, nodes, lanes, maxWidth]: readonly [number, number, number, number]): Module =>
    laneArray(
      randomCircuit(seed, { nodes, maxWidth: Math.max(16, maxWidth), hierarchy: false }),
      lanes,
      seed,
    );

  for (const keep of [true, false])
    it(`of random modules compute what the interpreter does, ${keep ? "all signals" : "outputs"}`, () => {
      fc.assert(
        fc.property(arrays, (array) => {
          const module = made(array);
          expectCompiled(
            module,
            prepare(module, () => keep),
            array[0],
            15,
          );
        }),
        runs(60),
      );
    });

  it("are there at all in most random arrays", () => {
    const texts = Array.from({ length: 40 }, (_, seed) => edgeText(made([seed, 12, 16, 16])));
    expect(texts.filter((text) => text.includes("v128")).length).toBeGreaterThan(20);
  });
});

describe("a lane array", () => {
  const lane = module(
    "lane",
    {
      inputs: { enable: bit, activation: signed(8), address: unsigned(5), weight: signed(8), write: bit },
      outputs: { sum: signed(20) },
    },
    ({ enable, activation, address, weight, write, sum }) => {
      const weights = memory("weights", signed(8), { depth: 20, initial: [] });
      when(write, () => weights.write(address, weight));
      const factor = register("factor", signed(8), { initial: 0, next: activation });
      const product = register("product", signed(16), { initial: 0 });
      product.set(weights.read(address).mul(factor));
      const total = register("total", signed(20), { reset: 0, initial: 0 });
      when(enable, () => total.set(total.add(product.extend(20)).truncate(20)));
      sum.set(total);
    },
  );
  const array = (lanes: number) =>
    module(
      "array",
      {
        inputs: {
          enable: bit,
          activation: signed(8),
          address: unsigned(5),
          at: unsigned(5),
          weight: signed(8),
        },
        outputs: { y: signed(20) },
      },
      ({ enable, activation, address, at, weight, y }) => {
        const sums = Array.from(
          { length: lanes },
          (_, i) => instance(`lane${i}`, lane, { enable, activation, address, weight, write: at.eq(i) }).sum,
        );
        y.set(select(at, sums));
      },
    );

  for (const lanes of [3, 16, 21])
    it(`of ${lanes} lanes with memories`, () => {
      expectRight(array(lanes));
      const text = edgeText(array(lanes));
      // Sums 4 lanes at a time, products 8, what is read 16.
      expect(count(text, /i32x4.add/g)).toBe(Math.floor(lanes / 4));
      expect(count(text, /i16x8.mul/g)).toBe(Math.floor(lanes / 8));
      expect(count(text, /v128.store .*v128.load .*weights_data$/gm)).toBe(Math.floor(lanes / 16));
      expect(count(text, /replace_lane/g)).toBe(0);
    });

  it("with a condition for each lane", () => {
    const own = module(
      "own",
      { inputs: { valid: unsigned(16), x: unsigned(16) }, outputs: { y: unsigned(160) } },
      ({ valid, x, y }) => {
        const states = Array.from({ length: 16 }, (_, i) => {
          const on = register(`on${i}`, bit, { initial: 0, next: valid.bit(i) });
          const state = register(`state${i}`, unsigned(10), { initial: i });
          const next = mux(state.gt(700), state.shr(2).extend(10), state.addWrap(x.bits(9, 0)));
          state.set(mux(on, next, state));
          return state;
        });
        y.set(concat(...states));
      },
    );
    expectRight(own);
    expect(count(edgeText(own), /bitselect/g)).toBe(4);
  });

  it("that reads in pairs, or the same and then rows", () => {
    const pairs = module(
      "pairs",
      { inputs: { x: unsigned(8) }, outputs: { y: unsigned(256) } },
      ({ x, y }) => {
        const sources = Array.from({ length: 20 }, (_, i) => register(`s${i}`, unsigned(8), { initial: i }));
        for (const [i, source] of sources.entries()) source.set(source.addWrap(x.xor(i)));
        const copies = (name: string, add: number, from: (i: number) => number): readonly Unsigned[] =>
          Array.from({ length: 16 }, (_, i) =>
            register(`${name}${i}`, unsigned(8), { initial: 0, next: sources[from(i)]!.addWrap(add + i) }),
          );
        const half = copies("h", 100, (i) => i >> 1);
        const late = copies("l", 1, (i) => Math.max(0, i - 5));
        y.set(concat(...half, ...late));
      },
    );
    expectRight(pairs);
  });

  it("that passes values on, upwards, downwards and around", () => {
    for (const step of [1, 15, 4]) {
      const ring = module(
        "ring",
        { inputs: { x: unsigned(8) }, outputs: { y: unsigned(128) } },
        ({ x, y }) => {
          const states = Array.from({ length: 16 }, (_, i) =>
            register(`r${i}`, unsigned(8), { initial: i * 7 }),
          );
          for (const [i, state] of states.entries()) state.set(states[(i + step) % 16]!.xor(x));
          y.set(concat(...states));
        },
      );
      expectRight(ring);
    }
    const shift = module("shift", { inputs: { x: unsigned(8) }, outputs: { y: unsigned(8) } }, ({ x, y }) => {
      let last: Unsigned = x;
      for (let i = 0; i < 64; i++) last = register(`r${i}`, unsigned(8), { initial: i, next: last });
      y.set(last);
    });
    expectRight(shift);
    expect(count(edgeText(shift), /v128.store/g)).toBe(4);
  });
});
