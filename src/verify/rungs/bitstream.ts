import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseNetlist, readBitstream, topOf, unpackPlaced } from "../../../hdl/netlist/index.ts";
import type { CacheOptions } from "../../flow/cache.ts";
import { unpack } from "../../flow/icepack.ts";
import { findTool } from "../../flow/native-tools.ts";
import type { PinTrace } from "../part/recording.ts";
import { notClimbed, type Rung } from "../rung.ts";
import { comparedOverSeeds } from "./netlist.ts";

export interface UnpackedForms {
  readonly bitstream: Uint8Array;
  /** Yosys' JSON after synthesis: names and directions of the ports. */
  readonly netlist: string;
  /** As IceStorm calls the chip: 5k, 1k or 8k. */
  readonly chip: string;
  readonly package: string;
  /** Physical constraints (`set_io name pin`): where each port is. */
  readonly pcf: string;
  /** Chooses what stands in memories without a power-up value, once each. */
  readonly seeds?: readonly number[];
  readonly tools?: CacheOptions;
}

const WHAT = "bitstream, unpacked again = circuit";

/**
 * The bitstream, read back with IceStorm's database of the chip, against the circuit: at every output in both halves of every cycle
 * of a trace.
 */
export async function bitstreamRung(trace: PinTrace, forms: UnpackedForms): Promise<Rung> {
  const { bitstream, netlist, chip, package: packageName, pcf, seeds = [1, 2], tools = {} } = forms;
  const database = chipDatabase(chip);
  if (database === null)
    return notClimbed(
      6,
      WHAT,
      `IceStorm with its database of the chip (chipdb-${chip}.txt) is not installed`,
    );
  const asc = await unpack(bitstream, tools);
  const { ports } = topOf(parseNetlist(JSON.parse(netlist))).module;
  const read = readBitstream(asc, { database, ports, package: packageName, pins: pinsOf(pcf) });
  return comparedOverSeeds(6, WHAT, unpackPlaced(read), trace, seeds);
}

/** IceStorm's database of a chip, where it is installed beside the tools on the PATH. */
export function chipDatabase(chip: string): string | null {
  const tool = findTool("icebox_vlog") ?? findTool("iceunpack");
  if (tool === null) return null;
  const share = join(dirname(tool), "..", "share");
  const folders = [join("fpga-icestorm", "chipdb"), "icebox"].map((folder) => join(share, folder));
  const files = folders.map((folder) => join(folder, `chipdb-${chip}.txt`));
  const found = files.find((file) => existsSync(file));
  return found === undefined ? null : readFileSync(found, "utf8");
}

/** Pins by port. */
export const pinsOf = (pcf: string): ReadonlyMap<string, string> =>
  new Map(
    Array.from(pcf.matchAll(/^\s*set_io\s+(?:-\w+\s+)*(\S+)\s+(\S+)/gm), ([, port = "", pin = ""]) => [
      port,
      pin,
    ]),
  );
