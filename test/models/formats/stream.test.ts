import { describe, expect, it } from "vitest";
import { PACKET, pack, signed, unpack } from "../../../models/formats/packet.ts";
import type { QuantizedMatrix } from "../../../models/formats/quantized-matrix.ts";
import { scaleByte, scaleOf } from "../../../models/formats/scale.ts";
import { decodeHeader, decodeMatrix, encodeMatrix } from "../../../models/formats/stream.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { planFor, planOf } from "../../../src/compile/stream-plan.ts";
import { weightCost } from "../../../src/roofline/formats/cost.ts";
import { FORMATS, randomMatrix } from "../../support/random-model.ts";

function randomCase(seed: number): { matrix: QuantizedMatrix; tileBlocks: number } {
  const random = new Random(seed);
  const format = FORMATS[seed % FORMATS.length]!;
  const matrix = randomMatrix(random, 1 + random.below(90), 1 + random.below(150), format);
  return { matrix, tileBlocks: 1 + random.below(5) };
}

describe("weight streams", () => {
  it("say exactly the matrix that was written, for every format, size and tile", () => {
    for (let seed = 0; seed < 80; seed++) {
      const { matrix, tileBlocks } = randomCase(seed);
      const bytes = encodeMatrix(matrix, 5, tileBlocks);
      const {
        matrix: decoded,
        places,
        bytes: used,
      } = decodeMatrix(bytes, matrix.rows, matrix.cols, tileBlocks);
      expect(used).toBe(bytes.length);
      expect(places).toBe(5);
      expect({ ...decoded, pattern: matrix.pattern }).toEqual(matrix);
      expect(decoded.pattern.kind).toBe(matrix.pattern.kind);
    }
  });

  it("are as long as the plan says, byte by byte of every kind", () => {
    for (let seed = 0; seed < 80; seed++) {
      const { matrix, tileBlocks } = randomCase(seed);
      expect(planOf(matrix, tileBlocks).bytes.total).toBe(encodeMatrix(matrix, 0, tileBlocks).length);
    }
  });

  it("cost what the roofline's closed form says, where sizes are whole groups", () => {
    for (const format of FORMATS) {
      const [rows, cols] = [64, 16 * format.groupSize];
      const { bytes } = planFor(rows, cols, format);
      const cost = weightCost(format);
      const bits = (count: number): number => (8 * count) / (rows * cols);
      expect(bits(bytes.codes)).toBeCloseTo(cost.codes, 2);
      expect(bits(bytes.indices)).toBeCloseTo(cost.indices, 2);
      expect(bits(bytes.scales)).toBeCloseTo(cost.scales, 10);
      expect(bits(bytes.counts)).toBeCloseTo(cost.counts, 10);
    }
  });

  it("refuse bytes that are no header", () => {
    expect(() => decodeHeader(Uint8Array.of(7, 2, 0, 0))).toThrow(RangeError);
    expect(() => decodeHeader(Uint8Array.of(0, 0, 0, 0))).toThrow(RangeError);
  });
});

describe("packets", () => {
  it("hold eight fields of any width", () => {
    for (const bits of [1, 2, 3, 4, 5, 8]) {
      const random = new Random(bits);
      for (let run = 0; run < 50; run++) {
        const fields = Array.from({ length: PACKET }, () => random.below(2 ** bits));
        const bytes = new Uint8Array(bits + 2);
        for (const [slot, field] of fields.entries()) pack(field, slot, bits, bytes, 1);
        expect(fields.map((_, slot) => unpack(bytes, 1, slot, bits))).toEqual(fields);
        expect([bytes[0], bytes[bits + 1]]).toEqual([0, 0]);
      }
    }
  });

  it("codes are two's complement", () => {
    expect([0, 1, 7, 8, 15].map((field) => signed(field, 4))).toEqual([0, 1, 7, -8, -1]);
  });
});

describe("scale bytes", () => {
  it("are the nearest of all 256", () => {
    const all = Array.from({ length: 256 }, (_, byte) => scaleOf(byte));
    const random = new Random(3);
    for (let run = 0; run < 2000; run++) {
      const scale = 2 ** (13 * (random.next() / 2 ** 32)) - 0.9;
      const nearest = Math.min(...all.map((candidate) => Math.abs(candidate - scale)));
      expect(Math.abs(scaleOf(scaleByte(scale)) - scale)).toBeLessThanOrEqual(nearest + 1e-9);
    }
  });
});
