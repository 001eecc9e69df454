import { beforeAll, describe, expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import { circuitOf, type Netlist, parseNetlist } from "../../../hdl/netlist/index.ts";
import { vendorCells } from "../../../src/flow/vendor-cells.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { firstDifference } from "./compare.ts";

/** One cell as RTLIL, between ports of its own names. */
function rtlil(
  name: string,
  type: string,
  parameters: Record<string, string>,
  ports: Record<string, number>,
): string {
  return [
    `module \\${name}`,
    ...Object.entries(ports).map(([port, width], i) => {
      const init = port === "Q" ? `  attribute \\init ${width}'${INITIAL.slice(0, width)}\n` : "";
      return `${init}  wire width ${width} ${port === "Q" ? "output" : "input"} ${i + 1} \\${port}`;
    }),
    `  cell ${type} \\cell`,
    ...Object.entries(parameters).map(([parameter, value]) => `    parameter \\${parameter} ${value}`),
    ...Object.keys(ports).map((port) => `    connect \\${port} \\${port}`),
    "  end\nend\n",
  ].join("\n");
}

const INITIAL = "10110";
const WIDTH = 5;
const LEVELS = ["N", "P"] as const;
const bit = (level: string): string => (level === "P" ? "1'1" : "1'0");

interface Sample {
  readonly name: string;
  readonly text: string;
}

function words(): Sample[] {
  const clocked = (clock: string) => ({ WIDTH: `${WIDTH}`, CLK_POLARITY: bit(clock) });
  const reset = (kind: string, level: string) => ({
    [`${kind}_POLARITY`]: bit(level),
    [`${kind}_VALUE`]: `${WIDTH}'01101`,
  });
  const data = { CLK: 1, D: WIDTH, Q: WIDTH };
  return LEVELS.flatMap((clock) =>
    LEVELS.flatMap((level) => {
      const enable = { EN_POLARITY: bit(level === "P" ? "N" : "P") };
      const other = clock === "P" ? "N" : "P";
      const samples: [string, Record<string, string>, Record<string, number>][] = [
        ["$dff", clocked(clock), data],
        ["$dffe", { ...clocked(clock), ...enable }, { ...data, EN: 1 }],
        ["$sdff", { ...clocked(clock), ...reset("SRST", level) }, { ...data, SRST: 1 }],
        ["$sdffe", { ...clocked(clock), ...reset("SRST", other), ...enable }, { ...data, SRST: 1, EN: 1 }],
        ["$sdffce", { ...clocked(clock), ...reset("SRST", level), ...enable }, { ...data, SRST: 1, EN: 1 }],
        ["$adff", { ...clocked(clock), ...reset("ARST", level) }, { ...data, ARST: 1 }],
        ["$adffe", { ...clocked(clock), ...reset("ARST", other), ...enable }, { ...data, ARST: 1, EN: 1 }],
      ];
      return samples.map(([type, parameters, ports]) => {
        const name = `${type.slice(1)}_${clock}${level}`;
        return { name, text: rtlil(name, type, parameters, ports) };
      });
    }),
  );
}

describe("word flip-flops", () => {
  const samples = words();
  let word: Netlist;
  const mapped: Record<string, Netlist> = {};
  beforeAll(async () => {
    const result = await runYosys(
      [
        "read_rtlil cells.il",
        "write_json word.json",
        // Yosys' gates of the same kinds, with the enables and resets that they have.
        "simplemap",
        "write_json gates.json",
        // All that is synchronous as multiplexers before plain flip-flops.
        "dfflegalize -cell $_DFF_P_ 01 -cell $_DFF_N_ 01 -cell $_DFF_PP?_ 01 -cell $_DFF_NP?_ 01",
        "write_json plain.json",
      ],
      { "cells.il": samples.map(({ text }) => text).join("") },
      { cache: null },
    );
    word = parseNetlist(JSON.parse(textFile(result, "word.json")));
    for (const kind of ["gates", "plain"])
      mapped[kind] = parseNetlist(JSON.parse(textFile(result, `${kind}.json`)));
  }, 120_000);

  it.each(["gates", "plain"])("are what Yosys makes of them as %s", (kind) => {
    const netlist = mapped[kind]!;
    const read = (from: Netlist, top: string): Module => circuitOf(from, { top });
    const wrong = samples.flatMap(({ name }, i) => {
      const difference = firstDifference(read(word, name), read(netlist, name), 200, i);
      return difference === null ? [] : [{ name, ...difference }];
    });
    expect(wrong).toEqual([]);
  });

  it("begin with what their wire's init says", () => {
    for (const { name } of samples) {
      const [register, ...more] = circuitOf(word, { top: name }).registers;
      expect([register?.initial, more]).toEqual([BigInt(`0b${INITIAL}`), []]);
    }
  });
});

describe("iCE40 cells", () => {
  const kinds = ["", "E", "SR", "R", "SS", "S", "ESR", "ER", "ESS", "ES"];
  const flipFlops = ["", "N"].flatMap((edge) => kinds.map((kind) => `SB_DFF${edge}${kind}`));
  const tables = Array.from({ length: 40 }, (_, i) => (i * 0x6b43 + (i << 11)) & 0xffff);

  it("are what the vendor's models say", async () => {
    const models = await vendorCells(
      [
        ...flipFlops.map((type) => ({ type, parameters: {} })),
        ...tables.map((table) => ({
          type: "SB_LUT4",
          parameters: { LUT_INIT: `16'h${table.toString(16)}` },
        })),
        { type: "SB_CARRY", parameters: {} },
      ],
      { cache: null },
    );
    const cells = [
      ...flipFlops.map((type) => instanceOf(type, {})),
      ...tables.map((table) => instanceOf("SB_LUT4", { LUT_INIT: table.toString(2).padStart(16, "0") })),
      instanceOf("SB_CARRY", {}),
    ];
    const wrong = models.flatMap((model, i) => {
      const cell = cells[i]!(model);
      const difference = firstDifference(model, cell, 200, i);
      return difference === null ? [] : [{ cell: model.name, ...difference }];
    });
    expect(models).toHaveLength(61);
    expect(wrong).toEqual([]);
  }, 120_000);
});

/** A netlist with the cell and nothing else, with the ports of its model. */
function instanceOf(type: string, parameters: Record<string, string>): (model: Module) => Module {
  return (model) => {
    const inputs = [...model.domains.map(({ clock }) => clock), ...model.inputs.map(({ name }) => name)];
    const ports = [
      ...inputs.map((port) => [port, "input"] as const),
      ...model.outputs.map(({ name }) => [name, "output"] as const),
    ];
    const bits = new Map(ports.map(([port], i) => [port, [i + 2]]));
    const netlist = {
      modules: {
        [type]: {
          attributes: { top: 1 },
          ports: Object.fromEntries(
            ports.map(([port, direction]) => [port, { direction, bits: bits.get(port) }]),
          ),
          cells: {
            cell: {
              type,
              parameters,
              port_directions: Object.fromEntries(ports),
              connections: Object.fromEntries(bits),
            },
          },
          netnames: {},
        },
      },
    };
    return circuitOf(parseNetlist(netlist));
  };
}
