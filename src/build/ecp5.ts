import { CLOCK_PIN } from "../../hdl/boards/clock-pin.ts";
import { ecp5Board } from "../../hdl/boards/ecp5-board.ts";
import { HardwareError, type Module } from "../../hdl/builder/index.ts";
import { ehxplllSettings } from "../../hdl/primitives/ecp5/ehxplll.ts";
import { InputError } from "../../models/errors.ts";
import type { Board } from "../devices/board.ts";
import { checkBoard } from "../devices/board-fit.ts";
import type { Fpga } from "../devices/device.ts";
import type { CacheOptions } from "../flow/cache.ts";
import { packEcp5, placeEcp5, synthesizeEcp5 } from "../flow/ecp5.ts";
import { findTool } from "../flow/native-tools.ts";
import { type Source, sourceOf } from "../flow/source.ts";
import type { FamilyCounts } from "../flow/synthesize.ts";
import { ToolError } from "../flow/tool-error.ts";
import type { Circuit } from "../verify/circuit.ts";
import type { BuildRequest, SeedResult } from "./build.ts";
import { BAUD, filledByHost, withoutPlace } from "./design.ts";
import { demandFit, ecp5Use } from "./fit.ts";

/** A design on an ECP5: its area, by Yosys, and its bitstream where the tools are there that make one. */
export interface Ecp5Build {
  readonly source: Source;
  readonly constraints: string;
  readonly netlist: string;
  readonly cells: FamilyCounts;
  /** What the clock will be, as near as the PLL can make it. */
  readonly askedMHz: number;
  /** Programs that were not found; then nothing was placed. */
  readonly missing: readonly string[];
  readonly placed: Ecp5Placed | null;
}

export interface Ecp5Placed extends SeedResult {
  /** By nextpnr's timing, which knows this family's blocks. */
  readonly clockMHz: number;
  readonly config: string;
  readonly bitstream: Uint8Array;
  readonly seeds: readonly SeedResult[];
}

const NATIVE = ["nextpnr-ecp5", "ecppack"] as const;

/**
 * Synthesises a circuit for a board with an ECP5, by the packaged Yosys or the one on the PATH, and places it where
 * nextpnr-ecp5 and ecppack are on the PATH and asked for.
 * @throws InputError where it does not fit, or no seed reaches the clock; ToolError where a tool breaks down
 */
export async function buildEcp5(request: BuildRequest): Promise<Ecp5Build> {
  const { circuit, board, device, tools, told } = request;
  const { top, askedMHz } = design(circuit, board, device);
  const source = sourceOf(top);
  const constraints = lpfOf(board);
  told(`synthesising ${source.text.split("\n").length} lines of Verilog`);
  const { netlist, cells } = await synthesizeEcp5(source, tools);
  demandFit(circuit.sizes.machine, device, ecp5Use(device, cells));
  const made = { source, constraints, netlist, cells, askedMHz };
  const missing = NATIVE.filter((tool) => findTool(tool) === null);
  if (tools.toolchain !== "native" || missing.length > 0) return { ...made, missing, placed: null };
  return { ...made, missing: [], placed: await place(request, netlist, constraints, askedMHz, tools) };
}

function design(
  circuit: Circuit,
  board: Board,
  device: Fpga,
): { readonly top: Module; readonly askedMHz: number } {
  const { sizes, program } = circuit;
  const { machine } = sizes;
  checkBoard(machine, board, device, 0);
  if (board.clock.kind !== "pin") throw new InputError(`Board ${board.name} has no clock at a pin.`);
  const [light] = board.leds;
  try {
    const { megahertz } = ehxplllSettings(board.clock.MHz, machine.clockMHz);
    const clockHz = Math.round(megahertz * 1e6);
    const top = ecp5Board({
      sizes,
      fingerprint: program.fingerprint,
      clockHz,
      cyclesPerBit: Math.round(clockHz / BAUD),
      filled: filledByHost(circuit),
      referenceMHz: board.clock.MHz,
      wantedMHz: machine.clockMHz,
      light: light === undefined ? null : { activeLow: light.activeLow },
    });
    return { top, askedMHz: megahertz };
  } catch (error) {
    if (error instanceof HardwareError)
      throw new InputError(
        `Machine ${machine.name} cannot be built for board ${board.name}: ${withoutPlace(error.message)}.`,
      );
    throw error;
  }
}

/** Constraints of nextpnr-ecp5: where each port is, at 3.3 V, and the frequency that comes in. */
function lpfOf({ clock, uart, leds }: Board): string {
  const [light] = leds;
  const pins: readonly (readonly [port: string, pin: string | undefined])[] = [
    [CLOCK_PIN, clock.kind === "pin" ? clock.pin : undefined],
    ["rx", uart?.rx],
    ["tx", uart?.tx],
    ["light", light?.pin],
  ];
  return [
    ...(clock.kind === "pin" ? [`FREQUENCY PORT "${CLOCK_PIN}" ${clock.MHz} MHZ;`] : []),
    ...pins.flatMap(([port, pin]) =>
      pin === undefined
        ? []
        : [`LOCATE COMP "${port}" SITE "${pin}";`, `IOBUF PORT "${port}" IO_TYPE=LVCMOS33;`],
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

async function place(
  { circuit, board, device, seeds, told }: BuildRequest,
  netlist: string,
  lpf: string,
  freqMHz: number,
  tools: CacheOptions,
): Promise<Ecp5Placed> {
  told(`placing with ${seeds.length} seed${seeds.length === 1 ? "" : "s"}`);
  const options = {
    ...tools,
    device: device.toolName ?? "",
    package: board.package,
    speedGrade: board.speedGrade,
  };
  const tried = await Promise.all(
    seeds.map(async (seed) => {
      try {
        const placed = await placeEcp5(netlist, { ...options, seed, freqMHz, lpf });
        return { seed, why: null, ...placed };
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { seed, why: error.message, config: null, clockMHz: null };
      }
    }),
  );
  const results = tried.map(({ seed, clockMHz, why }) => ({ seed, clockMHz, why }));
  const [best] = [...tried].sort((a, b) => (b.clockMHz ?? 0) - (a.clockMHz ?? 0));
  const { name } = circuit.sizes.machine;
  if (best === undefined || best.config === null || best.clockMHz === null)
    throw new InputError(
      `Machine ${name} was not placed on ${board.name}: ${results.map(({ seed, why }) => `seed ${seed}: ${why ?? "no clock"}`).join("; ")}.`,
    );
  if (best.clockMHz < freqMHz)
    throw new InputError(
      `Machine ${name} on ${board.name} reaches ${best.clockMHz.toFixed(1)} MHz of the ${freqMHz} MHz that are asked for: try other seeds (--seeds).`,
    );
  const bitstream = await packEcp5(best.config, tools);
  return {
    seed: best.seed,
    clockMHz: best.clockMHz,
    why: null,
    config: best.config,
    bitstream,
    seeds: results,
  };
}
