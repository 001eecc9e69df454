import {
  concat,
  currentDomain,
  type Domain,
  HardwareError,
  instance,
  type Literal,
  type Unsigned,
  unsignedConstant,
} from "../../builder/index.ts";
import { ram40, ram40Domains } from "./ram40.ts";
import { laneBit, type Ram40Mode, ram40Rows, stride } from "./ram40-lanes.ts";

export interface BlockRamOptions {
  /** Bits of a word; 4096 divided by it are the words. */
  readonly width: 16 | 8 | 4 | 2;
  /** Words at power-up, from address 0; the rest is zero. */
  readonly initial?: readonly number[];
  /** Clocks of the ports; the domain at hand if not given. */
  readonly readDomain?: Domain;
  readonly writeDomain?: Domain;
}

/** Addresses have as many bits as count the words: 8 for 16-bit words, to 11 for 2-bit ones. */
export interface BlockRamAccess {
  readonly readAddress: Unsigned;
  /** Where it is 0, the data of the last read stay; 1 if not given. */
  readonly readEnable?: Unsigned | Literal;
  readonly writeAddress: Unsigned;
  readonly writeData: Unsigned;
  readonly write: Unsigned | Literal;
  /** One bit for each bit of a 16-bit word, 1 for those that are written; all if not given. Not with narrower words. */
  readonly mask?: Unsigned;
}

const MODES: Readonly<Record<number, Ram40Mode>> = { 16: 0, 8: 1, 4: 2, 2: 3 };

/** One SB_RAM40_4K, both ports of one width. Returns what is read, in the cycle after. */
export function blockRam(name: string, options: BlockRamOptions, access: BlockRamAccess): Unsigned {
  const { width, initial = [], readDomain = currentDomain(), writeDomain = currentDomain() } = options;
  const mode = MODES[width];
  if (mode === undefined)
    throw new HardwareError(`block RAM ${name} has words of ${width} bits; they have 16, 8, 4 or 2`);
  if (access.mask !== undefined && width !== 16)
    throw new HardwareError(`block RAM ${name} has a mask and words of ${width} bits; a mask needs 16`);
  const address = (what: string, given: Unsigned): Unsigned => {
    if (given.width === 8 + mode) return given.extend(11);
    throw new HardwareError(
      `${what} of block RAM ${name} has ${given.width} bits; ${256 * stride(mode)} words need ${8 + mode}`,
    );
  };
  if (access.writeData.width !== width)
    throw new HardwareError(
      `writeData of block RAM ${name} has ${access.writeData.width} bits; its words have ${width}`,
    );
  const cell = ram40({ readMode: mode, writeMode: mode, rows: ram40Rows(mode, initial) });
  const { RDATA } = instance(
    name,
    cell,
    {
      RCLKE: 1,
      RE: access.readEnable ?? 1,
      RADDR: address("readAddress", access.readAddress),
      WCLKE: 1,
      WE: access.write,
      WADDR: address("writeAddress", access.writeAddress),
      MASK: access.mask?.not() ?? 0,
      WDATA: toLanes(mode, access.writeData),
    },
    { domains: ram40Domains(cell, readDomain, writeDomain) },
  );
  const bits = Array.from({ length: width }, (_, i) => RDATA.bit(laneBit(mode, i)));
  return concat(...bits.toReversed());
}

/** WDATA for a word. */
function toLanes(mode: Ram40Mode, word: Unsigned): Unsigned {
  const zero = unsignedConstant(0, 1);
  const bits = Array.from({ length: 16 }, () => zero);
  for (let i = 0; i < word.width; i++) bits[laneBit(mode, i)] = word.bit(i);
  return concat(...bits.toReversed());
}
