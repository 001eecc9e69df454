import { describe, expect, it } from "vitest";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import {
  LEAST_LATENCY,
  type MatrixParameters,
  type MultiplierKind,
  matrixSizes,
} from "../../../hdl/units/matrix/parameters.ts";
import { CHAIN_CYCLES, sparseChain } from "../../../hdl/units/matrix/sparse-chain.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

const FORMATS = [
  formatCircuit(8, { kind: "dense" }),
  formatCircuit(4, { kind: "n:m", n: 2, m: 4 }),
  formatCircuit(4, { kind: "n:16", density: 0.5 }),
];

const parameters = (lanes: number, rowsPerBeat: number, multiplier: MultiplierKind): MatrixParameters => ({
  lanes,
  rowsPerBeat,
  tileBlocks: 2,
  maxTokens: 1,
  outputLanes: 1,
  sources: [{ wordBytes: 1, alignment: 16 }],
  accumulatorBits: 40,
  dotBits: 32,
  latencyCycles: LEAST_LATENCY,
  rowBits: 10,
  columnBits: 6,
  formats: FORMATS,
  multiplier,
});

interface Weight {
  readonly code: number;
  readonly choice: number;
}

function drive(
  simulation: Simulation,
  weights: readonly Weight[],
  activations: readonly number[],
  mode: number,
): void {
  for (const [i, { code, choice }] of weights.entries())
    simulation.drive({ [`weights_${i}_code`]: code, [`weights_${i}_choice`]: choice });
  for (const [i, activation] of activations.entries()) simulation.set(`activations_${i}`, activation);
  simulation.set("mode", mode);
}

describe("the sparse chain's circuit", () => {
  it("adds up the rows of every mode, three cycles later, a beat in every cycle", () => {
    for (const multiplier of ["soft", "mac16"] as const)
      for (const [lanes, rowsPerBeat] of [
        [1, 1],
        [2, 4],
        [4, 1],
        [8, 1],
        [8, 4],
        [32, 16],
      ] as const) {
        const sizes = matrixSizes(parameters(lanes, rowsPerBeat, multiplier));
        const simulation: Simulation = simulate(sparseChain(sizes));
        const random = new Random(lanes + rowsPerBeat);
        const edge = (): number => random.pick([-128, 127, 0, random.below(256) - 128]);
        const expected: (readonly number[])[] = [];
        for (let cycle = 0; cycle < 300; cycle++) {
          const mode = random.below(sizes.modes.length);
          const weights = sizes.laneColumns.map((columns) => ({
            code: edge(),
            choice: random.below(columns.length),
          }));
          const activations = Array.from({ length: sizes.window }, edge);
          drive(simulation, weights, activations, mode);
          const due = expected[cycle - CHAIN_CYCLES];
          const sums = due?.map((_, row) => simulation.get(`sums_${row}`));
          if (due !== undefined) expect(sums, `${multiplier}, ${lanes} lanes, cycle ${cycle}`).toEqual(due);
          const { kept, weights: used, rows } = sizes.modes[mode]!;
          const perRow = Math.min(kept, used);
          const products = weights.map(
            ({ code, choice }, lane) => code * activations[sizes.laneColumns[lane]![choice]!]!,
          );
          expected.push(
            Array.from({ length: sizes.beatRows }, (_, row) =>
              row < rows ? products.slice(row * perRow, (row + 1) * perRow).reduce((a, b) => a + b, 0) : 0,
            ),
          );
          simulation.step();
        }
      }
  });

  it("looks no further than a beat's weights can lie", () => {
    const columnsOf = (lanes: number, formats: MatrixParameters["formats"]) => {
      const { window, laneColumns } = matrixSizes({ ...parameters(lanes, 1, "soft"), formats });
      return { window, choices: laneColumns };
    };
    const [dense, twoOfFour] = FORMATS;
    expect(columnsOf(4, [dense!])).toEqual({ window: 4, choices: [[0], [1], [2], [3]] });
    // Dense weights are dealt out so that each lane's lie where its 2:4 weights do.
    const both = { window: 8, choices: [0, 0, 4, 4].map((first) => [0, 1, 2, 3].map((i) => first + i)) };
    expect(columnsOf(4, [twoOfFour!])).toEqual(both);
    expect(columnsOf(4, [dense!, twoOfFour!])).toEqual(both);
    expect(columnsOf(8, [dense!, twoOfFour!]).choices[2]).toEqual([4, 5, 6, 7, 2, 10]);
  });

  it("holds the largest sum: 16 products of −128 and −128", () => {
    const sizes = matrixSizes(parameters(16, 1, "mac16"));
    const simulation: Simulation = simulate(sparseChain(sizes));
    const dense = sizes.modes.findIndex(({ kept, counted }) => kept === 16 && !counted);
    const lowest = Array.from({ length: 16 }, () => ({ code: -128, choice: 0 }));
    drive(simulation, lowest, new Array<number>(16).fill(-128), dense);
    simulation.step(CHAIN_CYCLES);
    expect(simulation.get("sums_0")).toBe(16 * 128 * 128);
  });
});
