import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../../hdl/builder/type.ts";
import type { FlatSignal } from "../../../hdl/simulate/flat.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { VcdWriter } from "../../../hdl/simulate/vcd.ts";
import { circuits, randomCircuit, randomStimulus } from "../../support/random-circuit.ts";
import { pathOf, runs } from "./behaviour.ts";

const installed = (tool: string): boolean => spawnSync(tool, ["--help"]).error === undefined;

describe("VcdWriter", () => {
  it("says when what changes; equal values are not written again", () => {
    const signals = [
      signal("clock", 1),
      signal("count", 4, true),
      signal("unit.sum", 3),
      signal("unit.inner.ready", 1),
    ];
    const text = dump((writer) => {
      writer.sample(0, [0n, 0n, -1n, 0n]);
      writer.sample(5, [1n, 1n, -1n, 0n]);
      writer.sample(7, [1n, 1n, -1n, 0n]);
      writer.sample(10, [0n, 1n, 2n, 1n]);
      writer.finish(15);
    }, signals);
    expect(text).toMatchInlineSnapshot(`
      "$version accel $end
      $timescale 1ns $end
      $scope module top $end
      $var wire 1 ! clock $end
      $var reg 4 " count [3:0] $end
      $scope module unit $end
      $var wire 3 # sum [2:0] $end
      $scope module inner $end
      $var wire 1 $ ready $end
      $upscope $end
      $upscope $end
      $upscope $end
      $enddefinitions $end
      #0
      $dumpvars
      0!
      b0 "
      b111 #
      0$
      $end
      #5
      1!
      b1 "
      #10
      0!
      b10 #
      1$
      #15
      "
    `);
  });

  it("what a reader finds in it is what was written", () => {
    fc.assert(
      fc.property(circuits({ nodes: 30 }), ({ module, seed }) => {
        const { signals } = flatten(module);
        const samples = recorded(module, seed, 15);
        const text = dump((writer) => {
          for (const [cycle, values] of samples.entries()) writer.sample(10 * cycle, values);
          writer.finish(10 * samples.length);
        }, signals);
        const read = parse(text);
        for (const [i, one] of signals.entries()) {
          const variable = read.variables.get(`top.${pathOf(one)}`);
          expect(variable).toMatchObject({ width: one.type.width, kind: one.register ? "reg" : "wire" });
          for (const [cycle, values] of samples.entries())
            expect(wrap(read.valueAt(variable!.code, 10 * cycle), one.type)).toBe(values[i]);
        }
        expect(read.end).toBe(10 * samples.length);
      }),
      runs(20),
    );
  });

  it("a window begins with all values, and ends in time", () => {
    const read = parse(
      dump(
        (writer) => {
          for (let time = 0; time < 10; time++) writer.sample(time, [BigInt(time), 7n]);
          writer.finish();
        },
        [signal("time", 8), signal("seven", 8)],
        { from: 3, to: 6 },
      ),
    );
    const [time, seven] = ["top.time", "top.seven"].map((name) => read.variables.get(name)!.code);
    expect(read.times).toEqual([3, 4, 5, 6, 6]);
    expect([3, 4, 5, 6].map((at) => read.valueAt(time!, at))).toEqual([3n, 4n, 5n, 6n]);
    expect(read.valueAt(seven!, 3)).toBe(7n);
  });

  it("signals that are the same node share a code; names that viewers would misread are changed", () => {
    const [first] = flatten(randomCircuit(1)).inputs;
    const twice = [
      { ...first!, path: ["a"] },
      { ...first!, path: ["child", "a"] },
      signal("pad", 1),
      signal("pad", 1),
    ];
    const text = dump((writer) => writer.finish(), [...twice, { ...signal("", 1), path: ["pad.out"] }]);
    const { variables } = parse(text);
    expect(variables.get("top.a")!.code).toBe(variables.get("top.child.a")!.code);
    expect([...variables.keys()]).toEqual(["top.a", "top.pad", "top.pad_2", "top.pad_out", "top.child.a"]);
  });

  it("has a code for each of many signals", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => signal(`s${i}`, 1));
    const { variables } = parse(dump((writer) => writer.finish(), many));
    expect(new Set([...variables.values()].map(({ code }) => code)).size).toBe(many.length);
  });

  it("refuses times that do not rise, values that are missing, and timescales that are none", () => {
    const make = (timescale: string): VcdWriter =>
      new VcdWriter(() => {}, [signal("a", 1)], { top: "top", timescale });
    const writer = make("10 ps");
    writer.sample(3, [0n]);
    expect(() => writer.sample(3, [1n])).toThrow(
      "a sample at time 3 after one at 3; times are whole and rise",
    );
    expect(() => writer.sample(4, [])).toThrow("0 values for 1 signals");
    expect(() => make("3ns")).toThrow("3ns is no timescale");
  });

  for (const [tool, argumentsFor] of [
    ["vcd2fst", (vcd: string, out: string) => [vcd, out]],
    ["vcd2lxt", (vcd: string, out: string) => [vcd, out]],
  ] as const)
    it.skipIf(!installed(tool))(`${tool} of GTKWave reads it`, () => {
      const folder = mkdtempSync(join(tmpdir(), "accel-vcd-"));
      try {
        const module = randomCircuit(11, { twoDomains: true });
        const text = dump((writer) => {
          for (const [cycle, values] of recorded(module, 3, 50).entries()) writer.sample(cycle, values);
          writer.finish();
        }, flatten(module).signals);
        const [vcd, out] = [join(folder, "in.vcd"), join(folder, "out")];
        writeFileSync(vcd, text);
        execFileSync(tool, argumentsFor(vcd, out), { stdio: "pipe" });
        expect(statSync(out).size).toBeGreaterThan(100);
        if (tool !== "vcd2fst" || !installed("fst2vcd")) return;
        // Back again: the same signals, with the same values in the end.
        const back = parse(execFileSync("fst2vcd", [out], { encoding: "utf8" }));
        const read = parse(text);
        expect([...back.variables.keys()].sort()).toEqual([...read.variables.keys()].sort());
        for (const [name, { code, width }] of read.variables)
          for (let time = 0; time < 50; time++)
            expect(BigInt.asUintN(width, back.valueAt(back.variables.get(name)!.code, time))).toBe(
              read.valueAt(code, time),
            );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});

function signal(path: string, width: number, register = false): FlatSignal {
  return { path: path.split("."), type: { width, signed: false }, register, parts: null, labels: null };
}

function dump(
  write: (writer: VcdWriter) => void,
  signals: readonly FlatSignal[],
  window?: { readonly from: number; readonly to: number },
): string {
  const chunks: string[] = [];
  const options = { top: "top", ...(window === undefined ? {} : { window }) };
  write(new VcdWriter((chunk) => chunks.push(chunk), signals, options));
  return chunks.join("");
}

/** Values of all signals, cycle after cycle. */
function recorded(module: ReturnType<typeof randomCircuit>, seed: number, cycles: number): bigint[][] {
  const design = flatten(module);
  const run = new Interpreter(design);
  return randomStimulus(module, cycles, seed).map((inputs) => {
    for (const [name, value] of inputs) run.set(name, value);
    const values = design.signals.map((one) => run.get(pathOf(one)));
    run.step();
    return values;
  });
}

interface Dump {
  readonly variables: ReadonlyMap<
    string,
    { readonly code: string; readonly width: number; readonly kind: string }
  >;
  readonly times: readonly number[];
  readonly end: number;
  valueAt(code: string, time: number): bigint;
}

/** A reader that goes word by word, as the standard defines the format. */
function parse(text: string): Dump {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const variables = new Map<string, { code: string; width: number; kind: string }>();
  const changes = new Map<string, { time: number; value: bigint }[]>();
  const times: number[] = [];
  const scopes: string[] = [];
  let time = 0;
  const change = (code: string, bits: string): void => {
    if (!/^[01]+$/.test(bits)) throw new Error(`value ${bits}`);
    const list = changes.get(code);
    if (list === undefined) throw new Error(`code ${code} is not declared`);
    list.push({ time, value: BigInt(`0b${bits}`) });
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "$dumpvars" || word === "$end") continue;
    if (word.startsWith("$")) {
      const end = words.indexOf("$end", i);
      const inside = words.slice(i + 1, end);
      i = end;
      if (word === "$scope") scopes.push(inside[1]!);
      if (word === "$upscope") scopes.pop();
      if (word !== "$var") continue;
      const [kind, width, code, name] = inside;
      variables.set([...scopes, name].join("."), { code: code!, width: Number(width), kind: kind! });
      changes.set(code!, []);
    } else if (word.startsWith("#")) {
      time = Number(word.slice(1));
      times.push(time);
    } else if (word.startsWith("b")) change(words[++i]!, word.slice(1));
    else change(word.slice(1), word[0]!);
  }
  return {
    variables,
    times,
    end: time,
    valueAt: (code, at) => changes.get(code)!.findLast((one) => one.time <= at)!.value,
  };
}
