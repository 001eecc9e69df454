import type { Memory, Module } from "../../../hdl/builder/graph.ts";
import { allUnits, isFrame, type Unit } from "../../../src/verify/units.ts";
import { type Arrow, arrowsOf, memoryPath, type Place, pinArrowsOf } from "./arrows.ts";

/** Something inside a box that is named but not drawn on its own. */
export interface Inner {
  readonly text: string;
  readonly kind: "unit" | "memory" | "cell";
}

export interface Box {
  readonly place: Place;
  readonly kind: "frame" | "unit" | "memory" | "pin";
  readonly title: string;
  readonly description: string;
  readonly inner: readonly Inner[];
  readonly boxes: readonly Box[];
}

/** Data, or what says what is done with them. */
export type ArrowKind = "data" | "orders" | "pins";

export interface DrawnArrow extends Arrow {
  readonly kind: ArrowKind;
}

export interface Picture {
  readonly box: Box;
  readonly pins: readonly Box[];
  readonly arrows: readonly DrawnArrow[];
}

/** Modules whose values are orders to other units. */
const GIVES_ORDERS: ReadonlySet<string> = new Set([
  "programmed_sequencer",
  "group_sequencer",
  "beat_sequencer",
  "host_link",
  "passes",
  "sequence",
]);

/** A design as boxes and arrows. */
export function pictureOf(top: Unit): Picture {
  const giving = new Map<Place, boolean>();
  const note = (unit: Unit): void => {
    giving.set(unit.path, GIVES_ORDERS.has(unit.module.name));
    for (const memory of unit.module.memories)
      giving.set(memoryPath(unit, memory), GIVES_ORDERS.has(memory.name));
    unit.parts.forEach(note);
  };
  note(top);
  const pinArrows = pinArrowsOf(top).map((arrow) => ({ ...arrow, kind: "pins" as const }));
  const pins = new Set(
    pinArrows.flatMap(({ from, to }) => [from, to]).filter((place) => place.startsWith("pin:")),
  );
  return {
    box: boxOf(top),
    pins: [...pins].map((place) => ({
      place,
      kind: "pin",
      title: wordsOf(place.slice("pin:".length)),
      description: "",
      inner: [],
      boxes: [],
    })),
    arrows: [
      ...bundled(
        arrowsOf(top).map((arrow) => ({
          ...arrow,
          kind: giving.get(arrow.from) === true ? ("orders" as const) : ("data" as const),
        })),
        [...allUnits(top)].filter((unit) => unit.parts.length > 0 && !isFrame(unit)),
      ),
      ...pinArrows,
    ],
  };
}

/** A name of the design in words. */
export const wordsOf = (name: string): string => name.replaceAll("_", " ");

function boxOf(unit: Unit): Box {
  const { module, parts, path } = unit;
  const open = parts.length > 0;
  return {
    place: path,
    kind: open ? "frame" : isMemory(module) ? "memory" : "unit",
    title: wordsOf(module.name),
    description: (module.description ?? "").replace(/\.$/, ""),
    inner: open ? [] : innerOf(module),
    boxes: open ? [...parts.map(boxOf), ...module.memories.map((memory) => memoryBox(unit, memory))] : [],
  };
}

const memoryBox = (unit: Unit, memory: Memory): Box => ({
  place: memoryPath(unit, memory),
  kind: "memory",
  title: wordsOf(memory.name),
  description: "",
  inner: [{ text: sizeOf(memory), kind: "memory" }],
  boxes: [],
});

const LARGE_MEMORY = "SB_SPRAM256KA";

/** Words, and no other unit than cells that hold words. */
function isMemory({ instances, memories }: Module): boolean {
  const cells = instances.map(({ of }) => of);
  return memories.length + cells.length > 0 && cells.every(({ name }) => name === LARGE_MEMORY);
}

const sizeOf = ({ depth, type }: Memory): string => `${depth} × ${type.width}`;

/** Modules, cells and memories in a module, those of one kind together. */
function innerOf(module: Module): Inner[] {
  const units: Module[] = [];
  const cells: string[] = [];
  const walk = ({ instances }: Module): void => {
    for (const { of } of instances) {
      if (of.kind === "primitive") cells.push(of.name);
      else {
        units.push(of);
        if (!isMemory(of)) walk(of);
      }
    }
  };
  walk(module);
  return [
    ...counted(units.filter((unit) => !isMemory(unit)).map(({ name }) => wordsOf(name))).map(inner("unit")),
    ...counted(units.filter(isMemory).map((unit) => `${wordsOf(unit.name)} ${contentsOf(unit)}`)).map(
      inner("memory"),
    ),
    ...counted(module.memories.map(sizeOf)).map(inner("memory")),
    ...counted(cells).map(inner("cell")),
  ];
}

const inner =
  (kind: Inner["kind"]) =>
  (text: string): Inner => ({ text, kind });

const contentsOf = ({ memories, instances }: Module): string =>
  counted([...memories.map(sizeOf), ...instances.map(({ of }) => of.name)]).join(", ");

/** Equal texts once, with their number in front. */
function counted(texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => {
    const count = texts.filter((other) => other === text).length;
    return count === 1 ? text : `${count} × ${/×/.test(text) ? `(${text})` : text}`;
  });
}

/** Orders from outside go to a unit as a whole, not to its parts. */
function bundled(arrows: readonly DrawnArrow[], units: readonly Unit[]): DrawnArrow[] {
  const all = new Map<string, DrawnArrow>();
  for (const arrow of arrows) {
    const whole = units.find(
      ({ path }) => arrow.to.startsWith(`${path}.`) && !arrow.from.startsWith(`${path}.`),
    );
    const to = arrow.kind === "orders" && whole !== undefined ? whole.path : arrow.to;
    const key = `${arrow.from} ${to}`;
    all.set(key, { ...arrow, to, bits: (all.get(key)?.bits ?? 0) + arrow.bits });
  }
  return [...all.values()];
}
