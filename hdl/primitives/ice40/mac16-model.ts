import {
  concat,
  type Design,
  fallingEdge,
  module,
  mux,
  register,
  type Signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { portDomain } from "../cell.ts";
import type { Mac16Parameters } from "./mac16-parameters.ts";
import { MAC16_INPUTS, MAC16_OUTPUTS } from "./mac16-ports.ts";

const CLK = portDomain("CLK");
const ZERO = unsignedConstant(0, 1);
const ONE = unsignedConstant(1, 1);

/**
 * SB_MAC16's behaviour, along the block diagram of Lattice TN1295 (figure 2), whose letters name the values here: A, B, C and
 * D behind the input registers; F, J, K and G the products of bytes; H the 16x16 product; W + X into Q above, Y + Z into S
 * below.
 *
 * Resets are asynchronous in the cell. Here a register shows 0 as long as its reset is 1, and has become 0 with the next
 * edge; the difference is a reset that comes and goes between two edges, which does nothing here.
 */
export function mac16Model(p: Mac16Parameters): Design<typeof MAC16_INPUTS, typeof MAC16_OUTPUTS> {
  const domain = p.NEG_TRIGGER === 1 ? fallingEdge(CLK) : CLK;
  return module(
    "SB_MAC16",
    { inputs: MAC16_INPUTS, outputs: MAC16_OUTPUTS, domain: CLK },
    ({ CE, IRSTTOP, IRSTBOT, ORSTTOP, ORSTBOT, ...io }) => {
      const state = (name: string, width: number, reset: Unsigned): State => {
        const at = register(name, unsigned(width), { domain });
        return {
          value: mux(reset, unsignedConstant(0, width), at),
          take: (next, hold) => {
            when(reset, () => at.set(0)).elseWhen(CE.and(hold.not()), () => at.set(next));
          },
        };
      };
      /** A value, or behind a register where the parameter is 1. */
      const stage = (name: string, on: 0 | 1 | undefined, value: Unsigned, reset: Unsigned, hold = ZERO) => {
        if (on !== 1) return value;
        const register = state(name, value.width, reset);
        register.take(value, hold);
        return register.value;
      };

      const A = stage("rA", p.A_REG, io.A, IRSTTOP, io.AHOLD);
      const B = stage("rB", p.B_REG, io.B, IRSTBOT, io.BHOLD);
      const C = stage("rC", p.C_REG, io.C, IRSTTOP, io.CHOLD);
      const D = stage("rD", p.D_REG, io.D, IRSTBOT, io.DHOLD);

      // The low bytes have a sign in 8x8 mode only, and there only with each other.
      const is8x8 = p.MODE_8x8 === 1;
      const [aHigh, aLow] = [number(A.bits(15, 8), p.A_SIGNED), number(A.bits(7, 0), 0)];
      const [bHigh, bLow] = [number(B.bits(15, 8), p.B_SIGNED), number(B.bits(7, 0), 0)];
      const a8 = is8x8 ? number(A.bits(7, 0), p.A_SIGNED) : aLow;
      const b8 = is8x8 ? number(B.bits(7, 0), p.B_SIGNED) : bLow;
      const standing = is8x8 ? ONE : ZERO;
      const F = stage("rF", p.TOP_8x8_MULT_REG, product(aHigh, bHigh), IRSTTOP);
      const G = stage("rG", p.BOT_8x8_MULT_REG, product(a8, b8), IRSTBOT);
      const J = stage("rJ", p.PIPELINE_16x16_MULT_REG1, product(aLow, bHigh), IRSTTOP, standing);
      const K = stage("rK", p.PIPELINE_16x16_MULT_REG1, product(aHigh, bLow), IRSTBOT, standing);
      const cross = number(K, p.A_SIGNED).add(number(J, p.B_SIGNED)).shl(8);
      const sum = concat(F, G).toSigned().add(cross).truncate(32).asUnsigned();
      const H = stage("rH", p.PIPELINE_16x16_MULT_REG2, sum, IRSTBOT, standing);

      const Z = [B, G, H.bits(15, 0), io.SIGNEXTIN.repeat(16)][p.BOTADDSUB_LOWERINPUT ?? 0]!;
      const below = addSubtract({
        accumulator: state("rS", 16, ORSTBOT),
        hold: io.OHOLDBOT,
        lower: Z,
        upper: p.BOTADDSUB_UPPERINPUT === 1 ? D : null,
        carry: [ZERO, ONE, io.ACCUMCI, io.CI][p.BOTADDSUB_CARRYSELECT ?? 0]!,
        subtract: io.ADDSUBBOT,
        load: io.OLOADBOT,
        loaded: D,
      });
      const X = [A, F, H.bits(31, 16), Z.bit(15).repeat(16)][p.TOPADDSUB_LOWERINPUT ?? 0]!;
      const above = addSubtract({
        accumulator: state("rQ", 16, ORSTTOP),
        hold: io.OHOLDTOP,
        lower: X,
        upper: p.TOPADDSUB_UPPERINPUT === 1 ? C : null,
        carry: [ZERO, ONE, below.carry, below.carry.xor(io.ADDSUBBOT)][p.TOPADDSUB_CARRYSELECT ?? 0]!,
        subtract: io.ADDSUBTOP,
        load: io.OLOADTOP,
        loaded: C,
      });

      const high = [above.next, above.accumulated, F, H.bits(31, 16)][p.TOPOUTPUT_SELECT ?? 0]!;
      const low = [below.next, below.accumulated, G, H.bits(15, 0)][p.BOTOUTPUT_SELECT ?? 0]!;
      io.O.set(concat(high, low));
      io.ACCUMCO.set(above.carry);
      io.CO.set(above.carry.xor(io.ADDSUBTOP));
      io.SIGNEXTOUT.set(X.bit(15));
    },
  );
}

/** A register with the cell's kind of reset and clock enable. */
interface State {
  readonly value: Unsigned;
  take(next: Unsigned, hold: Unsigned): void;
}

/** Bits as a number, signed if so told, of one bit more. */
const number = (bits: Unsigned, signed: 0 | 1 | undefined): Signed =>
  signed === 1 ? bits.asSigned().extend(bits.width + 1) : bits.toSigned();

/** Of two bytes with or without signs; 16 bits hold each of them. */
const product = (a: Signed, b: Signed): Unsigned => a.mul(b).truncate(16).asUnsigned();

interface AddSubtract {
  readonly accumulator: State;
  readonly hold: Unsigned;
  readonly lower: Unsigned;
  /** Null: the accumulator. */
  readonly upper: Unsigned | null;
  readonly carry: Unsigned;
  readonly subtract: Unsigned;
  readonly load: Unsigned;
  readonly loaded: Unsigned;
}

/** upper + lower + carry, or upper − lower − carry as the complement of (complement of upper) + lower + carry. */
function addSubtract({ accumulator, hold, lower, upper, carry, subtract, load, loaded }: AddSubtract) {
  const inverted = subtract.repeat(16);
  const sum = lower
    .add((upper ?? accumulator.value).xor(inverted))
    .add(carry)
    .truncate(17);
  const next = mux(load, loaded, sum.bits(15, 0).xor(inverted));
  accumulator.take(next, hold);
  return { next, accumulated: accumulator.value, carry: sum.bit(16) };
}
