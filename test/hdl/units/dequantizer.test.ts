import { describe, expect, it } from "vitest";
import { packetBytes } from "../../../hdl/formats/format.ts";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { dequantizer } from "../../../hdl/units/matrix/dequantizer.ts";
import { matrixSizes, PACKET } from "../../../hdl/units/matrix/parameters.ts";
import { pack } from "../../../models/formats/packet.ts";
import { type Pattern, WEIGHT_BITS } from "../../../models/formats/quantized-matrix.ts";
import { sparsityFormat } from "../../../models/formats/sparsity.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

const PATTERNS: readonly Pattern[] = [
  { kind: "dense" },
  { kind: "n:m", n: 1, m: 2 },
  { kind: "n:m", n: 2, m: 4 },
  { kind: "n:m", n: 4, m: 8 },
  { kind: "n:m", n: 8, m: 16 },
  { kind: "n:m", n: 2, m: 16 },
  { kind: "n:16", density: 0.5 },
];

describe("the dequantizer's circuit", () => {
  it("unpacks codes, columns and scales of every width and pattern as the format's meaning has them", () => {
    const formats = WEIGHT_BITS.flatMap((bits) => PATTERNS.map((pattern) => ({ bits, pattern })));
    const sizes = matrixSizes({
      lanes: 8,
      rowsPerBeat: 4,
      tileBlocks: 1,
      outputLanes: 1,
      sources: [{ wordBytes: 1, alignment: 16 }],
      accumulatorBits: 40,
      dotBits: 32,
      latencyCycles: 6,
      rowBits: 10,
      columnBits: 6,
      formats: formats.map(({ bits, pattern }) => formatCircuit(bits, pattern)),
      multiplier: "soft",
    });
    const simulation: Simulation = simulate(dequantizer(sizes));
    const random = new Random(1);
    for (let round = 0; round < 20; round++)
      for (const [number, { bits, pattern }] of formats.entries()) {
        const meaning = sparsityFormat(pattern);
        const counted = pattern.kind === "n:16";
        const kept = counted ? random.pick([2, 4, 8, 16]) : meaning.keptOf(() => true);
        const secondHalf = kept === 16 && random.chance(0.5);
        const scaled = !counted && !secondHalf && random.chance(0.5);
        const scales = Array.from({ length: scaled ? Math.max(1, PACKET / kept) : 0 }, () =>
          random.below(256),
        );
        const limit = 2 ** (bits - 1);
        const codes = Array.from({ length: PACKET }, () =>
          random.pick([-limit, limit - 1, random.below(2 * limit) - limit]),
        );
        const indices = codes.map(() => random.below(2 ** meaning.indexBits));

        const bytes = new Uint8Array(sizes.groupBytes);
        bytes.set(scales);
        for (let i = 0; i < PACKET; i++) {
          pack(indices[i]!, i, meaning.indexBits, bytes, scales.length);
          pack(codes[i]!, i, bits, bytes, scales.length + meaning.indexBits);
        }
        expect(packetBytes(sizes.formats[number]!)).toBe(meaning.indexBits + bits);
        simulation.drive({
          bytes: bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n),
          format: number,
          load: 1,
          load_scales: scaled ? 1 : 0,
          group_ends: scaled || (secondHalf && !counted) ? 1 : 0,
          second_half: secondHalf ? 1 : 0,
          packets: 1,
        });
        simulation.step();

        const label = JSON.stringify({ bits, pattern, kept, secondHalf, scaled });
        const firstSlot = secondHalf ? PACKET : 0;
        const columns = indices.map((index, i) => meaning.columnOf(index, (firstSlot + i) % kept));
        const read = (name: string): number[] => codes.map((_, i) => simulation.get(`weights_${i}_${name}`));
        expect(read("code"), label).toEqual(codes);
        expect(read("column"), label).toEqual(columns);
        expect(
          scales.map((_, row) => simulation.get(`row_scales_${row}`)),
          label,
        ).toEqual(scales);
      }
  });
});
