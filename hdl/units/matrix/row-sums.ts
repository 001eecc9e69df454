import {
  array,
  bit,
  concat,
  delayed,
  instance,
  module,
  mux,
  register,
  type Signal,
  type Signed,
  signed,
  signedConstant,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type Value,
  type ValueOf,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import type { MatrixSizes } from "./parameters.ts";
import { addendCycles, SCALE_CYCLES, scaler } from "./scaler.ts";
import { CHAIN_CYCLES } from "./sparse-chain.ts";
import { sumMemory } from "./sum-memory.ts";

/** Cycles from a beat to the sums that leave the chains: its weights follow it by one. */
export const PRODUCT_CYCLES = 1 + CHAIN_CYCLES;

/** Cycles from a beat to the first in which an address of its rows' finished sums may be given. */
export const SUM_CYCLES = PRODUCT_CYCLES + 1 + SCALE_CYCLES + 1;

/** What a beat says about its rows. */
export const beatShape = ({
  tileRows,
  modes,
  maxTokens,
}: Pick<MatrixSizes, "tileRows" | "modes" | "maxTokens">) => ({
  /** There are weights, or sums to be scaled. */
  valid: bit,
  mode: unsigned(bitsFor(modes.length - 1)),
  /** First of its rows, within the tile. */
  row: unsigned(Math.log2(tileRows)),
  /** The activation vector. */
  vector: unsigned(bitsFor(maxTokens - 1)),
  /** A new sum within the scale group begins. */
  begins_group: bit,
  /** What has been added up since the last such beat is added to the row. */
  ends_segment: bit,
  /** The sum within the scale group ends, is scaled and added to the row's sum. */
  ends_group: bit,
  /** It is the first one that is added to the row's sum. */
  begins_row: bit,
  /** Which of the two sets of row sums. */
  set: bit,
});

/** A place of the finished sums: rows side by side in the banks, for each vector, in two sets. */
export const placeShape = ({
  tileRows,
  banks,
  maxTokens,
}: Pick<MatrixSizes, "tileRows" | "banks" | "maxTokens">) => ({
  set: bit,
  vector: unsigned(bitsFor(maxTokens - 1)),
  address: unsigned(Math.max(1, Math.log2(tileRows / banks))),
});

/**
 * Adds up the rows of a tile: products within a scale group, and groups, each times its scale, into one of two sets of
 * row sums, so that one set can be read while the other is made. Rows lie side by side in `banks` memories.
 *
 *     sum[row] = Σ_groups mantissa · 2^shift · Σ_columns of the group products
 *
 * Sums come 4 cycles after their beat. A row's sum may be read by an address given 8 cycles after its last beat; it is
 * there in the cycle after.
 */
export function rowSums(sizes: MatrixSizes) {
  const { banks, beatRows, tileRows, dotBits, accumulatorBits, sumBits, groupDistance, sumDistance } = sizes;
  const rowDepth = tileRows / banks;
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
        read: placeShape(sizes),
      },
      outputs: { rows: array(banks, signed(accumulatorBits)) },
    },
    ({ beat, scales, sums, read, rows }) => {
      const at = stages("beat", beat, SUM_CYCLES - 1);
      const scalesOf = delayed("scales", scales, PRODUCT_CYCLES + 1);
      const segments = segmentsOf(sizes, at[PRODUCT_CYCLES]!, sums);
      const adding = at[PRODUCT_CYCLES + 1]!;
      const scaled = at[PRODUCT_CYCLES + 1 + SCALE_CYCLES]!;
      const addressed = at[PRODUCT_CYCLES + addendCycles(sizes)]!;
      const summed = at[PRODUCT_CYCLES + 1 + addendCycles(sizes)]!;
      const rowAddress = ({ row }: Beat): Unsigned => bankAddress(row, banks, rowDepth);
      const groupPlace = (one: Beat): Unsigned =>
        joined([
          [one.vector, sizes.maxTokens],
          [rowAddress(one), rowDepth],
        ]);
      const sumPlace = (set: Unsigned, vector: Unsigned, address: Unsigned): Unsigned =>
        joined([
          [set, 2],
          [vector, sizes.maxTokens],
          [address, rowDepth],
        ]);
      const vectors = 2 ** Math.ceil(Math.log2(sizes.maxTokens));
      const readPlace = sumPlace(read.set, read.vector, read.address);
      for (let bank = 0; bank < banks; bank++) {
        const share = bankShare(sizes, bank);

        // Within the group.
        const group = sumMemory(`group_${bank}`, {
          bits: dotBits,
          depth: vectors * rowDepth,
          readAddress: groupPlace(at[PRODUCT_CYCLES]!),
          forwards: groupDistance < 2,
        });
        const before = mux(adding.begins_group, signedConstant(0, dotBits), group.data);
        const segment = share.of(adding, segments);
        const dot = before.addWrap(resized(segment, dotBits));
        group.write(share.takes(adding).and(adding.ends_segment), groupPlace(adding), dot);

        // Over the groups, in the tile's set.
        const sum = sumMemory(`sum_${bank}`, {
          bits: accumulatorBits,
          depth: 2 * vectors * rowDepth,
          readAddress: sumPlace(addressed.set, addressed.vector, rowAddress(addressed)),
          forwards: sumDistance < 2,
        });
        const addend = mux(summed.begins_row, signedConstant(0, accumulatorBits), sum.data);
        const scale = share.of(adding, scalesOf);
        const total = instance(`scaler_${bank}`, scaler(sizes), { dot, scale, addend }).sum;
        sum.write(
          share.takes(scaled).and(scaled.ends_group),
          sumPlace(scaled.set, scaled.vector, rowAddress(scaled)),
          total,
        );
        rows[bank]!.set(sum.read(readPlace));
      }
    },
  );
}

/** Sums of the rows since their segment began, the cycle after the chains'. A row that goes on for some beats is added up. */
function segmentsOf(
  { modes, sumBits, beatRows }: MatrixSizes,
  beat: Beat,
  sums: readonly Signed[],
): readonly Signed[] {
  const most = Math.max(...modes.map(({ kept }) => kept), 1);
  const bits = 16 + Math.log2(most);
  const [first] = sums;
  if (first === undefined || modes.every(({ beatsPerRow }) => beatsPerRow === 1))
    return register("segment", array(beatRows, signed(sumBits)), { next: sums });
  const before = register("before", signed(bits), { reset: 0 });
  const total = before.add(first.extend(bits)).truncate(bits);
  when(beat.valid, () => {
    before.set(total);
    when(beat.ends_segment, () => before.set(0));
  });
  return register("segment", array(beatRows, signed(bits)), {
    next: [total, ...sums.slice(1).map((sum) => sum.extend(bits))],
  });
}

/** Sums of a beat can be wider than a group's ever get. */
const resized = (value: Signed, bits: number): Signed =>
  value.width > bits ? value.truncate(bits) : value.extend(bits);

/** A value now and 1, 2 ... cycles ago; a reset clears them, as nothing from before it may be added up. */
function stages<V extends Value>(name: string, value: V, cycles: number): readonly V[] {
  const all = [value];
  for (let i = 1; i <= cycles; i++) all.push(delayed(`${name}_${i}`, all[i - 1]!, 1, { reset: 0 }));
  return all;
}

/** Numbers side by side that count up to so many things each; those of one thing only are left out. */
function joined(parts: readonly (readonly [Unsigned, number])[]): Unsigned {
  const [first, ...others] = parts.flatMap(([part, count]) => (count === 1 ? [] : [part]));
  if (first === undefined) return unsignedConstant(0, 1);
  return others.reduce<Unsigned>((all, part) => concat(all, part), first);
}

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
