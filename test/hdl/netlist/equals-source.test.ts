import { expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import { readNetlist } from "../../../hdl/netlist/index.ts";
import { ICE40_LIBRARY } from "../../../hdl/primitives/ice40/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { ice40Script } from "../../../src/flow/ice40-script.ts";
import { SCRIPT_FILES } from "../../../src/flow/narrow-comparisons.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { randomCircuit } from "../../support/random-circuit.ts";
import { firstDifference, isDetermined } from "./compare.ts";
import { union } from "./union.ts";

const deep = process.env.ACCEL_DEEP === "1";

/** Yosys' commands between reading and writing, by what they leave of the source. */
const LEVELS: Readonly<Record<string, readonly string[]>> = {
  "modules of word cells": ["proc", "opt", "memory_dff", "memory_collect"],
  "word cells, optimised": [
    ...["proc", "flatten", "opt -full", "memory -nomap", "memory_narrow", "opt -full"],
    ...["alumacc", "share", "opt", "maccmap -unmap"],
  ],
  "iCE40 cells": ice40Script("all", true),
  ...(deep && {
    "iCE40 cells by ABC": ice40Script("all", false),
    gates: ["proc", "flatten", "opt", "memory", "opt", "techmap", "opt", "abc -g gates", "clean"],
  }),
};

/** Circuits in one run of Yosys. */
const BATCH = deep ? 30 : 10;

/** Circuits with one clock or two. Synthesis takes a minute for some hundred, so they are small where there is less time. */
function* circuits(): Generator<readonly [string, Module], never> {
  for (let seed = 1000; ; seed++) {
    const large = seed % 6 === 0;
    const sizes = deep
      ? { nodes: large ? 30 : 12, maxWidth: seed % 8 === 0 ? 70 : 16 }
      : { nodes: large ? 10 : 5, maxWidth: 16 };
    const circuit = randomCircuit(seed, { ...sizes, twoDomains: seed % 5 === 0, collisions: false });
    if (isDetermined(circuit) && registerBits(circuit) <= (deep ? 4000 : 200)) yield [`c${seed}`, circuit];
  }
}

/** Bits of memories that no block RAM can hold, because they are written by several ports. */
const registerBits = ({ memories, instances }: Module): number =>
  memories.reduce((sum, { depth, type, writes }) => sum + (writes.length > 1 ? depth * type.width : 0), 0) +
  instances.reduce((sum, { of }) => sum + (of.kind === "module" ? registerBits(of) : 0), 0);

const source = circuits();
const batches = Array.from({ length: deep ? 10 : 1 }, (_, batch) => {
  const some = new Map(Array.from({ length: BATCH }, () => source.next().value));
  const module = union(some);
  return { batch, module, verilog: writeVerilog(module, { inlineWords: 2 ** 20 }).text };
});

const cases = Object.entries(LEVELS).flatMap(([level, commands]) =>
  batches.map((batch) => ({ level, commands, ...batch })),
);

it.each(cases)(
  `$level: ${BATCH} random circuits do what their source does ($batch)`,
  async ({ module, verilog, commands, batch }) => {
    const result = await runYosys(
      ["read_verilog design.v", "hierarchy -check -top all", ...commands, "write_json out.json"],
      { ...SCRIPT_FILES, "design.v": verilog },
      { cache: null },
    );
    const netlist = readNetlist(JSON.parse(textFile(result, "out.json")), {
      clocks: module.domains.map(({ clock }) => clock),
      library: ICE40_LIBRARY,
    });
    expect(netlist.outputs.map(({ name, type }) => [name, type.width])).toEqual(
      module.outputs.map(({ name, type }) => [name, type.width]),
    );
    expect(firstDifference(module, netlist, deep ? 200 : 60, batch)).toBeNull();
  },
  3_600_000,
);
