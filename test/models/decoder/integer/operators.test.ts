import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, residual } from "../../../../models/decoder/integer/add.ts";
import { peakOf } from "../../../../models/decoder/integer/arithmetic.ts";
import { accumulatorBound, IntegerMatrix } from "../../../../models/decoder/integer/linear.ts";
import { dyadic, inverseRms, norm, normConstants } from "../../../../models/decoder/integer/norm.ts";
import { quantize } from "../../../../models/decoder/integer/quantize.ts";
import { rotaryRow, rotate } from "../../../../models/decoder/integer/rope.ts";
import { argmax, sample, xorshift32 } from "../../../../models/decoder/integer/sample.ts";
import { siluTimes } from "../../../../models/decoder/integer/silu.ts";
import { scale, softmax } from "../../../../models/decoder/integer/softmax.ts";
import type { WordVector } from "../../../../models/decoder/integer/vector.ts";
import { scaleOf } from "../../../../models/formats/scale.ts";
import { Random } from "../../../../models/llama-tiny/corpus.ts";
import { FORMATS, randomMatrix } from "../../../support/random-model.ts";

const words = (bits: number, length = 24) =>
  fc
    .array(
      fc.oneof(
        fc.integer({ min: -(2 ** bits) + 1, max: 2 ** bits - 1 }),
        fc.constantFrom(0, 2 ** bits - 1, 1 - 2 ** bits),
      ),
      {
        minLength: length,
        maxLength: length,
      },
    )
    .map((values) => Int32Array.from(values));
const exponents = fc.integer({ min: -40, max: 20 });
const vector = (bits: number, length?: number) =>
  fc
    .record({ words: words(bits, length), exponent: exponents })
    .map((v): WordVector => ({ ...v, peak: peakOf(v.words) }));
const real = ({ words: mantissas, exponent }: Pick<WordVector, "words" | "exponent">): number[] =>
  Array.from(mantissas, (m) => m * 2 ** exponent);
const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs), 0);

describe("norm", () => {
  it("is RMSNorm to within rounding, for every size of residual and epsilon", () => {
    fc.assert(
      fc.property(
        words(15),
        exponents,
        fc.constantFrom(1e-5, 1e-6, 1e-12, 0),
        (mantissas, exponent, epsilon) => {
          const x = residual(mantissas, exponent);
          const values = real(x);
          const meanSquare = values.reduce((sum, v) => sum + v * v, 0) / values.length + epsilon;
          const codes = new Int8Array(values.length);
          const result = norm(x, normConstants(values.length, epsilon), codes);
          if (meanSquare === 0) {
            expect(Array.from(codes).every((code) => code === 0)).toBe(true);
            return;
          }
          const step = 2 ** result.exponent;
          for (const [i, v] of values.entries()) {
            const exact = v / Math.sqrt(meanSquare);
            // Half a step of rounding, a whole one where +127.5 saturates; 2e-4 is the root's own error.
            expect(Math.abs(codes[i]! * step - exact)).toBeLessThanOrEqual(
              step * 1.01 + 2e-4 * Math.abs(exact),
            );
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("inverse root is exact to 2e-4 from the smallest to the largest sum", () => {
    for (const value of [1, 2, 3, 32767, 2 ** 20, 2 ** 30 * 4096]) {
      const x = { words: new Int32Array(1), exponent: -7, peak: 1, sumOfSquares: value };
      const { mantissa, exponent } = inverseRms(x, normConstants(64, 1e-5));
      const exact = 1 / Math.sqrt((value * 2 ** -14) / 64 + 1e-5);
      expect(Math.abs((mantissa * 2 ** exponent) / exact - 1)).toBeLessThan(2e-4);
    }
  });

  it("dyadic keeps sixteen bits of any constant", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (value) => {
        const { mantissa, exponent } = dyadic(value);
        expect(mantissa >= 2 ** 15 && mantissa < 2 ** 16).toBe(true);
        expect(Math.abs((mantissa * 2 ** exponent) / value - 1)).toBeLessThanOrEqual(2 ** -16);
      }),
    );
  });
});

describe("quantize", () => {
  it("is off by half a step at most, by one where it saturates, and uses all bits", () => {
    fc.assert(
      fc.property(
        fc.array(vector(30, 8), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(4, 8),
        (segments, bits) => {
          const codes = new Int8Array(8 * segments.length);
          const exponent = quantize(segments, bits, codes);
          const exact = segments.flatMap(real);
          const step = 2 ** exponent;
          for (const [i, value] of exact.entries()) {
            const slack = codes[i] === 2 ** (bits - 1) - 1 ? 1 : 0.5;
            expect(Math.abs(codes[i]! * step - value)).toBeLessThanOrEqual(slack * step);
          }
          if (largest(exact) > 0 && exponent > -128)
            expect(largest(exact)).toBeGreaterThanOrEqual(step * 2 ** (bits - 2));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("holds its exponent inside int8, and saturates what is beyond", () => {
    const codes = new Int8Array(2);
    const huge = { words: Int32Array.of(2 ** 29, -5), exponent: 200, peak: 2 ** 29 };
    expect(quantize([huge], 8, codes)).toBe(127);
    expect(Array.from(codes)).toEqual([127, -128]);
    const tiny = { words: Int32Array.of(100, -100), exponent: -300, peak: 100 };
    expect(quantize([tiny], 8, codes)).toBe(-128);
    expect(Array.from(codes)).toEqual([0, 0]);
  });

  it("a zero vector among others does not decide the exponent", () => {
    const zero = { words: new Int32Array(2), exponent: 100, peak: 0 };
    const some = { words: Int32Array.of(100, -3), exponent: -5, peak: 100 };
    const codes = new Int8Array(4);
    expect(quantize([zero, some], 8, codes)).toBe(-5);
    expect(Array.from(codes)).toEqual([0, 0, 100, -3]);
  });
});

describe("add", () => {
  it("adds to within a step of the result's exponent, and keeps peak and squares", () => {
    fc.assert(
      fc.property(vector(15), vector(30), (x, y) => {
        const sum = add(residual(x.words, x.exponent), y, new Int32Array(x.words.length));
        const [a, b] = [real(x), real(y)];
        for (const [i, value] of real(sum).entries()) {
          expect(Math.abs(value - (a[i]! + b[i]!))).toBeLessThanOrEqual(2 ** sum.exponent);
        }
        expect(sum.peak).toBe(peakOf(sum.words));
        expect(sum.peak).toBeLessThan(2 ** 15);
        expect(sum.sumOfSquares).toBe(sum.words.reduce((s, w) => s + w * w, 0));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("rotate", () => {
  it("turns by the position's angles", () => {
    fc.assert(
      fc.property(vector(30, 16), fc.integer({ min: 0, max: 5000 }), (x, position) => {
        const frequencies = Float64Array.from({ length: 8 }, (_, i) => 10000 ** (-i / 8));
        const turned = real(rotate(x, 0, rotaryRow(frequencies, position), new Int32Array(16)));
        const values = real(x);
        const peak = largest(values);
        for (let i = 0; i < 8; i++) {
          const angle = position * frequencies[i]!;
          const exact = values[i]! * Math.cos(angle) - values[i + 8]! * Math.sin(angle);
          expect(Math.abs(turned[i]! - exact)).toBeLessThanOrEqual(2.5e-4 * peak);
        }
      }),
    );
  });
});

describe("softmax", () => {
  const cases = fc.integer({ min: 1, max: 40 }).chain((tokens) =>
    fc.record({
      scores: words(18, tokens),
      exponent: fc.integer({ min: -30, max: -8 }),
      keyExponents: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: tokens, maxLength: tokens }),
      valueExponents: fc.array(fc.integer({ min: -12, max: -8 }), { minLength: tokens, maxLength: tokens }),
    }),
  );

  it("weights every value as a softmax in base 2 does", () => {
    fc.assert(
      fc.property(cases, ({ scores, exponent, keyExponents, valueExponents }) => {
        const [keys, values] = [Int8Array.from(keyExponents), Int8Array.from(valueExponents)];
        const {
          codes,
          exponent: out,
          inverseSum,
        } = softmax(scores, exponent, keys, values, new Int8Array(scores.length));
        const logits = Array.from(scores, (s, t) => s * 2 ** (exponent + keys[t]!));
        const top = Math.max(...logits);
        const exact = logits.map((z) => 2 ** (z - top));
        const sum = exact.reduce((a, b) => a + b, 0);
        const step = 2 ** out;
        for (const [t, weight] of exact.entries()) {
          const wanted = weight * 2 ** values[t]!;
          // Rounding of the code, plus the table's and the fixed point's error.
          expect(Math.abs(codes[t]! * step - wanted)).toBeLessThanOrEqual(step + 2e-4 * 2 ** values[t]!);
        }
        const inverse = inverseSum.mantissa * 2 ** inverseSum.exponent;
        expect(Math.abs(inverse * sum - 1)).toBeLessThan(2e-3);
      }),
      { numRuns: 1000 },
    );
  });

  it("survives scores at the ends of every range", () => {
    for (const [score, exponent] of [
      [2 ** 29, 20],
      [-(2 ** 29), 20],
      [1, -128],
      [0, 0],
    ] as const) {
      const codes = new Int8Array(3);
      const weights = softmax(
        Int32Array.of(score, 0, -score),
        exponent,
        new Int8Array(3),
        new Int8Array(3),
        codes,
      );
      expect(weights.inverseSum.mantissa).toBeGreaterThan(0);
      expect(Math.max(...codes)).toBeGreaterThanOrEqual(64);
    }
  });

  it("scale divides by the sum", () => {
    fc.assert(
      fc.property(
        vector(23, 16),
        fc.integer({ min: 2 ** 14, max: 2 ** 15 }),
        fc.integer({ min: -30, max: 0 }),
        (x, mantissa, exponent) => {
          const made = real(scale(x, { mantissa, exponent }, new Int32Array(16)));
          const values = real(x);
          for (const [i, value] of made.entries()) {
            const factor = mantissa * 2 ** exponent;
            expect(Math.abs(value - values[i]! * factor)).toBeLessThanOrEqual(
              2 ** -14 * largest(values) * factor,
            );
          }
        },
      ),
    );
  });
});

describe("silu", () => {
  it("is gate · sigmoid(gate) · up to 4e-4 of the largest product of peaks", () => {
    fc.assert(
      fc.property(vector(28, 16), vector(28, 16), (gate, up) => {
        const made = real(siluTimes(gate, up, new Int32Array(16)));
        const [g, u] = [real(gate), real(up)];
        const bound = 4e-4 * largest(g) * largest(u);
        for (const [i, value] of made.entries()) {
          const exact = (g[i]! / (1 + Math.exp(-g[i]!))) * u[i]!;
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("linear", () => {
  it("equals exact arithmetic for every format, at any size", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const [rows, cols, tokens] = [1 + random.below(40), 1 + random.below(150), 1 + random.below(5)];
      const matrix = randomMatrix(random, rows, cols, random.pick(FORMATS));
      const activations = Int8Array.from({ length: tokens * cols }, () =>
        random.pick([-128, 127, random.below(256) - 128]),
      );
      const unit = new IntegerMatrix(matrix);
      const made = unit.times(activations, tokens);
      const groups = Math.ceil(cols / matrix.groupSize);
      for (let i = 0; i < made.length; i++) {
        const [token, row] = [Math.floor(i / rows), i % rows];
        let sum = 0n;
        for (let col = 0; col < cols; col++) {
          const weight =
            matrix.codes[row * cols + col]! *
            scaleOf(matrix.scales[row * groups + Math.floor(col / matrix.groupSize)]!);
          sum += BigInt(weight) * BigInt(activations[token * cols + col]!);
        }
        const half = unit.places === 0 ? 0n : 1n << BigInt(unit.places - 1);
        expect(BigInt(made[i]!)).toBe((sum + half) >> BigInt(unit.places));
        expect(sum <= BigInt(accumulatorBound(matrix))).toBe(true);
        expect(Math.abs(made[i]!)).toBeLessThanOrEqual(2 ** 30);
      }
    }
  });
});

describe("sample", () => {
  it("argmax takes the first of equals", () => {
    expect(argmax(Int32Array.of(-3, 7, 7, 2))).toBe(1);
  });

  it("takes the largest at a low temperature, however large the logits are", () => {
    for (const exponent of [-10, 0, 6]) {
      const logits = { words: Int32Array.of(19_000, 20_000, -20_000), exponent, peak: 20_000 };
      for (let state = 1; state < 60; state++)
        expect(sample(logits, dyadic(Math.LOG2E / 0.01), xorshift32(state * 77_777))).toBe(1);
    }
  });

  it("draws as often as the distribution says", () => {
    const logits = { words: Int32Array.of(0, 1024, 2048, -4096), exponent: -10, peak: 4096 };
    const exact = [0, 1, 2, -4].map((l) => Math.exp(l / 0.8));
    const sum = exact.reduce((a, b) => a + b, 0);
    const counts = [0, 0, 0, 0];
    let state = 1;
    const draws = 40_000;
    for (let i = 0; i < draws; i++) {
      state = xorshift32(state);
      counts[sample(logits, dyadic(Math.LOG2E / 0.8), state)]!++;
    }
    for (const [i, count] of counts.entries())
      expect(Math.abs(count / draws - exact[i]! / sum)).toBeLessThan(0.012);
  });
});
