import {
  array,
  bit,
  delayed,
  module,
  mux,
  register,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import type { MatrixSizes } from "./parameters.ts";

/** Bits of a number of places by which sums are shifted. */
export const PLACES_BITS = 5;

/** Bits of a pass' number: up to three are under way. */
export const PASS_BITS = 2;

/** What the writer has to know of a tile, kept until its rows are written. */
export const tileShape = ({ rowBits, tileRows }: MatrixSizes) => ({
  pass: unsigned(PASS_BITS),
  /** Its first row in the matrix, and how many it has. */
  row: unsigned(rowBits),
  rows: unsigned(bitsFor(tileRows)),
  places: unsigned(PLACES_BITS),
  exponent: signed(8),
  /** No other tile of the matrix follows. */
  last: bit,
});

/**
 * Reads finished sums of a tile, `outputLanes` in every second cycle, and makes words of them: shifted right by the matrix'
 * places, rounded. In the cycles between others may write. Tiles come one for each set of row sums; while one is written the other may be announced.
 */
export function wordWriter(sizes: MatrixSizes) {
  const { banks, tileRows, accumulatorBits, outputLanes, rowBits } = sizes;
  const lanes = Math.min(outputLanes, tileRows);
  const depth = tileRows / banks;
  const offsetBits = Math.log2(tileRows);
  return module(
    "word_writer",
    {
      description: `Makes words of row sums, ${lanes} in every second cycle.`,
      inputs: {
        // A tile whose sums can be read from the next cycle on.
        arrives: bit,
        arriving_set: bit,
        tiles: array(2, tileShape(sizes)),
        sums: array(banks, signed(accumulatorBits)),
      },
      outputs: {
        read_set: bit,
        read_address: unsigned(Math.max(1, Math.log2(depth))),
        words: array(lanes, { valid: bit, value: signed(32) }),
        row: unsigned(rowBits),
        pass: unsigned(PASS_BITS),
        exponent: signed(9),
        // A tile's last two cycles are over after this one; the pass' are.
        frees: array(2, bit),
        done: bit,
      },
    },
    ({
      arrives,
      arriving_set,
      tiles,
      sums,
      read_set,
      read_address,
      words,
      row,
      pass,
      exponent,
      frees,
      done,
    }) => {
      const active = register("active", bit, { reset: 0 });
      const waiting = register("waiting", bit, { reset: 0 });
      const set = register("set", bit, { reset: 0 });
      const rests = register("rests", bit, { reset: 0 });
      const offset = register("offset", unsigned(offsetBits), { reset: 0 });
      const tile = mux(set, tiles[1]!, tiles[0]!);
      const ends = rests.and(offset.add(lanes).ge(tile.rows.extend(offset.add(lanes).width)));

      when(active, () => rests.set(rests.not()));
      when(rests, () => offset.set(offset.addWrap(lanes % tileRows)));
      when(ends, () => {
        active.set(waiting);
        waiting.set(0);
        set.set(set.not());
        offset.set(0);
      });
      when(arrives, () => {
        when(active.and(ends.not().or(waiting)), () => waiting.set(1)).otherwise(() => {
          active.set(1);
          set.set(arriving_set);
          offset.set(0);
        });
      });
      read_set.set(set);
      read_address.set(depth === 1 ? 0 : offset.bits(offsetBits - 1, Math.log2(banks)));

      // Sums are there a cycle after their address.
      const writing = delayed("writing", active.and(rests.not()), 1, { reset: 0 });
      const written = delayed("written", { offset, set, tile });
      const ended = delayed("ended", ends, 1, { reset: 0 });
      const rounded = lanesAt(written.offset, sums, lanes).map((sum) =>
        shiftRounded(sum, written.tile.places),
      );
      for (const [lane, word] of words.entries()) {
        const at = written.offset.add(lane);
        word.valid.set(
          writing.and(at.lt(written.tile.rows.extend(Math.max(at.width, written.tile.rows.width)))),
        );
        word.value.set(rounded[lane]!.truncate(32));
      }
      row.set(
        written.tile.row.addWrap(written.offset.extend(Math.max(rowBits, offsetBits)).truncate(rowBits)),
      );
      pass.set(written.tile.pass);
      // At most 127 and 31.
      exponent.set(written.tile.exponent.add(written.tile.places.toSigned()).truncate(9));
      for (const [i, free] of frees.entries()) free.set(ended.and(written.set.eq(i)));
      done.set(ended.and(written.tile.last));
    },
  );
}

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
