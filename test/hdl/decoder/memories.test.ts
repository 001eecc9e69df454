import { describe, expect, it } from "vitest";
import { bit, type Module, module, unsigned } from "../../../hdl/builder/index.ts";
import { codeMemory } from "../../../hdl/decoder/code-memory.ts";
import { piecedMemory, piecesOf } from "../../../hdl/decoder/pieced-memory.ts";
import { wordMemory } from "../../../hdl/decoder/word-memory.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

const simulation = (design: Module, seed: number): Simulation => {
  const sim = simulate(design, { seed }) as unknown as Simulation;
  sim.reset();
  return sim;
};

describe("the decoder's memories", () => {
  it("are made of one or two pieces whose words are powers of two", () => {
    expect([1, 2, 200, 256, 640, 700, 768, 900, 1024].map(piecesOf)).toEqual([
      [2],
      [2],
      [256],
      [256],
      [512, 128],
      [512, 256],
      [512, 256],
      [1024],
      [1024],
    ]);
  });

  it("read what was written, wherever it lies", () => {
    for (const depth of [1, 5, 256, 300, 640, 768, 1024]) {
      const bits = Math.max(1, Math.ceil(Math.log2(depth)));
      const design = module(
        "pieces",
        {
          inputs: {
            write: bit,
            place: unsigned(bits),
            data: unsigned(16),
            mask: unsigned(2),
            address: unsigned(bits),
          },
          outputs: { word: unsigned(16) },
        },
        ({ write, place, data, mask, address, word }) => {
          const words = piecedMemory("words", 16, depth);
          words.write(write, place, data, mask);
          word.set(words.read(address));
        },
      );
      const random = new Random(depth);
      const sim = simulate(design, { seed: depth });
      const words = new Map<number, number>();
      for (let cycle = 0; cycle < 6000; cycle++) {
        const place = random.below(depth);
        const known = words.get(place);
        const mask = known === undefined ? 3 : random.below(4);
        const data = random.below(1 << 16);
        const write = random.chance(0.6);
        const address = random.below(depth);
        const expected = write && address === place ? undefined : words.get(address);
        sim.drive({ write: write ? 1 : 0, place, data, mask, address });
        sim.step();
        if (expected !== undefined) expect(sim.get("word"), `${depth} words, cycle ${cycle}`).toBe(expected);
        const changed = [0, 0xff, 0xff00, 0xffff][mask] ?? 0;
        if (write) words.set(place, ((known ?? 0) & ~changed) | (data & changed));
      }
    }
  });

  it("take the matrix unit's words a cycle late where the vector unit writes", () => {
    for (const [lanes, places] of [
      [1, 640],
      [2, 64],
      [4, 1024],
    ] as const) {
      const random = new Random(lanes);
      const sim = simulation(wordMemory(lanes, places), lanes);
      const words = new Map<number, number>();
      /** What the matrix unit shows, and whether it was new in the cycle before. */
      let [shown, wasNew, vectorWrote] = [{ place: 0, values: [0] }, false, false];
      for (let cycle = 0; cycle < 4000; cycle++) {
        const isNew = !wasNew && random.chance(0.5);
        const values = (): number[] => Array.from({ length: lanes }, () => random.below(2 ** 31) - 2 ** 30);
        if (isNew) shown = { place: random.below(places - lanes + 1), values: values() };
        const vector = {
          writes: !vectorWrote && random.chance(0.5),
          place: random.below(places - lanes + 1),
          values: values(),
        };
        const address = random.below(places - lanes + 1);
        sim.drive({ read_address: address, from_vector_place: vector.place, from_matrix_place: shown.place });
        for (let lane = 0; lane < lanes; lane++)
          sim.drive({
            [`from_vector_valid_${lane}`]: vector.writes ? 1 : 0,
            [`from_vector_values_${lane}`]: vector.values[lane] ?? 0,
            [`from_matrix_valid_${lane}`]: isNew ? 1 : 0,
            [`from_matrix_values_${lane}`]: shown.values[lane] ?? 0,
          });
        const late = wasNew && vectorWrote;
        const written = vector.writes ? vector : isNew || late ? shown : null;
        const before = Array.from({ length: lanes }, (_, lane) => words.get(address + lane));
        sim.step();
        for (const [lane, value] of written?.values.entries() ?? [])
          words.set((written?.place ?? 0) + lane, value);
        const touched = (at: number): boolean =>
          written !== null && at >= written.place && at < written.place + lanes;
        for (const [lane, value] of before.entries())
          if (value !== undefined && !touched(address + lane))
            expect(sim.get(`words_${lane}`), `${lanes} lanes, cycle ${cycle}`).toBe(value);
        [wasNew, vectorWrote] = [isNew, vector.writes];
      }
    }
  });

  it("give codes in groups of any size", () => {
    for (const [lanes, matrixCodes, storedCodes] of [
      [1, 4, 4],
      [1, 8, 1],
      [2, 16, 2],
      [16, 4, 8],
    ] as const) {
      const bytes = 256;
      const random = new Random(matrixCodes + lanes);
      const sim = simulation(codeMemory({ lanes, bytes, matrixCodes, storedCodes }), 1);
      const codes = new Map<number, number>();
      for (let cycle = 0; cycle < 3000; cycle++) {
        const place = lanes * random.below(bytes / lanes);
        const values = Array.from({ length: lanes }, () => random.below(256) - 128);
        const valid = values.map(() => random.chance(0.4));
        const groups = {
          matrix: random.below(bytes / matrixCodes),
          stored: random.below(bytes / storedCodes),
        };
        const readers = [
          ["matrix", matrixCodes],
          ["stored", storedCodes],
        ] as const;
        sim.drive({ place, matrix_reads: 1, matrix_group: groups.matrix, stored_group: groups.stored });
        for (const [lane, value] of values.entries())
          sim.drive({ [`values_${lane}`]: value, [`valid_${lane}`]: valid[lane] === true ? 1 : 0 });
        const before = new Map(codes);
        sim.step();
        for (const [lane, value] of values.entries())
          if (valid[lane] === true) codes.set(place + lane, value);
        for (const [name, count] of readers) {
          const inWord = Math.max(lanes, count);
          const first = groups[name] * count;
          // A word that was written in that cycle is not to be used.
          if (valid.some((one) => one) && Math.floor(place / inWord) === Math.floor(first / inWord)) continue;
          for (let i = 0; i < count; i++) {
            const expected = before.get(first + i);
            if (expected !== undefined)
              expect(sim.get(`${name}_codes_${i}`), `${lanes} lanes, cycle ${cycle}`).toBe(expected);
          }
        }
      }
    }
  });
});
