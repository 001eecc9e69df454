import { join } from "node:path";
import type { Fpga } from "../devices/device.ts";
import type { Build } from "./build.ts";
import type { Ecp5Build } from "./ecp5.ts";
import { BITSTREAM, FLASH } from "./files.ts";
import { cellUse, ecp5Use } from "./fit.ts";
import { MANIFEST, type Settings } from "./manifest.ts";

/** What a build has come to: for a program, and for a person. */
export interface Summary {
  readonly json: Readonly<Record<string, unknown>>;
  /** A label, and what it is about. */
  readonly lines: readonly (readonly [label: string, text: string])[];
}

export interface SummaryFacts {
  readonly settings: Settings;
  readonly device: Fpga;
  /** Mean, simulated. */
  readonly cyclesPerToken: number;
  /** Folder that the build was written to. */
  readonly out: string;
}

export function ice40Summary(build: Build, facts: SummaryFacts): Summary {
  const { settings, device, cyclesPerToken, out } = facts;
  const { cells, clockMHz, design, seed, seeds, criticalPath } = build;
  const { lut4, flipFlops, dsp, blockRam, spram } = cells;
  const logic = build.placement.report.utilisation.ICESTORM_LC ?? { used: 0, available: 0 };
  const tokensPerSecond = (design.clockMHz * 1e6) / cyclesPerToken;
  const uses = [
    { what: "logic cells", ...logic },
    ...cellUse(device, cells).filter(({ available }) => available > 0),
  ];
  return {
    json: {
      ...heading(settings),
      cells: { lut4, flipFlops, dsp, blockRam, spram, logicCells: logic.used },
      estimatedCells: build.estimate.cells,
      clockMHz,
      askedMHz: design.clockMHz,
      limitedBy: build.limitedBy,
      criticalPath,
      cyclesPerToken,
      tokensPerSecond,
      seed,
      seeds,
      bitstream: join(out, BITSTREAM),
      flash: join(out, FLASH),
      modelAt: design.window.base,
      manifest: join(out, MANIFEST),
    },
    lines: [
      ...headingLines(facts),
      ["cells", uses.map(useText).join(", ")],
      [
        "estimated",
        `${count(build.estimate.cells.lut4)} LUT4s, ${count(build.estimate.cells.flipFlops)} flip-flops before synthesis, which made ${count(lut4)} and ${count(flipFlops)}`,
      ],
      [
        "clock",
        `${clockMHz.toFixed(1)} MHz reached, ${design.clockMHz} MHz asked (placed, ${triedText(seed, seeds.length)}; slow corner)`,
      ],
      ...(criticalPath === null ? [] : [["longest", pathText(criticalPath)] as const]),
      ["speed", speedText(tokensPerSecond, cyclesPerToken, design.clockMHz)],
      ["bitstream", `${join(out, BITSTREAM)}, ${count(build.bitstream.length)} bytes`],
      [
        "flash",
        `${join(out, FLASH)}: bitstream and model, which begins at 0x${design.window.base.toString(16)}`,
      ],
      ["manifest", join(out, MANIFEST)],
    ],
  };
}

export function ecp5Summary(build: Ecp5Build, facts: SummaryFacts): Summary {
  const { settings, device, cyclesPerToken, out } = facts;
  const { luts, flipFlops, dsp, blockRam } = build.cells;
  const { placed, askedMHz } = build;
  const tokensPerSecond = (askedMHz * 1e6) / cyclesPerToken;
  const bitstream = placed === null ? null : join(out, BITSTREAM);
  return {
    json: {
      ...heading(settings),
      cells: { lut4: luts, flipFlops, dsp, blockRam, spram: 0 },
      clockMHz: placed?.clockMHz ?? null,
      askedMHz,
      cyclesPerToken,
      tokensPerSecond,
      seed: placed?.seed ?? null,
      seeds: placed?.seeds ?? [],
      bitstream,
      flash: null,
      modelAt: null,
      manifest: join(out, MANIFEST),
      missing: build.missing,
    },
    lines: [
      ...headingLines(facts),
      ["cells", `${ecp5Use(device, build.cells).map(useText).join(", ")} (after synthesis by yosys)`],
      ...(placed === null
        ? [["clock", `not known: nothing was placed; ${askedMHz} MHz are asked for`] as const]
        : [
            [
              "clock",
              `${placed.clockMHz.toFixed(1)} MHz reached, ${askedMHz} MHz asked (placed, ${triedText(placed.seed, placed.seeds.length)})`,
            ] as const,
          ]),
      ["speed", speedText(tokensPerSecond, cyclesPerToken, askedMHz)],
      ...(placed === null
        ? []
        : [["bitstream", `${bitstream}, ${count(placed.bitstream.length)} bytes`] as const]),
      ["manifest", join(out, MANIFEST)],
    ],
  };
}

const heading = ({ board, machine, model, weights, sparsity, kv }: Settings) => ({
  schema: "accel/build@1",
  board: board.name,
  machine: machine.name,
  model,
  compression: { weights, sparsity, kv },
});

function headingLines({ settings }: SummaryFacts): readonly (readonly [string, string])[] {
  const { board, machine, model, weights, sparsity, kv } = settings;
  return [
    ["board", `${board.title}, ${board.device}-${board.package}`],
    ["machine", `${machine.name} · ${model}, ${sparsity}, ${weights}, kv${kv}`],
  ];
}

const count = (n: number): string => n.toLocaleString("en-US");

const useText = ({ what, used, available }: { what: string; used: number; available: number }): string =>
  `${count(used)} of ${count(available)} ${what}`;

const triedText = (seed: number, seeds: number): string =>
  seeds === 1 ? `seed ${seed}` : `seed ${seed}, the best of ${seeds}`;

const speedText = (tokensPerSecond: number, cycles: number, clockMHz: number): string =>
  `${tokensPerSecond.toPrecision(3)} tokens/s expected: ${count(Math.round(cycles))} cycles a token (simulated) at ${clockMHz} MHz`;

function pathText({ nanoseconds, steps }: NonNullable<Build["criticalPath"]>): string {
  return `${nanoseconds.toFixed(1)} ns from ${steps[0]?.signal ?? "?"} to ${steps.at(-1)?.signal ?? "?"}`;
}
