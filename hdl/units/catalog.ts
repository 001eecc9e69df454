import type { Pattern, WeightBits } from "../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../models/formats/stream.ts";
import type { Module } from "../builder/graph.ts";
import { formatCircuit, type NamedFormat } from "../formats/library.ts";
import { dequantizer } from "./matrix/dequantizer.ts";
import { matrixUnit } from "./matrix/matrix-unit.ts";
import {
  LEAST_LATENCY,
  type MatrixParameters,
  type MultiplierKind,
  matrixSizes,
} from "./matrix/parameters.ts";
import { rowSums } from "./matrix/row-sums.ts";
import { sparseChain } from "./matrix/sparse-chain.ts";
import { streamReader } from "./stream-reader.ts";

/** A unit with its parameters set, to be synthesised on its own. */
export interface CatalogUnit {
  readonly unit: string;
  /** What it is built for, in words. */
  readonly variant: string;
  readonly module: Module;
}

const DENSE: Pattern = { kind: "dense" };
const TWO_OF_FOUR: Pattern = { kind: "n:m", n: 2, m: 4 };
const N_OF_16: Pattern = { kind: "n:16", density: 0.5 };

/** The matrix unit of a small part: a byte at a time comes in, a word goes out. */
const SMALL: MatrixParameters = {
  lanes: 8,
  rowsPerBeat: 1,
  tileBlocks: 1,
  maxTokens: 1,
  outputLanes: 1,
  sources: [{ wordBytes: 1, alignment: 16 }],
  accumulatorBits: 40,
  dotBits: 24,
  latencyCycles: LEAST_LATENCY,
  rowBits: 10,
  columnBits: 6,
  formats: [formatCircuit(4, TWO_OF_FOUR)],
  multiplier: "mac16",
};

/** Units in the forms that show what each format and each lane costs. */
export function unitCatalog(): readonly CatalogUnit[] {
  return [...chains(), ...dequantizers(), ...others()];
}

const sizesWith = (change: Partial<MatrixParameters>) => matrixSizes({ ...SMALL, ...change });

function chains(): CatalogUnit[] {
  const patterns: readonly (readonly [string, readonly NamedFormat[]])[] = [
    ["dense", [formatCircuit(8, DENSE)]],
    ["2:4", [formatCircuit(4, TWO_OF_FOUR)]],
    ["n:16", [formatCircuit(4, N_OF_16)]],
    [
      "dense, 2:4 and n:16",
      [formatCircuit(8, DENSE), formatCircuit(4, TWO_OF_FOUR), formatCircuit(4, N_OF_16)],
    ],
  ];
  const multipliers: readonly MultiplierKind[] = ["mac16", "soft"];
  const how = { mac16: "two products in an SB_MAC16", soft: "products in logic" };
  const chain = (
    lanes: number,
    name: string,
    formats: readonly NamedFormat[],
    multiplier: MultiplierKind,
  ): CatalogUnit => ({
    unit: "sparse_chain",
    variant: `${lanes} lanes, ${name}, ${how[multiplier]}`,
    module: sparseChain(sizesWith({ lanes, rowsPerBeat: Math.max(1, lanes / 8), formats, multiplier })),
  });
  return [
    ...patterns.flatMap(([name, formats]) =>
      multipliers.map((multiplier) => chain(8, name, formats, multiplier)),
    ),
    ...[2, 4].map((lanes) => chain(lanes, "2:4", [formatCircuit(4, TWO_OF_FOUR)], "mac16")),
  ];
}

function dequantizers(): CatalogUnit[] {
  const widths: readonly WeightBits[] = [2, 3, 4, 5, 8];
  const formats: readonly (readonly [string, readonly NamedFormat[]])[] = [
    ...widths.map((bits) => [`dense of ${bits} bits`, [formatCircuit(bits, DENSE)]] as const),
    ["2:4 of 4 bits", [formatCircuit(4, TWO_OF_FOUR)]],
    ["n:16 of 4 bits", [formatCircuit(4, N_OF_16)]],
    ["dense of 2, 3, 4, 5 and 8 bits", widths.map((bits) => formatCircuit(bits, DENSE))],
    [
      "dense of 4 and 8, 2:4 of 4 and n:16 of 4 bits",
      [
        formatCircuit(4, DENSE),
        formatCircuit(8, DENSE),
        formatCircuit(4, TWO_OF_FOUR),
        formatCircuit(4, N_OF_16),
      ],
    ],
  ];
  return formats.map(([name, list]) => ({
    unit: "dequantizer",
    variant: `8 lanes, ${name}`,
    module: dequantizer(sizesWith({ formats: list })),
  }));
}

function others(): CatalogUnit[] {
  const reader = (wordBytes: number, unit: number, what: string): CatalogUnit => ({
    unit: "stream_reader",
    variant: `words of ${wordBytes === 1 ? "a byte" : `${wordBytes} bytes`}, packets of ${what}`,
    module: streamReader({
      sources: [{ wordBytes, alignment: 16, unit }],
      prefixBytes: unit === 1 ? 1 : 0,
      bodyBytes: unit === 1 ? 6 : 8,
      openingBytes: HEADER_BYTES,
      bodies: unit === 1 ? [HEADER_BYTES, 6] : [8],
    }),
  });
  const sums = (rowsPerBeat: number): CatalogUnit => ({
    unit: "row_sums",
    variant: `tiles of 16 rows, ${rowsPerBeat} a cycle`,
    module: rowSums(sizesWith({ rowsPerBeat, lanes: 8 * rowsPerBeat })),
  });
  const whole = (lanes: number, name: string, formats: readonly NamedFormat[]): CatalogUnit => ({
    unit: "matrix_unit",
    variant: `${lanes} lanes, ${name}`,
    module: matrixUnit({ ...SMALL, lanes, formats }),
  });
  const kept = [formatCircuit(8, DENSE), formatCircuit(4, TWO_OF_FOUR)];
  return [
    reader(1, 1, "6 with a scale"),
    reader(8, 1, "6 with a scale"),
    reader(4, 4, "8"),
    sums(1),
    sums(2),
    whole(2, "dense of 8 and 2:4 of 4 bits", kept),
    whole(8, "dense of 8 and 2:4 of 4 bits", kept),
  ];
}
