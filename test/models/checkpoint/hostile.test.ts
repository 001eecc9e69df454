/** Damaged and hostile model folders: each must end in one sentence that says what is wrong and where. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../models/checkpoint/checkpoint.ts";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { parseSafetensorsHeader } from "../../../models/checkpoint/safetensors-header.ts";
import { InputError } from "../../../models/errors.ts";
import { writeRandomCheckpoint } from "../../support/checkpoint-writer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { load, refuses, WEIGHTS } from "./damage.ts";

test("the folder that is damaged below is good", () => {
  load(() => {});
  load(() => {}, 3);
});

describe("files", () => {
  test("missing", () => {
    for (const name of ["config.json", "tokenizer.json"]) {
      refuses([`there is no file ${name}`], ({ folder }) => rmSync(join(folder, name)));
    }
    refuses(["neither model.safetensors nor model.safetensors.index.json"], ({ folder }) =>
      rmSync(join(folder, WEIGHTS)),
    );
  });

  test("not a file", () => {
    refuses([WEIGHTS, "not a regular file"], ({ folder }) => {
      rmSync(join(folder, WEIGHTS));
      mkdirSync(join(folder, WEIGHTS));
    });
    refuses(["config.json", "not a regular file"], ({ folder }) => {
      rmSync(join(folder, "config.json"));
      execFileSync("mkfifo", [join(folder, "config.json")]);
    });
  });

  test("a folder that is none", () => {
    expect(() => openCheckpoint("/nowhere/at/all")).toThrow(
      new InputError("/nowhere/at/all is not a folder."),
    );
    for (const name of ["", "llama-huge", "a\0b", "../../etc/passwd"]) {
      expect(() => openModel(name)).toThrow(InputError);
      expect(() => openModel(name)).toThrow("the models that ship are llama-tiny");
    }
  });

  test("links that lead out of the folder", () => {
    refuses([WEIGHTS, "leads out of the model's folder"], ({ folder }) => {
      const elsewhere = join(temporaryFolder(), "weights");
      renameSync(join(folder, WEIGHTS), elsewhere);
      symlinkSync(elsewhere, join(folder, WEIGHTS));
    });
  });

  test("links within the folder, or from a Hugging Face cache's snapshot into its blobs, are fine", () => {
    load(({ folder }) => {
      renameSync(join(folder, WEIGHTS), join(folder, "blob"));
      symlinkSync("blob", join(folder, WEIGHTS));
    });
    const cache = temporaryFolder();
    const snapshot = join(cache, "snapshots", "0123");
    writeRandomCheckpoint(snapshot);
    mkdirSync(join(cache, "blobs"));
    renameSync(join(snapshot, WEIGHTS), join(cache, "blobs", "aa"));
    symlinkSync("../../blobs/aa", join(snapshot, WEIGHTS));
    openCheckpoint(snapshot).close();
  });
});

describe("random damage", () => {
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { format: "pt" },
      a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      b: { dtype: "BF16", shape: [4], data_offsets: [24, 32] },
    }),
  );
  const fileBytes = 8 + header.length + 32;
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...Buffer.from('{}[]":,0123456789eE-.ab\\')),
  );

  test("a header with any bytes changed is read, or refused with an InputError", () => {
    parseSafetensorsHeader(header, fileBytes, "x");
    const edits = fc.array(fc.tuple(fc.nat(header.length - 1), byte), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = Uint8Array.from(header);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const tensors = parseSafetensorsHeader(bytes, fileBytes, "x");
          let total = 0;
          for (const { start, end } of tensors.values()) total += end - start;
          expect(total).toBe(32);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("a header with any number changed is refused, or means the same bytes", () => {
    const numbers = [...header.toString().matchAll(/\d+/g)];
    const hostile = fc.oneof(
      fc.nat(64),
      fc.constantFrom(-1, 0.5, 1e300, 2 ** 32, 2 ** 53, "null", '"1"', "1e999", "{}"),
    );
    fc.assert(
      fc.property(fc.nat(numbers.length - 1), hostile, (which, value) => {
        const { index, 0: old } = numbers[which]!;
        const text = header.toString();
        const changed = Buffer.from(`${text.slice(0, index)}${value}${text.slice(index + old.length)}`);
        try {
          parseSafetensorsHeader(changed, 8 + changed.length + 32, "x");
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("a model folder with any bytes of a file changed loads, or is refused with an InputError", () => {
    const folder = temporaryFolder();
    writeRandomCheckpoint(folder, {
      shapeOverrides: { layers: 1, hiddenSize: 4, intermediateSize: 4, headDim: 2, vocabSize: 512 },
      tokenizer: "llama-tiny",
    });
    const files = ["config.json", WEIGHTS, "tokenizer.json"].map((name) => {
      const path = join(folder, name);
      return { path, good: readFileSync(path) };
    });
    const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), byte), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.constantFrom(...files), edits, ({ path, good }, changes) => {
        const bytes = Buffer.from(good);
        // Half of the damage goes to the first bytes, where lengths and names are.
        changes.forEach(([where, value], i) => {
          bytes[Math.floor(where * (i % 2 === 0 ? Math.min(bytes.length, 900) : bytes.length))] = value;
        });
        writeFileSync(path, bytes);
        try {
          const checkpoint = openCheckpoint(folder);
          try {
            checkpoint.loadWeights();
            checkpoint.tokenizer().encode("Once upon a time");
          } finally {
            checkpoint.close();
          }
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        } finally {
          writeFileSync(path, good);
        }
      }),
      { numRuns: 300 },
    );
  });
});
