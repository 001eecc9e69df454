import { beforeAll, describe, expect, it } from "vitest";
import { circuitOf, type Netlist, parseNetlist } from "../../../hdl/netlist/index.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { randomValue } from "../../support/random-circuit.ts";

/** A cell as RTLIL: ports with their widths, and parameters. */
interface Sample {
  readonly type: string;
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, number>>;
}

const random = new Random(20_240_607);
const width = (most = 9): number => 1 + random.below(most);
const flag = (): number => random.below(2);

function unary(type: string): Sample {
  const [A, Y] = [width(), width()];
  return {
    type,
    inputs: { A },
    outputs: { Y },
    parameters: { A_SIGNED: flag(), A_WIDTH: A, Y_WIDTH: Y },
  };
}

function binary(type: string, signs: readonly [number, number] = same()): Sample {
  const [A, B, Y] = [width(), width(), width(12)];
  return {
    type,
    inputs: { A, B },
    outputs: { Y },
    parameters: { A_SIGNED: signs[0], B_SIGNED: signs[1], A_WIDTH: A, B_WIDTH: B, Y_WIDTH: Y },
  };
}

function same(): readonly [number, number] {
  const both = flag();
  return [both, both];
}

/** Signed operands are extended, unsigned amounts are not. */
const shift = (type: string): Sample => binary(type, [flag(), 0]);

const UNARY = ["$not", "$pos", "$neg", "$logic_not", "$reduce_and", "$reduce_or", "$reduce_bool"];
const PARITY = ["$reduce_xor", "$reduce_xnor"];
const BINARY = ["$add", "$sub", "$mul", "$and", "$or", "$xor", "$xnor", "$logic_and", "$logic_or"];
const COMPARED = ["$eq", "$ne", "$eqx", "$nex", "$lt", "$le", "$gt", "$ge"];
const SHIFTS = ["$shl", "$sshl", "$shr", "$sshr"];

function muxes(): Sample[] {
  const W = width();
  const S = width(3);
  return [
    { type: "$mux", inputs: { A: W, B: W, S: 1 }, outputs: { Y: W }, parameters: { WIDTH: W } },
    {
      type: "$bmux",
      inputs: { A: W << S, S },
      outputs: { Y: W },
      parameters: { WIDTH: W, S_WIDTH: S },
    },
    {
      type: "$demux",
      inputs: { A: W, S },
      outputs: { Y: W << S },
      parameters: { WIDTH: W, S_WIDTH: S },
    },
  ];
}

function adders(): Sample[] {
  const { inputs, outputs, parameters } = binary("$alu");
  const Y = outputs.Y ?? 1;
  const W = width();
  return [
    { type: "$alu", inputs: { ...inputs, BI: 1, CI: 1 }, outputs: { Y, X: Y, CO: Y }, parameters },
    { type: "$lcu", inputs: { P: W, G: W, CI: 1 }, outputs: { CO: W }, parameters: { WIDTH: W } },
    { type: "$fa", inputs: { A: W, B: W, C: W }, outputs: { X: W, Y: W }, parameters: { WIDTH: W } },
  ];
}

const shiftEither = (): Sample[] => [
  binary("$shift", [0, flag()]),
  binary("$shift", [1, flag()]),
  binary("$shiftx", [0, flag()]),
];

const rounds = process.env.ACCEL_DEEP === "1" ? 40 : 6;
const samples: Sample[] = Array.from({ length: rounds }, () => [
  ...[...UNARY, ...PARITY].map(unary),
  ...[...BINARY, ...COMPARED].map((type) => binary(type)),
  ...SHIFTS.map(shift),
  ...shiftEither(),
  ...muxes(),
  ...adders(),
]).flat();

function rtlil({ type, inputs, outputs, parameters }: Sample, index: number): string {
  const ports = [...Object.entries(inputs), ...Object.entries(outputs)];
  return [
    `module \\cell${index}`,
    ...ports.map(
      ([name, bits], i) => `  wire width ${bits} ${name in inputs ? "input" : "output"} ${i + 1} \\${name}`,
    ),
    `  cell ${type} \\dut`,
    ...Object.entries(parameters).map(([name, value]) => `    parameter \\${name} ${value}`),
    ...ports.map(([name]) => `    connect \\${name} \\${name}`),
    "  end",
    "end",
    "",
  ].join("\n");
}

/** Bits of a result that Yosys does not call x: those that a `$shiftx` takes from its word. */
function definedBits({ type, inputs, outputs, parameters }: Sample, values: Record<string, bigint>): bigint {
  const all = (1n << BigInt(outputs.Y ?? 1)) - 1n;
  if (type !== "$shiftx") return all;
  const amount = values.B ?? 0n;
  const by = parameters.B_SIGNED === 1 ? BigInt.asIntN(inputs.B ?? 1, amount) : amount;
  const word = (1n << BigInt(inputs.A ?? 1)) - 1n;
  return (by < 0n ? word << -by : word >> by) & all;
}

describe("word cells", () => {
  let words: Netlist;
  let gates: Netlist;
  beforeAll(async () => {
    const result = await runYosys(
      [
        "read_rtlil cells.il",
        "write_json words.json",
        "bmuxmap",
        "demuxmap",
        "techmap",
        "simplemap",
        "clean",
        "write_json gates.json",
      ],
      { "cells.il": samples.map(rtlil).join("") },
      { cache: null },
    );
    words = parseNetlist(JSON.parse(textFile(result, "words.json")));
    gates = parseNetlist(JSON.parse(textFile(result, "gates.json")));
  }, 120_000);

  it.each([...new Set(samples.map(({ type }) => type))])(
    "%s is what Yosys' technology mapping makes of it",
    (type) => {
      for (const [index, sample] of samples.entries()) {
        if (sample.type !== type) continue;
        const name = `cell${index}`;
        const word = new Interpreter(flatten(circuitOf(words, { top: name })));
        const gate = new Interpreter(flatten(circuitOf(gates, { top: name })));
        for (let round = 0; round < 30; round++) {
          const values: Record<string, bigint> = {};
          for (const [port, bits] of Object.entries(sample.inputs)) {
            const value = randomValue(random, { width: bits, signed: false });
            values[port] = value;
            word.set(port, value);
            gate.set(port, value);
          }
          const outputs = Object.keys(sample.outputs);
          const defined = definedBits(sample, values);
          expect(
            outputs.map((port) => word.get(port) & defined),
            JSON.stringify({ ...sample, values }, (_, value) =>
              typeof value === "bigint" ? `${value}` : value,
            ),
          ).toEqual(outputs.map((port) => gate.get(port) & defined));
        }
      }
    },
  );
});
