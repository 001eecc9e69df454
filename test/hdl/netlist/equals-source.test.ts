import { beforeAll, describe, expect, it } from "vitest";
import { circuitOf, type Netlist, parseNetlist } from "../../../hdl/netlist/index.ts";
import { ICE40_LIBRARY } from "../../../hdl/primitives/ice40/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { ICE40_SCRIPT_FILES, ice40Script } from "../../../src/flow/ice40-script.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { randomCircuit } from "../../support/random-circuit.ts";
import { firstDifference } from "./compare.ts";

const deep = process.env.ACCEL_DEEP === "1";
const count = deep ? 300 : 24;

const circuits = Array.from({ length: count }, (_, seed) => {
  const module = randomCircuit(1000 + seed, {
    nodes: seed % 3 === 0 ? 40 : 20,
    maxWidth: seed % 4 === 0 ? 70 : 16,
    twoDomains: seed % 5 === 0,
  });
  return { seed: 1000 + seed, module, verilog: writeVerilog(module, { inlineWords: 2 ** 20 }) };
});

/** Yosys commands between reading and writing, by what they leave of the source. */
const LEVELS = {
  "word cells": ["proc", "opt", "memory_dff", "memory_collect"],
  "word cells, flat": [
    "proc",
    "flatten",
    "opt -full",
    "memory -nomap",
    "memory_narrow",
    "opt -full",
    "alumacc",
    "share",
    "opt",
    "maccmap -unmap",
  ],
  gates: ["proc", "flatten", "opt", "memory", "opt", "techmap", "opt", "abc -g gates", "clean"],
  "iCE40 cells": ice40Script("top", true),
} as const;

describe.each(Object.entries(LEVELS))("%s", (level, commands) => {
  const netlists: Netlist[] = [];
  beforeAll(async () => {
    // A few processes share the work.
    const share = Math.ceil(circuits.length / 2);
    const parts = [circuits.slice(0, share), circuits.slice(share)];
    const read = await Promise.all(parts.map((part) => synthesize(part, commands)));
    netlists.push(...read.flat());
  }, 1_200_000);

  it(`${count} random circuits do what their source does`, () => {
    const wrong = circuits.flatMap(({ seed, module }, i) => {
      const netlist = circuitOf(netlists[i]!, {
        clocks: module.domains.map(({ clock }) => clock),
        library: ICE40_LIBRARY,
      });
      expect(netlist.outputs.map(({ name, type }) => [name, type.width])).toEqual(
        module.outputs.map(({ name, type }) => [name, type.width]),
      );
      const difference = firstDifference(module, netlist, deep ? 100 : 40, seed);
      return difference === null ? [] : [{ seed, level, ...difference }];
    });
    expect(wrong).toEqual([]);
  }, 600_000);
});

async function synthesize(part: typeof circuits, commands: readonly string[]): Promise<Netlist[]> {
  const script = part.flatMap(({ seed, verilog }) => [
    "design -reset",
    `read_verilog c${seed}.v`,
    `hierarchy -check -top ${verilog.modules[0]!.moduleName}`,
    ...commands,
    `write_json c${seed}.json`,
  ]);
  const files = Object.fromEntries(part.map(({ seed, verilog }) => [`c${seed}.v`, verilog.text]));
  Object.assign(files, ICE40_SCRIPT_FILES);
  const result = await runYosys(script, files, { cache: null });
  return part.map(({ seed }) => parseNetlist(JSON.parse(textFile(result, `c${seed}.json`))));
}
