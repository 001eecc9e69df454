import { InputError } from "../../models/errors.ts";
import type { Board } from "../devices/board.ts";
import type { Fpga } from "../devices/device.ts";
import type { CacheOptions } from "../flow/cache.ts";
import { type Ice40Part, ice40PartOf } from "../flow/ice40-part.ts";
import { pack } from "../flow/icepack.ts";
import { type Placement, placeAndRoute } from "../flow/nextpnr.ts";
import { type Source, sourceOf } from "../flow/source.ts";
import { type CellCounts, synthesizeIce40 } from "../flow/synthesize.ts";
import { correctedClock } from "../flow/timing.ts";
import { ToolError } from "../flow/tool-error.ts";
import type { Circuit } from "../verify/circuit.ts";
import { type BoardDesign, boardDesign } from "./design.ts";
import { demandBoard, demandRoom, type Estimate } from "./estimate.ts";
import { cellUse, demandFit } from "./fit.ts";
import { flashContents } from "./flash-contents.ts";
import { type CriticalPath, namedPath } from "./path-names.ts";
import { PlacingProgress } from "./placing-progress.ts";

export interface BuildRequest {
  readonly circuit: Circuit;
  readonly board: Board;
  readonly device: Fpga;
  /** Of the placer; those whose clock is fast enough are ranked by it. */
  readonly seeds: readonly number[];
  readonly tools: CacheOptions;
  /** Told what is under way. */
  readonly told: (text: string) => void;
}

/** A placement that was tried. */
export interface SeedResult {
  readonly seed: number;
  /** Null where the placement failed, or where no analysis holds; `why` says it. */
  readonly clockMHz: number | null;
  readonly why: string | null;
}

/** A circuit as it goes onto a board. */
export interface Build {
  readonly design: BoardDesign;
  /** What was expected of synthesis. */
  readonly estimate: Estimate;
  readonly source: Source;
  /** After synthesis: of cells that the source's logic was mapped to. */
  readonly netlist: string;
  readonly cells: CellCounts;
  readonly placement: Placement;
  readonly seed: number;
  readonly seeds: readonly SeedResult[];
  /** That the design reaches. */
  readonly clockMHz: number;
  readonly limitedBy: string;
  readonly criticalPath: CriticalPath | null;
  readonly bitstream: Uint8Array;
  /** Bitstream and model, as they stand in the flash from the bitstream's place on. */
  readonly flash: Uint8Array;
}

/**
 * From a circuit to a bitstream: Verilog, synthesis, place and route with each seed, and packing.
 * @throws InputError where the board cannot hold it, or no seed reaches the machine's clock; ToolError where a tool breaks down
 */
export async function build(request: BuildRequest): Promise<Build> {
  const { circuit, board, device, tools, told } = request;
  const part = ice40PartOf(device);
  demandBoard(circuit, board, device);
  const design = boardDesign(circuit, board, device);
  const estimate = demandRoom(design.top, circuit.sizes.machine, device);
  told(`about ${estimate.cells.lut4} LUT4s are expected`);
  const source = sourceOf(design.top);
  told(`synthesising ${source.text.split("\n").length} lines of Verilog`);
  const { netlist, cells } = await synthesizeIce40(source.text, source.top, {
    ...tools,
    data: source.data,
    series: part.series,
  });
  demandFit(circuit.sizes.machine, device, cellUse(device, cells));
  const placed = await placeAll(request, design, part, netlist);
  const [best] = placed.filter(isPlaced).sort((a, b) => b.clockMHz - a.clockMHz);
  const seeds = placed.map(({ seed, clockMHz, why }) => ({ seed, clockMHz, why }));
  if (best === undefined) throw new InputError(nothingPlaced(circuit, board, seeds));
  if (best.clockMHz < design.clockMHz)
    throw new InputError(
      `Machine ${circuit.sizes.machine.name} on ${board.name} reaches ${best.clockMHz.toFixed(1)} MHz of the ${design.clockMHz} MHz that are asked for (seeds ${seeds.map(({ seed }) => seed).join(", ")}): try other seeds (--seeds), or describe the machine with a slower clock.`,
    );
  told("packing");
  const bitstream = await pack(best.placement.asc, tools);
  const room = board.flash?.bitstream.bytes ?? 0;
  if (bitstream.length > room)
    throw new InputError(
      `The bitstream has ${bitstream.length} bytes, and board ${board.name} says that its flash has ${room} for it ("flash.bitstream.bytes").`,
    );
  return {
    design,
    estimate,
    source,
    netlist,
    cells,
    placement: best.placement,
    seed: best.seed,
    seeds,
    clockMHz: best.clockMHz,
    limitedBy: best.limitedBy,
    criticalPath: best.criticalPath,
    bitstream,
    flash: flashContents(board.flash?.bitstream.offset ?? 0, bitstream, design.window, design.image),
  };
}

interface Placed extends SeedResult {
  readonly clockMHz: number;
  readonly placement: Placement;
  readonly limitedBy: string;
  readonly criticalPath: CriticalPath | null;
}

const isPlaced = (result: SeedResult | Placed): result is Placed => "placement" in result;

function placeAll(
  { board, seeds, tools, told }: BuildRequest,
  design: BoardDesign,
  { device }: Ice40Part,
  netlist: string,
): Promise<(SeedResult | Placed)[]> {
  const progress = new PlacingProgress(seeds, told);
  return Promise.all(
    seeds.map(async (seed): Promise<SeedResult | Placed> => {
      try {
        const placement = await placeAndRoute(netlist, {
          ...tools,
          device,
          package: board.package,
          seed,
          freqMHz: design.clockMHz,
          pcf: design.constraints,
          said: (line) => progress.said(seed, line),
        });
        const clock = correctedClock(placement.delays, netlist);
        if (clock.kind === "unknown") return { seed, clockMHz: null, why: clock.reasons.join("; ") };
        const { megahertz, limitedBy, paths } = clock;
        const [slowest] = paths;
        const criticalPath = slowest === undefined ? null : namedPath(slowest);
        return { seed, clockMHz: megahertz, why: null, placement, limitedBy, criticalPath };
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { seed, clockMHz: null, why: error.errors[0] ?? error.message };
      }
    }),
  );
}

const nothingPlaced = ({ sizes: { machine } }: Circuit, board: Board, seeds: readonly SeedResult[]): string =>
  `Machine ${machine.name} was not placed on ${board.name}: ${seeds.map(({ seed, why }) => `seed ${seed}: ${why}`).join("; ")}.`;
