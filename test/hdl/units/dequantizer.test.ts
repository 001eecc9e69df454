import { describe, expect, it } from "vitest";
import { packetBytes } from "../../../hdl/formats/format.ts";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { PACKET, slotOf } from "../../../hdl/units/matrix/beat.ts";
import { dequantizer } from "../../../hdl/units/matrix/dequantizer.ts";
import { LEAST_LATENCY, matrixSizes } from "../../../hdl/units/matrix/parameters.ts";
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
    for (const lanes of [8, 2]) unpacksAll(lanes);
  });
});

function unpacksAll(lanes: number): void {
  const formats = WEIGHT_BITS.flatMap((bits) => PATTERNS.map((pattern) => ({ bits, pattern })));
  const sizes = matrixSizes({
    lanes,
    rowsPerBeat: 4,
    tileBlocks: 1,
    maxTokens: 1,
    outputLanes: 1,
    sources: [{ wordBytes: 1, alignment: 16 }],
    accumulatorBits: 40,
    dotBits: 32,
    latencyCycles: LEAST_LATENCY,
    rowBits: 10,
    columnBits: 6,
    formats: formats.map(({ bits, pattern }) => formatCircuit(bits, pattern)),
    multiplier: "soft",
  });
  const simulation: Simulation = simulate(dequantizer(sizes));
  const random = new Random(lanes);
  for (let round = 0; round < 8; round++)
    for (const [number, { bits, pattern }] of formats.entries()) {
      const meaning = sparsityFormat(pattern);
      const counted = pattern.kind === "n:16";
      const kept = counted ? random.pick([2, 4, 8, 16]) : meaning.keptOf(() => true);
      const secondHalf = kept === 16 && random.chance(0.5);
      const scaled = !counted && !secondHalf && random.chance(0.5);
      const scales = Array.from({ length: scaled ? Math.max(1, PACKET / kept) : 0 }, () => random.below(256));
      const limit = 2 ** (bits - 1);
      const codes = Array.from({ length: PACKET }, () =>
        random.pick([-limit, limit - 1, random.below(2 * limit) - limit]),
      );
      const indices = codes.map(() => random.below(2 ** meaning.indexBits));

      // The packet begins where the body does, its scales end there.
      const bytes = new Uint8Array(sizes.prefixBytes + sizes.bodyBytes);
      bytes.set(scales, sizes.prefixBytes - scales.length);
      for (let i = 0; i < PACKET; i++) {
        pack(indices[i]!, i, meaning.indexBits, bytes, sizes.prefixBytes);
        pack(codes[i]!, i, bits, bytes, sizes.prefixBytes + meaning.indexBits);
      }
      expect(packetBytes(sizes.formats[number]!)).toBe(meaning.indexBits + bits);
      for (const [i, byte] of bytes.entries()) simulation.set(`bytes_${i}`, byte);
      const modeNumber = sizes.modes.findIndex((one) => one.kept === kept && one.counted === counted);
      const mode = sizes.modes[modeNumber]!;
      simulation.drive({
        packing_format: number,
        packing_group_ends: scaled || (secondHalf && !counted) ? 1 : 0,
        packing_second_half: secondHalf ? 1 : 0,
        load: 1,
        load_scales: scaled ? 1 : 0,
        mode: modeNumber,
      });
      simulation.step();
      simulation.drive({ load: 0, load_scales: 0 });

      const label = JSON.stringify({ lanes, bits, pattern, kept, secondHalf, scaled });
      const firstSlot = secondHalf ? PACKET : 0;
      const columns = indices.map((index, i) => meaning.columnOf(index, (firstSlot + i) % kept));
      const seen = new Set<number>();
      for (let beat = 0; beat < PACKET / mode.weights; beat++) {
        const row = Math.floor((beat * mode.weights) / kept);
        simulation.drive({ beat, row });
        if (scaled)
          for (let i = 0; i < mode.rows; i++)
            expect(simulation.get(`row_scales_${i}`), label).toBe(scales[row + i]);
        simulation.step();
        for (let lane = 0; lane < mode.weights; lane++) {
          const slot = slotOf(mode, beat, lane);
          seen.add(slot);
          expect(simulation.get(`weights_${lane}_code`), label).toBe(codes[slot]);
          const choice = simulation.get(`weights_${lane}_choice`);
          const sees = sizes.laneColumns[lane]!;
          expect(sees[choice % 2 ** Math.ceil(Math.log2(sees.length))], label).toBe(
            columns[slot]! % sizes.window,
          );
        }
      }
      expect(seen.size, label).toBe(PACKET);
    }
}
