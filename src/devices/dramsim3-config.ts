import { InputError } from "../../models/errors.ts";
import { brief } from "../../models/validate.ts";
import type { DramConfig } from "../../sim/dram/config.ts";
import { checkedDramConfig } from "./memory.ts";

/** Bus words in a clock of the command bus, by protocol. */
const WORDS_PER_CLOCK: Readonly<Record<string, number>> = {
  DDR3: 2,
  DDR4: 2,
  LPDDR: 2,
  LPDDR3: 2,
  LPDDR4: 2,
  HBM: 2,
  HBM2: 2,
  GDDR5: 4,
  GDDR5X: 8,
  GDDR6: 16,
};

/** Names and values of DRAMsim3's configuration, sections put together. */
export type DramSim3Parameters = Readonly<Record<string, string | number | boolean>>;

/** Reads the text of a configuration file of DRAMsim3. */
export function parseDramSim3Ini(text: string): DramSim3Parameters {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^\s*(\w+)\s*=\s*([^;#]*)/.exec(line) ?? [];
    // A name without a value says nothing.
    if (name !== undefined && value !== undefined && value.trim() !== "") found[name] = value.trim();
  }
  return found;
}

/**
 * A memory as DRAMsim3 describes it, with that program's defaults for what is not said, and its reading of what is: columns
 * of HBM count two bus words and those of GDDR a burst; `tRTP_L` and `tRTP_S` are not read; more ranks follow from the size.
 * @param origin the file, for the message
 * @throws InputError for a value that is no number, and for what the simulator does not model
 */
export function dramSim3Config(parameters: DramSim3Parameters, origin: string): DramConfig {
  const refuse = (what: string): never => {
    throw new InputError(`${brief(origin)}: ${what}.`);
  };
  const number = (name: string, otherwise: number, most = 1e6): number => {
    // As that program reads: what follows the number is not looked at.
    const value = Number.parseFloat(String(parameters[name] ?? otherwise));
    if (!(value >= 0 && value <= most)) refuse(`${name} must be a number from 0 to ${most}`);
    return name === "tCK" ? value : Math.trunc(value);
  };
  const word = (name: string, otherwise: string): string => String(parameters[name] ?? otherwise);
  const only = (name: string, allowed: string): void => {
    const value = word(name, allowed);
    if (value !== allowed) refuse(`${name} must be ${allowed}, but it is ${brief(value)}`);
  };
  only("queue_structure", "PER_BANK");
  only("row_buf_policy", "OPEN_PAGE");
  only("refresh_policy", "RANK_LEVEL_STAGGERED");

  const protocol = word("protocol", "DDR3");
  const wordsPerClock =
    WORDS_PER_CLOCK[protocol] ?? refuse(`protocol must be one of ${Object.keys(WORDS_PER_CLOCK).join(", ")}`);
  const isHbm = protocol.startsWith("HBM");
  const isGddr = protocol.startsWith("GDDR");
  const grouped = word("bankgroup_enable", "true").toLowerCase() !== "false";
  const groups = number("bankgroups", 2);
  const banks = groups * number("banks_per_group", 2);
  const bankGroups = grouped ? groups : 1;
  const burstLength = number("BL", 8);
  const burstClocks = Math.trunc(burstLength / wordsPerClock);
  if (burstClocks < 1) refuse(`BL must be at least ${wordsPerClock}`);
  const columns = number("columns", 1024) * (isGddr ? burstLength : isHbm ? 2 : 1);
  const rows = number("rows", 65536);
  const busBits = number("bus_width", 64);
  const deviceBits = number("device_width", 8);
  const bankMegabytes = Math.trunc((((columns * deviceBits) / 8) * (rows / 1024)) / 1024);
  const rankMegabytes = bankMegabytes * banks * (busBits / deviceBits);
  const ranks = Math.max(1, Math.trunc(number("channel_size", 1024) / rankMegabytes));
  const rcd = number("tRCD", 10);
  const config: DramConfig = {
    channels: number("channels", 1),
    ranks,
    bankGroups,
    banksPerGroup: banks / bankGroups,
    rows,
    columns,
    busBytes: busBits / 8,
    burstLength,
    burstClocks,
    clockNs: number("tCK", 1),
    addressMapping: word("address_mapping", "chrobabgraco"),
    dualCommand: isHbm && word("hbm_dual_cmd", "true").toLowerCase() !== "false",
    timing: {
      al: number("AL", 0),
      cl: number("CL", 12),
      cwl: number("CWL", 12),
      rcdRead: isHbm || isGddr ? number("tRCDRD", 24) : rcd,
      rcdWrite: isHbm || isGddr ? number("tRCDWR", 20) : rcd,
      rp: number("tRP", 10),
      ras: number("tRAS", 24),
      ccdS: number("tCCD_S", 4),
      ccdL: number("tCCD_L", 6),
      rrdS: number("tRRD_S", 4),
      rrdL: number("tRRD_L", 4),
      faw: number("tFAW", 50),
      aw32: isGddr ? number("t32AW", 330) : null,
      wtrS: number("tWTR_S", 5),
      wtrL: number("tWTR_L", 5),
      wr: number("tWR", 10),
      rtp: number("tRTP", 5),
      ppd: isGddr || protocol === "LPDDR4" ? number("tPPD", 0) : 0,
      rtrs: number("tRTRS", 2),
      rfc: number("tRFC", 74),
      refi: number("tREFI", 7800),
    },
    controller: {
      requestQueue: number("trans_queue_size", 32, 1024),
      bankQueue: number("cmd_queue_size", 16, 256),
      unified: word("unified_queue", "false").toLowerCase() === "true",
    },
  };
  return checkedDramConfig(config, brief(origin));
}
