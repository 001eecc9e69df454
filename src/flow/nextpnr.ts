import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import { type CacheOptions, runCached } from "./cache.ts";
import { textFile } from "./yosys.ts";

/** Parts of the family, as nextpnr calls them. */
export const ICE40_DEVICES = ["up5k", "hx1k", "hx8k", "lp8k"] as const;
export type Ice40Device = (typeof ICE40_DEVICES)[number];

export interface PlaceOptions extends CacheOptions {
  /** Default up5k. */
  readonly device?: Ice40Device;
  /** Of that device, as the tool calls it; default sg48. */
  readonly package?: string;
  /** Of the placer; another one moves the clock by some 8 %. Default 1. */
  readonly seed?: number;
  /** What is aimed at; default 48. A clock that is missed is no error. */
  readonly freqMHz?: number;
  /** Pins (`set_io name pin`), which then must be all; default: any pins. */
  readonly pcf?: string;
}

export interface Placement {
  /** The placed design, for `pack`. */
  readonly asc: string;
  /** The netlist as it was placed, in Yosys' JSON: of the part's own cells, ICESTORM_LC and others. */
  readonly placed: string;
  readonly report: PlaceReport;
  /** All delays, as SDF 3.0, for `correctedClock`. */
  readonly delays: string;
  readonly log: string;
}

export interface PlaceReport {
  /** As the tool sees them; `correctedClock` says what to believe. A clock whose registers are not connected is missing. */
  readonly clocks: readonly { readonly net: string; readonly megahertz: number }[];
  /** By kind of cell: ICESTORM_LC, ICESTORM_DSP, ICESTORM_RAM, ICESTORM_SPRAM, SB_IO, SB_GB ... */
  readonly utilisation: Readonly<Record<string, { readonly used: number; readonly available: number }>>;
}

const reportSchema = z.object({
  fmax: z.record(z.string(), z.object({ achieved: z.number().positive() })),
  utilization: z.record(
    z.string(),
    z.object({ used: z.int().nonnegative(), available: z.int().nonnegative() }),
  ),
});

/**
 * Places and routes a netlist of `synthesizeIce40`.
 * @throws ToolError where the design does not fit the part, or a pin is wrong; InputError where an option is out of range
 */
export async function placeAndRoute(netlist: string, options: PlaceOptions = {}): Promise<Placement> {
  const { device = "up5k", package: packageName = "sg48", seed = 1, freqMHz = 48, pcf } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 31 - 1)
    throw new InputError(`the seed is ${seed}; it is a whole number from 0 to ${2 ** 31 - 1}`);
  if (!/^[a-z]{1,4}[0-9]{1,3}$/.test(packageName))
    throw new InputError(`${JSON.stringify(packageName)} is no package; give one such as sg48 or ct256`);
  if (!(freqMHz > 0 && freqMHz <= 1000))
    throw new InputError(`the clock aimed at is ${freqMHz} MHz; it is more than 0 and at most 1000`);
  const result = await runCached(
    {
      tool: "nextpnr-ice40",
      args: [
        ...[`--${device}`, "--package", packageName, "--seed", `${seed}`, "--freq", `${freqMHz}`],
        ...["--json", "design.json", "--asc", "design.asc", "--write", "placed.json"],
        ...["--report", "report.json", "--sdf", "delays.sdf"],
        ...(pcf === undefined ? [] : ["--pcf", "pins.pcf"]),
        "--timing-allow-fail",
      ],
      files: { "design.json": netlist, ...(pcf === undefined ? {} : { "pins.pcf": pcf }) },
    },
    options,
  );
  const report = reportSchema.parse(JSON.parse(textFile(result, "report.json")));
  return {
    asc: textFile(result, "design.asc"),
    placed: textFile(result, "placed.json"),
    report: {
      clocks: Object.entries(report.fmax).map(([net, { achieved }]) => ({
        net: sourceName(net),
        megahertz: achieved,
      })),
      utilisation: report.utilization,
    },
    delays: textFile(result, "delays.sdf"),
    log: result.log,
  };
}

/** The name that a net has in the netlist: without what the tool adds for pads and global networks. */
export const sourceName = (net: string): string =>
  net
    .replace(/^\$gbuf_/, "")
    .replace(/\$SB_IO_IN/, "")
    .replace(/_\$glb_(clk|sr|ce)$/, "")
    .replace(/\$sb_io$/, "");
