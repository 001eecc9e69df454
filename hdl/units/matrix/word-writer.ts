import {
  array,
  bit,
  concat,
  delayed,
  module,
  mux,
  register,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { resized } from "../resized.ts";
import type { MatrixSizes } from "./parameters.ts";
import { placeShape } from "./row-sums.ts";

/** Bits of a pass' number: up to three are under way. */
export const PASS_BITS = 2;

/** Bits of a number of places by which sums are shifted. */
export const placesBits = ({ mostPlaces }: Pick<MatrixSizes, "mostPlaces">): number => bitsFor(mostPlaces);

/** What the writer has to know of a tile, kept until its rows are written. */
export const tileShape = (sizes: Pick<MatrixSizes, "tileRows" | "maxTokens" | "mostPlaces">) => ({
  last_row: unsigned(Math.log2(sizes.tileRows)),
  last_vector: unsigned(bitsFor(sizes.maxTokens - 1)),
  places: unsigned(placesBits(sizes)),
  exponent: signed(8),
  /** No other tile of the matrix follows. */
  last: bit,
});

/**
 * Reads finished sums of a tile, vector after vector, `outputLanes` together in every second cycle, and makes words of
 * them: shifted right by the matrix' places, rounded. In the cycles between others may write. Tiles come one for each set
 * of row sums, in turn; while one is written the other may arrive.
 *
 * The first words of a tile are there 3 cycles after it arrives.
 */
export function wordWriter(sizes: MatrixSizes) {
  const { banks, tileRows, accumulatorBits, outputLanes, rowBits, maxTokens, mostPlaces } = sizes;
  const lanes = Math.min(outputLanes, tileRows);
  const offsetBits = Math.log2(tileRows);
  const groupBits = Math.log2(tileRows / lanes);
  return module(
    "word_writer",
    {
      description: `Makes words of row sums, ${lanes} in every second cycle.`,
      inputs: {
        // A tile whose sums can be read from the next cycle on.
        arrives: bit,
        tiles: array(2, tileShape(sizes)),
        sums: array(banks, signed(accumulatorBits)),
      },
      outputs: {
        read: placeShape(sizes),
        words: array(lanes, { valid: bit, value: signed(32) }),
        row: unsigned(rowBits),
        vector: unsigned(bitsFor(maxTokens - 1)),
        pass: unsigned(PASS_BITS),
        // In a cycle with `pass_reads`, the number of the pass that words belong to from the next cycle on.
        pass_reads: bit,
        pass_next: unsigned(PASS_BITS),
        exponent: signed(9),
        // A tile's last two cycles are over after this one; the pass' are.
        frees: bit,
        done: bit,
      },
    },
    ({ arrives, tiles, sums, read, words, row, vector, pass, exponent, frees, done, ...io }) => {
      const pending = register("pending", unsigned(2), { reset: 0 });
      const rests = register("rests", bit, { reset: 0 });
      const set = register("set", bit, { reset: 0 });
      const group = register("group", unsigned(Math.max(1, groupBits)), { reset: 0 });
      const token = register("token", unsigned(bitsFor(maxTokens - 1)), { reset: 0 });
      const firstBlock = register("first_block", unsigned(Math.max(1, rowBits - 4)), { reset: 0 });
      const passNumber = register("pass_number", unsigned(PASS_BITS), { reset: 0 });
      const tile = mux(set, tiles[1]!, tiles[0]!);

      const active = pending.ne(0);
      const lastGroup =
        groupBits === 0
          ? unsignedConstant(1, 1)
          : group.eq(tile.last_row.bits(offsetBits - 1, offsetBits - groupBits));
      const lastVector = maxTokens === 1 ? unsignedConstant(1, 1) : token.eq(tile.last_vector);
      const ends = rests.and(lastGroup).and(lastVector);
      pending.set(pending.addWrap(arrives.extend(2)).subWrap(ends.extend(2)));
      rests.set(active.and(rests.not()));
      when(rests, () => {
        group.set(group.addWrap(1));
        when(lastGroup, () => {
          group.set(0);
          token.set(mux(lastVector, unsignedConstant(0, token.width), token.addWrap(1)));
        });
      });
      when(ends, () => {
        set.set(set.not());
        firstBlock.set(firstBlock.addWrap(resized(blockOf(tile.last_row), firstBlock.width)).addWrap(1));
        when(tile.last, () => {
          firstBlock.set(0);
          passNumber.set(passNumber.addWrap(1));
        });
      });
      const offset =
        groupBits === 0
          ? unsignedConstant(0, offsetBits)
          : lanes === 1
            ? group
            : concat(group, unsignedConstant(0, offsetBits - groupBits));
      read.set.set(set);
      read.vector.set(token);
      read.address.set(banks === tileRows ? 0 : offset.bits(offsetBits - 1, Math.log2(banks)));

      // Sums are there a cycle after their address, and words in the cycle after that.
      const rounded = lanesAt(offset, sums, lanes).map((sum) =>
        (mostPlaces === 0 ? sum.extend(Math.max(32, sum.width)) : shiftRounded(sum, tile.places))
          .extend(Math.max(34, accumulatorBits + 2))
          .truncate(32),
      );
      for (const [lane, word] of words.entries()) {
        const there =
          lane === 0 ? rests : rests.and(offset.add(lane).le(tile.last_row.extend(offsetBits + 1)));
        word.valid.set(delayed(`valid_${lane}`, there, 1, { reset: 0 }));
        word.value.set(register(`word_${lane}`, signed(32), { enable: rests, next: rounded[lane]! }));
      }
      const firstRow = concat(
        firstBlock.addWrap(resized(blockOf(offset), firstBlock.width)),
        offset.truncate(4),
      );
      const said = register(
        "said",
        {
          row: unsigned(rowBits),
          vector: unsigned(token.width),
          pass: unsigned(PASS_BITS),
          exponent: signed(9),
        },
        {
          enable: rests,
          next: {
            row: resized(firstRow, rowBits),
            vector: token,
            pass: passNumber,
            // At most 127 and 21.
            exponent: tile.exponent.add(tile.places.toSigned()).extend(10).truncate(9),
          },
        },
      );
      row.set(said.row);
      vector.set(said.vector);
      pass.set(said.pass);
      io.pass_reads.set(rests);
      io.pass_next.set(passNumber);
      exponent.set(said.exponent);
      frees.set(delayed("freed", ends, 2, { reset: 0 }));
      done.set(delayed("ended", ends.and(tile.last), 2, { reset: 0 }));
    },
  );
}

/** Number of the row block within the tile. */
const blockOf = (row: Unsigned): Unsigned =>
  row.width === 4 ? unsignedConstant(0, 1) : row.bits(row.width - 1, 4);

/** The sums of `lanes` rows from `offset` on; row r lies in bank r mod the number of banks. */
function lanesAt(offset: Unsigned, sums: readonly Signed[], lanes: number): readonly Signed[] {
  const parts = Array.from({ length: sums.length / lanes }, (_, part) =>
    sums.slice(part * lanes, (part + 1) * lanes),
  );
  if (parts.length === 1) return sums;
  return choose(offset.bits(Math.log2(sums.length) - 1, Math.log2(lanes)), parts);
}

/** floor(sum / 2^places + 1/2) */
const shiftRounded = (sum: Signed, places: Unsigned): Signed => sum.shl(1).shr(places).add(1).shr(1);
