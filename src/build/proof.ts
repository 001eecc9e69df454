import type { IntegerModel } from "../../models/decoder/integer/model.ts";
import { fpgaNamed } from "../devices/library.ts";
import { ice40PartOf } from "../flow/ice40-part.ts";
import type { Ice40Device } from "../flow/nextpnr.ts";
import { notClimbed, type Rung } from "../verify/rung.ts";
import { bitstreamRung } from "../verify/rungs/bitstream.ts";
import { netlistRungs, pinsRung } from "../verify/rungs/netlist.ts";
import { boardDesign } from "./design.ts";
import { BITSTREAM, NETLIST, PINS, PLACED } from "./files.ts";
import type { BuildFolder } from "./folder.ts";
import { circuitOn } from "./prepare.ts";

const NETLISTS = "netlist = circuit";
const UNPACKED = "bitstream, unpacked again = circuit";
/** Names of IceStorm's databases. */
const CHIPS: Readonly<Record<Ice40Device, string>> = { up5k: "5k", hx1k: "1k", hx8k: "8k", lp8k: "8k" };

/**
 * The last rungs, of a build: its netlists, after synthesis and after place and route, and its bitstream, against the circuit on
 * its board.
 * @param token that goes in
 * @param upTo last rung: 5 or 6
 * @throws InputError where the folder's files are not those of its manifest
 */
export async function* buildRungs(
  folder: BuildFolder,
  model: IntegerModel,
  token: number,
  upTo: number,
  told: (what: string) => void,
): AsyncGenerator<Rung> {
  const { settings } = folder.manifest;
  const { board } = settings;
  const device = fpgaNamed(board.device);
  if (device.family !== "ice40") {
    yield notClimbed(5, NETLISTS, `netlists of ${device.name} are not simulated`);
    if (upTo > 5) yield notClimbed(6, UNPACKED, `bitstreams of ${device.name} are not unpacked`);
    return;
  }
  const circuit = circuitOn(model, settings);
  const { top, window, image, clockMHz, cyclesPerBit } = boardDesign(circuit, board, device);
  told("a token at the part's pins");
  const flash = { bytes: image, base: window.base };
  const part = { circuit, top, flash, clockHz: Math.round(clockMHz * 1e6), cyclesPerBit };
  const { rung, trace } = await pinsRung(part, token);
  yield rung;
  if (trace === null) return;
  const text = async (name: string): Promise<string> => (await folder.file(name)).toString("utf8");
  const netlist = await text(NETLIST);
  yield* netlistRungs(trace, { netlist, placed: await text(PLACED) }, told);
  if (upTo < 6) return;
  told("the bitstream, unpacked again");
  const bitstream = await folder.file(BITSTREAM);
  const chip = CHIPS[ice40PartOf(device).device];
  yield await bitstreamRung(trace, {
    bitstream,
    netlist,
    chip,
    package: board.package,
    pcf: await text(PINS),
  });
}
