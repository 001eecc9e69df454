import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import {
  circuitOf,
  type Netlist,
  type NetlistModule,
  parseNetlist,
  readBitstream,
  topOf,
  unpackPlaced,
} from "../../../hdl/netlist/index.ts";
import { ICE40_LIBRARY } from "../../../hdl/primitives/ice40/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { pack, unpack } from "../../../src/flow/icepack.ts";
import { placeAndRoute } from "../../../src/flow/nextpnr.ts";
import { synthesizeIce40 } from "../../../src/flow/synthesize.ts";
import { closeTools } from "../../../src/flow/tool.ts";
import { chipDatabase } from "../../../src/verify/rungs/bitstream.ts";
import { randomCircuit } from "../../support/random-circuit.ts";
import { firstDifference, isDetermined } from "./compare.ts";
import { union } from "./union.ts";

afterAll(closeTools);
const deep = process.env.ACCEL_DEEP === "1";
const PART = { device: "hx8k", package: "ct256" } as const;
/** Of the package, with some to spare. */
const PINS = 190;
const database = chipDatabase("8k");

const pinsOf = ({ inputs, outputs }: Module): number =>
  [...inputs, ...outputs].reduce((sum, { type }) => sum + type.width, 0);

function* circuits(): Generator<readonly [string, Module], never> {
  for (let seed = 5000; ; seed++) {
    const circuit = randomCircuit(seed, {
      nodes: 8,
      maxWidth: 12,
      twoDomains: seed % 3 === 0,
      collisions: false,
    });
    if (isDetermined(circuit) && pinsOf(circuit) < PINS) yield [`c${seed}`, circuit];
  }
}

/** As many circuits as there are pins for. */
const source = circuits();
const batches = Array.from({ length: deep ? 12 : 1 }, (_, batch) => {
  const some: (readonly [string, Module])[] = [];
  for (let pins = 0; ; ) {
    const [name, circuit] = source.next().value;
    pins += pinsOf(circuit);
    if (pins > PINS && some.length > 0) return { batch, count: some.length, module: union(new Map(some)) };
    some.push([name, circuit]);
  }
});

/** Where nextpnr put each port: the pins of the package by IceStorm's database. */
function pinsByPort(placed: NetlistModule, chip: string): Map<string, string> {
  const table =
    new RegExp(`^\\.pins ${PART.package}\\n((?:\\S+ \\d+ \\d+ \\d+\\n)+)`, "m").exec(chip)?.[1] ?? "";
  const pinOf = new Map(
    table
      .trim()
      .split("\n")
      .map((line) => [line.replace(/^\S+ /, ""), line.replace(/ .*/, "")]),
  );
  const places = new Map(
    Object.values(placed.cells).map(({ connections, attributes }) => [
      connections.PACKAGE_PIN?.[0],
      String((attributes as Record<string, unknown>)?.NEXTPNR_BEL).replace(
        /X(\d+)\/Y(\d+)\/io(\d)/,
        "$1 $2 $3",
      ),
    ]),
  );
  return new Map(
    Object.entries(placed.ports).flatMap(([name, { bits }]) =>
      bits.flatMap((bit, i): [string, string][] => {
        const pin = pinOf.get(places.get(bit) ?? "");
        return pin === undefined ? [] : [[bits.length === 1 ? name : `${name}[${i}]`, pin]];
      }),
    ),
  );
}

describe.each(batches)("$count random circuits, placed ($batch)", ({ module, batch }) => {
  let asc: string;
  let placed: Netlist;
  beforeAll(async () => {
    const { text, tops, data } = writeVerilog(module, { inlineWords: 2 ** 20 });
    expect(data).toEqual([]);
    const none = { cache: null };
    const { netlist } = await synthesizeIce40(text, tops[0]?.moduleName ?? "", { ...none, series: "hx" });
    const placement = await placeAndRoute(netlist, { ...none, ...PART });
    asc = placement.asc;
    placed = parseNetlist(JSON.parse(placement.placed));
  }, 600_000);

  const circuit = (of: Netlist): Module =>
    circuitOf(unpackPlaced(of), {
      clocks: module.domains.map(({ clock }) => clock),
      library: ICE40_LIBRARY,
    });
  const cycles = deep ? 300 : 100;

  it("do what their source does", () => {
    expect(firstDifference(module, circuit(placed), cycles, batch)).toBeNull();
  });

  it.skipIf(database === null)(
    "do what their source does, read back from a bitstream",
    async () => {
      const top = topOf(placed).module;
      const pins = pinsByPort(top, database ?? "");
      const options = { database: database ?? "", ports: top.ports, package: PART.package, pins };
      const read = readBitstream(await unpack(await pack(asc)), options);
      expect(firstDifference(module, circuit(read), cycles, batch)).toBeNull();
    },
    120_000,
  );
});
