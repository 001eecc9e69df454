import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type Damage, editJson, INDEX, type Model, NORM, refuses } from "./damage.ts";

describe("shards", () => {
  const editIndex =
    (change: (map: Record<string, string>) => unknown): Damage =>
    ({ folder }) => {
      const { weight_map } = JSON.parse(readFileSync(join(folder, INDEX), "utf8"));
      writeFileSync(join(folder, INDEX), JSON.stringify({ weight_map: change(weight_map) }));
    };
  const SECOND = "model-00002-of-00003.safetensors";

  test("paths that lead elsewhere", () => {
    for (const path of ["../x.safetensors", "/etc/passwd", "a/b", "..", ".", "", "a\0", "a\\b", "a\nb"]) {
      refuses(
        ["not a plain file name"],
        editIndex((map) => ({ ...map, [NORM]: path })),
        3,
      );
    }
  });

  test("a link out of the folder", () => {
    const damage = ({ folder }: Model): void => {
      const elsewhere = join(temporaryFolder(), SECOND);
      renameSync(join(folder, SECOND), elsewhere);
      symlinkSync(elsewhere, join(folder, SECOND));
    };
    refuses([SECOND, "leads out of the model's folder"], damage, 3);
  });

  test("that are missing, cut off or exchanged", () => {
    refuses([`there is no file ${SECOND}`], ({ folder }) => rmSync(join(folder, SECOND)), 3);
    refuses([SECOND, "cut off"], ({ folder }) => truncateSync(join(folder, SECOND), 1000), 3);
    refuses(
      ["model.embed_tokens.weight"],
      ({ folder }) => copyFileSync(join(folder, "model-00001-of-00003.safetensors"), join(folder, SECOND)),
      3,
    );
  });

  test("that disagree with the index", () => {
    refuses(
      [`tensor "${NORM}"`, INDEX],
      editIndex(({ [NORM]: _, ...map }) => map),
      3,
    );
    refuses(
      ['tensor "ghost" is not in', INDEX],
      editIndex((map) => ({ ...map, ghost: SECOND })),
      3,
    );
    const moved = editIndex((map) => ({
      ...map,
      [NORM]: map[NORM] === SECOND ? "model-00001-of-00003.safetensors" : SECOND,
    }));
    refuses([`tensor "${NORM}" is here`], moved, 3);
  });

  test("with an index that is damaged", () => {
    refuses([INDEX, "weight_map"], editJson(INDEX, "weight_map", undefined), 3);
    refuses(
      [INDEX, "names no tensor"],
      editIndex(() => ({})),
      3,
    );
    refuses(
      [INDEX, "weight_map"],
      editIndex(() => ({ a: 1 })),
      3,
    );
    refuses(
      [INDEX, "1001 files are too many"],
      editIndex(() => Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, `${i}`]))),
      3,
    );
    refuses(
      [INDEX, "stands twice"],
      ({ folder }) => writeFileSync(join(folder, INDEX), '{"weight_map":{"a":"x","a":"x"}}'),
      3,
    );
  });
});
