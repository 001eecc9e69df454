import {
  array,
  bit,
  delayed,
  module,
  mux,
  register,
  type Signal,
  signed,
  signedConstant,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type Value,
  type ValueOf,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { forwardingMemory } from "../forwarding-memory.ts";
import type { MatrixSizes } from "./parameters.ts";
import { CHAIN_CYCLES } from "./sparse-chain.ts";

/** Cycles from a beat to its rows' finished sums. */
export const SUM_CYCLES = CHAIN_CYCLES + 2;

/** What a beat says about its rows, in the cycle in which it enters the chains. */
export const beatShape = ({ tileRows, modes }: Pick<MatrixSizes, "tileRows" | "modes">) => ({
  /** There are weights, or sums to be scaled. */
  valid: bit,
  mode: unsigned(bitsFor(modes.length - 1)),
  /** First of its rows, within the tile. */
  row: unsigned(Math.log2(tileRows)),
  /** A new sum within the scale group begins. */
  begins_group: bit,
  /** The sum within the scale group ends, is scaled and added to the row's sum. */
  ends_group: bit,
  /** It is the first one that is added to the row's sum. */
  begins_row: bit,
  /** Which of the two sets of row sums. */
  set: bit,
});

/**
 * Adds up the rows of a tile: products within a scale group, and groups, each times its scale, into one of two sets of
 * row sums, so that one set can be read while the other is made. Rows lie side by side in `banks` memories.
 *
 *     sum[row] = Σ_groups mantissa · 2^shift · Σ_columns of the group products
 *
 * A row's sum may be read by an address given 5 cycles after its last beat; it is there in the cycle after.
 */
export function rowSums(sizes: MatrixSizes) {
  const { banks, beatRows, tileRows, dotBits, accumulatorBits, sumBits } = sizes;
  const depth = tileRows / banks;
  return module(
    "row_sums",
    {
      description: `Sums of ${tileRows} rows in two sets, side by side in ${banks} banks.`,
      inputs: {
        beat: beatShape(sizes),
        // Of the beat's rows, in the beat's own cycle.
        scales: array(beatRows, unsigned(8)),
        // Of the beat's rows, as they leave the chains.
        sums: array(beatRows, signed(sumBits)),
        read_set: bit,
        read_address: unsigned(addressBits(depth)),
      },
      outputs: { rows: array(banks, signed(accumulatorBits)) },
    },
    ({ beat, scales, sums, read_set, read_address, rows }) => {
      const at = stages("beat", beat, SUM_CYCLES);
      const scalesOf = stages("scales", scales, CHAIN_CYCLES + 1);
      const readSet = delayed("read_set_1", read_set);
      const groupAddress = bankAddress(at[CHAIN_CYCLES - 1]!.row, banks, depth);
      const sumAddress = bankAddress(at[CHAIN_CYCLES + 1]!.row, banks, depth);
      for (let bank = 0; bank < banks; bank++) {
        const share = bankShare(sizes, bank);

        // Within the group.
        const products = at[CHAIN_CYCLES]!;
        const group = forwardingMemory(`group_${bank}`, dotBits, depth, groupAddress);
        const before = mux(products.begins_group, signedConstant(0, dotBits), group.data);
        const dot = before.addWrap(share.of(products, sums).extend(dotBits));
        group.write(share.takes(products), bankAddress(products.row, banks, depth), dot);

        // The group's sum, scaled.
        const scaling = at[CHAIN_CYCLES + 1]!;
        const finished = register(`finished_${bank}`, signed(dotBits), { next: dot });
        const scale = share.of(scaling, scalesOf[CHAIN_CYCLES + 1]!);
        const scaled = register(`scaled_${bank}`, signed(dotBits + 6), {
          next: finished.mul(scale.bits(4, 0).toSigned()),
        });
        const shift = delayed(`shift_${bank}`, scale.bits(7, 5));

        // Over the groups, in the tile's set.
        const adding = at[SUM_CYCLES]!;
        const sets = ([0, 1] as const).map((set) => {
          const adds = scaling.valid.and(scaling.ends_group).and(scaling.set.eq(set));
          return forwardingMemory(
            `sum_${bank}_${set}`,
            accumulatorBits,
            depth,
            mux(adds, sumAddress, read_address),
          );
        });
        const sumBefore = mux(adding.set, sets[1]!.data, sets[0]!.data);
        const zero = signedConstant(0, accumulatorBits);
        const sum = mux(adding.begins_row, zero, sumBefore).add(scaled.shl(shift)).truncate(accumulatorBits);
        for (const [set, { write }] of sets.entries())
          write(
            share.takes(adding).and(adding.ends_group).and(adding.set.eq(set)),
            bankAddress(adding.row, banks, depth),
            sum,
          );
        rows[bank]!.set(mux(readSet, sets[1]!.data, sets[0]!.data));
      }
    },
  );
}

/** A value now and 1, 2 ... cycles ago. */
function stages<V extends Value>(name: string, value: V, cycles: number): readonly V[] {
  const all = [value];
  for (let i = 1; i <= cycles; i++) all.push(delayed(`${name}_${i}`, all[i - 1]!));
  return all;
}

const addressBits = (depth: number): number => Math.max(1, Math.log2(depth));

/** Row `row` lies in bank row mod `banks`. */
const bankAddress = (row: Unsigned, banks: number, depth: number): Unsigned =>
  depth === 1 ? unsignedConstant(0, 1) : row.bits(row.width - 1, Math.log2(banks));

type Beat = ValueOf<ReturnType<typeof beatShape>>;

/** A bank's part of a beat: whether one of the beat's rows lies in it, and which. */
function bankShare({ modes, banks }: MatrixSizes, bank: number) {
  /** The beat's rows lie in neighbouring banks. */
  const isAmong = (row: Unsigned, rows: number): Unsigned =>
    rows === banks
      ? unsignedConstant(1, 1)
      : row.bits(Math.log2(banks) - 1, Math.log2(rows)).eq(Math.floor(bank / rows));
  return {
    takes: ({ valid, mode, row }: Beat): Unsigned =>
      valid.and(
        choose(
          mode,
          modes.map(({ rows }) => isAmong(row, rows)),
        ),
      ),
    of: <V extends Signal>({ mode }: Beat, values: readonly V[]): V =>
      choose(
        mode,
        modes.map(({ rows }) => values[bank % rows]!),
      ),
  };
}
