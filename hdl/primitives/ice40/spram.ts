import {
  bit,
  type Cell,
  instance,
  type Literal,
  memory,
  module,
  mux,
  primitive,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { portDomain } from "../cell.ts";

const INPUTS = {
  ADDRESS: unsigned(14),
  DATAIN: unsigned(16),
  MASKWREN: unsigned(4),
  WREN: bit,
  CHIPSELECT: bit,
  STANDBY: bit,
  SLEEP: bit,
  POWEROFF: bit,
};
const OUTPUTS = { DATAOUT: unsigned(16) };

/**
 * SB_SPRAM256KA of iCE40 UltraPlus: 16384 words of 16 bits behind one port, written by nibbles, without initial contents.
 * POWEROFF is active low: an instance in use gives it 1.
 *
 * What the cell leaves undefined, the model takes from a register that never changes: like everything without an initial
 * value it may hold anything, so that simulations that begin differently show who depends on it.
 */
export const sbSpram256ka: Cell<typeof INPUTS, typeof OUTPUTS> = primitive(
  "SB_SPRAM256KA",
  {},
  module(
    "SB_SPRAM256KA",
    { inputs: INPUTS, outputs: OUTPUTS, domain: portDomain("CLOCK") },
    ({ ADDRESS, DATAIN, MASKWREN, WREN, CHIPSELECT, STANDBY, SLEEP, POWEROFF, DATAOUT }) => {
      const anything = register("anything", unsigned(16));
      anything.set(anything);
      const off = SLEEP.or(POWEROFF.not());
      const selected = CHIPSELECT.and(STANDBY.or(off).not());
      // Without power the words are lost: those from before come out changed afterwards.
      const key = register("key", unsigned(16), { initial: 0 });
      when(POWEROFF.not(), () => key.set(anything));

      const words = memory("words", unsigned(16), { depth: 16384 });
      when(selected.and(WREN), () => words.write(ADDRESS, DATAIN.xor(key), { mask: MASKWREN }));
      const word = words.read(ADDRESS, { enable: selected.and(WREN.not()) }).xor(key);

      // DATAOUT is a register, and is cleared asynchronously: while off, and then until the next access.
      const isZero = register("isZero", bit, { initial: 0 });
      const isUndefined = register("isUndefined", bit, { initial: 1 });
      when(off, () => isZero.set(1)).elseWhen(STANDBY.or(CHIPSELECT), () => {
        isZero.set(0);
        isUndefined.set(STANDBY.or(WREN));
      });
      const shown = mux(isUndefined, anything, word);
      DATAOUT.set(mux(off.or(isZero), unsignedConstant(0, 16), shown));
    },
  ),
);

export interface SpramAccess {
  /** 14 bits. */
  readonly address: Unsigned;
  /** 16 bits. */
  readonly data: Unsigned | Literal;
  /** 1: writes; 0: reads. */
  readonly write: Unsigned | Literal;
  /** One bit for each nibble of the word that is written, the lowest for its lowest bits; all if not given. */
  readonly mask?: Unsigned | Literal;
  /** Where it is 0, nothing is read or written, and the data of the last read stay. */
  readonly enable?: Unsigned | Literal;
}

/**
 * An SPRAM of 16384 x 16 bits that is always on. Returns what is read, in the cycle after; after a write it is undefined.
 */
export function spram(name: string, { address, data, write, mask = 15, enable = 1 }: SpramAccess): Unsigned {
  return instance(name, sbSpram256ka, {
    ADDRESS: address,
    DATAIN: data,
    MASKWREN: mask,
    WREN: write,
    CHIPSELECT: enable,
    STANDBY: 0,
    SLEEP: 0,
    POWEROFF: 1,
  }).DATAOUT;
}
