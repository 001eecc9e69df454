import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bit, memory, module, register, signed, unsigned, when } from "../../../hdl/builder/index.ts";
import { Run } from "./run.ts";

describe("memories", () => {
  test("read what stood there before the edge, a cycle later", () => {
    const design = module(
      "ram",
      {
        inputs: { address: unsigned(2), data: unsigned(8), write: bit, read: bit },
        outputs: { word: unsigned(8) },
      },
      ({ address, data, write, read, word }) => {
        const words = memory("words", unsigned(8), { depth: 4, initial: [10, 11] });
        when(write, () => words.write(address, data));
        word.set(words.read(address, { enable: read }));
      },
    );
    const run = new Run(design).set({ address: 1, data: 99, write: 1, read: 1 }).step();
    expect(run.get("word")).toBe(11);
    expect(run.set({ write: 0 }).step().get("word")).toBe(99);
    expect(run.set({ address: 0, read: 0 }).step().get("word")).toBe(99);
    expect(run.set({ read: 1 }).step().get("word")).toBe(10);
    expect(run.set({ address: 3 }).step().get("word")).toBe(0);
  });

  test("give a word that must not be used inverted, until they read again", () => {
    const design = module(
      "ram",
      {
        inputs: {
          at: unsigned(2),
          address: unsigned(2),
          data: unsigned(8),
          write: bit,
          mask: unsigned(2),
          read: bit,
        },
        outputs: { word: signed(8) },
      },
      ({ at, address, data, write, mask, read, word }) => {
        const words = memory("words", signed(8), { depth: 3, initial: [10, 11], collisions: "undefined" });
        when(write, () => words.write(at, data.asSigned(), { mask }));
        word.set(words.read(address, { enable: read }));
      },
    );
    const run = new Run(design).set({ at: 1, address: 1, data: 0x21, write: 1, mask: 1, read: 1 }).step();
    expect(run.get("word")).toBe(~11);
    expect(run.set({ write: 0, read: 0 }).step().get("word")).toBe(~11);
    expect(run.set({ read: 1 }).step().get("word")).toBe(1);
    expect(run.set({ write: 1, mask: 3, at: 0 }).step().get("word")).toBe(1);
    expect(run.set({ read: 0, at: 1 }).step().get("word")).toBe(1);
    expect(run.set({ read: 1, write: 0 }).step().get("word")).toBe(0x21);
    expect(run.set({ at: 3, address: 3, write: 1 }).step().get("word")).toBe(-1);
  });

  test("of two writes to a word the later port wins; lanes are written alone", () => {
    const design = module(
      "lanes",
      {
        inputs: { a: unsigned(3), b: unsigned(3), x: unsigned(8), y: unsigned(8), mask: unsigned(4) },
        outputs: { word: unsigned(8) },
      },
      ({ a, b, x, y, mask, word }) => {
        const words = memory("words", unsigned(8), { depth: 5, initial: [] });
        words.write(a, x);
        words.write(b, y, { mask });
        word.set(words.read(b));
      },
    );
    const inputs = { a: fc.nat(7), b: fc.nat(7), x: fc.nat(255), y: fc.nat(255), mask: fc.nat(15) };
    fc.assert(
      fc.property(fc.array(fc.record(inputs), { maxLength: 20 }), (cycles) => {
        const run = new Run(design);
        const words = [0, 0, 0, 0, 0];
        for (const { a, b, x, y, mask } of cycles) {
          run.set({ a, b, x, y, mask }).step();
          const before = words[b] ?? 0;
          expect(run.get("word")).toBe(before);
          if (a < 5) words[a] = x;
          const written = [0, 1, 2, 3].reduce(
            (all, lane) => all | (((mask >> lane) & 1) * (3 << (2 * lane))),
            0,
          );
          if (b < 5) words[b] = ((words[b] ?? 0) & ~written) | (y & written);
          expect(run.interpreter.words("words").map(Number)).toEqual(words);
        }
      }),
    );
  });

  test("hold signed numbers and structs, and begin with them", () => {
    const entry = { key: unsigned(4), value: signed(5) };
    const design = module(
      "structs",
      { inputs: { i: unsigned(1) }, outputs: { key: unsigned(4), value: signed(5), number: signed(6) } },
      ({ i, key, value, number }) => {
        const entries = memory("entries", entry, {
          depth: 2,
          initial: [
            { key: 3, value: -16 },
            { key: 15, value: 15 },
          ],
        });
        const numbers = memory("numbers", signed(6), { depth: 2, initial: [-32, 31] });
        const found = entries.read(i);
        key.set(found.key);
        value.set(found.value);
        number.set(numbers.read(i));
      },
    );
    const run = new Run(design);
    const words = [0, 1].map((i) => {
      run.set({ i }).step();
      return [run.get("key"), run.get("value"), run.get("number")];
    });
    expect(words).toEqual([
      [3, -16, -32],
      [15, 15, 31],
    ]);
  });

  test("read whatever conditions stand around, and have as many ports as they are asked for", () => {
    const design = module(
      "ports",
      { inputs: { go: bit, address: unsigned(1) }, outputs: { y: unsigned(4), z: unsigned(4) } },
      ({ go, address, y, z }) => {
        const words = memory("words", unsigned(4), { depth: 2, initial: [5, 6] });
        const held = register("held", unsigned(4), { initial: 0 });
        when(go, () => held.set(words.read(address)));
        y.set(held);
        z.set(words.read(1, { name: "constant_word" }));
      },
    );
    expect(design.memories[0]!.reads.map(({ name }) => name)).toEqual(["words_data", "constant_word"]);
    const run = new Run(design).set({ go: 0, address: 1 }).step().set({ go: 1 }).step();
    expect([run.get("y"), run.get("z")]).toEqual([6, 6]);
  });
});
