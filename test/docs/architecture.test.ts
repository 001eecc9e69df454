import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bit, instance, type Module, module, register, unsigned } from "../../hdl/builder/index.ts";
import { packageRoot } from "../../models/package-root.ts";
import { costedUnits } from "../../src/verify/unit-costs.ts";
import { allUnits, type Unit, unitTree } from "../../src/verify/units.ts";
import { arrowsOf, pinArrowsOf } from "../bench/architecture/arrows.ts";
import { type Picture, pictureOf, wordsOf } from "../bench/architecture/boxes.ts";
import { shippedDesign } from "../bench/architecture/design.ts";
import { placementOf } from "../bench/architecture/place.ts";
import { alongOf, routesOf } from "../bench/architecture/route.ts";

const docs = (name: string): string => readFileSync(join(packageRoot(), "docs", name), "utf8");

/** Modules that a module is made of, itself included, each once. */
function modulesIn(whole: Module, found = new Set<Module>()): ReadonlySet<Module> {
  if (!found.has(whole)) {
    found.add(whole);
    for (const { of } of whole.instances) if (of.kind === "module") modulesIn(of, found);
  }
  return found;
}

/** What the drawing says, without its styles and its legend. */
const svg = docs("architecture.svg");
const textsIn = (part: string): string[] =>
  Array.from(part.matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text = ""]) => text);

const AGAIN = "the design has changed: npm run architecture";

let unit: Unit;
let picture: Picture;
beforeAll(() => {
  unit = shippedDesign().unit;
  picture = pictureOf(unit);
});

describe("docs/architecture.svg", () => {
  it("names every unit that the design has", () => {
    const texts = textsIn(svg);
    const isNamed = (name: string): boolean =>
      texts.some((text) => text === name || text.endsWith(`× ${name}`) || text.startsWith(`${name} `));
    const names = [...modulesIn(unit.module)].map(({ name }) => wordsOf(name));
    expect(names.length).toBeGreaterThan(30);
    expect(
      names.filter((name) => !isNamed(name)),
      AGAIN,
    ).toEqual([]);
  });

  it("draws the units, and no others", () => {
    const drawn = Array.from(svg.matchAll(/data-place="([^"]*)"/g), ([, place]) => place);
    const there = [...allUnits(unit)].map(({ path }) => path);
    expect(drawn, AGAIN).toEqual(expect.arrayContaining(there));
    const known = (box: Picture["box"]): string[] => [box.place, ...box.boxes.flatMap(known)];
    expect(drawn.sort(), AGAIN).toEqual([picture.box, ...picture.pins].flatMap(known).sort());
  });

  it("draws what feeds what, with as many bits", () => {
    const drawn = Array.from(
      svg.matchAll(/data-from="([^"]*)" data-to="([^"]*)" data-bits="(\d+)"/g),
      ([, from, to, bits]) => `${from} -> ${to}: ${bits}`,
    );
    const there = picture.arrows.map(({ from, to, bits }) => `${from} -> ${to}: ${bits}`);
    expect(drawn.sort(), AGAIN).toEqual(there.sort());
  });

  it("draws no arrow on top of another one, or through a unit", () => {
    const placement = placementOf(picture);
    const routes = routesOf(placement, picture.arrows);
    const netOf = ({ arrow: { kind, from, to } }: (typeof routes)[number]): string =>
      kind === "orders" ? from : `${from} ${to} ${kind}`;
    const steps = new Map<string, string>();
    for (const route of routes) {
      const along = alongOf(route.points);
      for (const [i, b] of along.entries()) {
        const a = along[i - 1];
        if (a === undefined) continue;
        const step = [`${a.x} ${a.y}`, `${b.x} ${b.y}`].sort().join(" - ");
        expect(steps.get(step) ?? netOf(route)).toBe(netOf(route));
        steps.set(step, netOf(route));
        const inside = placement.boxes.filter(
          ({ box, x, y, width, height }) =>
            box.kind !== "frame" && b.x > x && b.x < x + width && b.y > y && b.y < y + height,
        );
        expect(inside).toEqual([]);
      }
    }
    expect(routes.length).toBe(picture.arrows.length);
  });
});

describe("arrows", () => {
  const store = (name: string) =>
    module(
      name,
      {
        inputs: { data: unsigned(8), address: unsigned(4), go: bit, idle: unsigned(3) },
        outputs: { word: unsigned(8) },
      },
      (io) =>
        io.word.set(register("kept", unsigned(8), { enable: io.go.and(io.address.eq(3)), next: io.data })),
    );

  it("follow values through wires, registers and operators, and not what only chooses or says where", () => {
    const [first, second] = [store("first"), store("second")];
    const frame = module(
      "device",
      { inputs: { rx: bit, word: unsigned(6) }, outputs: { tx: bit, y: unsigned(9) } },
      ({ rx, word, tx, y }) => {
        const a = instance("a", first, { data: word.extend(8), address: word.truncate(4), go: rx, idle: 0 });
        const late = register("late", unsigned(8), { next: a.word });
        const b = instance("b", second, {
          data: late.addWrap(1),
          address: a.word.truncate(4),
          go: a.word.eq(7),
          idle: a.word.truncate(3),
        });
        tx.set(rx);
        y.set(b.word.add(1));
      },
    );
    const top = unitTree(frame);
    expect(arrowsOf(top)).toEqual([
      { from: "pin:word", to: "a", bits: 6 },
      { from: "a", to: "b", bits: 8 },
      { from: "b", to: "pin:y", bits: 8 },
    ]);
    expect(pinArrowsOf(top)).toContainEqual({ from: "pin:rx", to: "a", bits: 1 });
  });
});

describe("docs/architecture.md", () => {
  it("has a row for every unit that is synthesised", () => {
    const text = docs("architecture.md");
    const rows = Array.from(
      text.matchAll(/^\| (?:· )*(\w+) \| ([\w.]+) \| [\d,]+ \|/gm),
      ([, unit, path]) => `${unit} ${path}`,
    );
    const there = costedUnits(unit.module).map(({ module: { name }, path }) => `${name} ${path}`);
    expect(rows, "accel area --machine up5k-flash --markdown prints the table").toEqual(there);
  });
});
