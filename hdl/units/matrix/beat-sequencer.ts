import {
  assign,
  bit,
  module,
  mux,
  named,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { beatBits } from "./dequantizer.ts";
import { groupShape } from "./group.ts";
import type { MatrixSizes } from "./parameters.ts";
import { beatShape } from "./row-sums.ts";

/** Bits of a window's number within its column block. */
export const windowBits = ({ window }: Pick<MatrixSizes, "window">): number => bitsFor(16 / window - 1);

/**
 * Works a group off, beat by beat for one activation vector after the other, from the cycle after it was taken; in its last
 * cycle the next group may be taken.
 */
export function beatSequencer(sizes: MatrixSizes) {
  const { modes, tileRows, maxTokens, segment } = sizes;
  const shape = groupShape(sizes);
  const rowBits = shape.row.width;
  const partBits = bitsFor(Math.max(...modes.map(({ beatsPerRow }) => beatsPerRow)) - 1);
  return module(
    "beat_sequencer",
    {
      description: "Which rows, and which activations, a cycle's products belong to.",
      inputs: { take: bit, group: shape, last_vector: unsigned(bitsFor(maxTokens - 1)) },
      outputs: {
        free: bit,
        beat: beatShape(sizes),
        // The beat's number within its group.
        number: unsigned(beatBits(sizes)),
        scaled: bit,
        column: unsigned(sizes.columnBits),
        window: unsigned(windowBits(sizes)),
        tile_ends: bit,
        busy: bit,
      },
    },
    ({ take, group, last_vector, ...out }) => {
      const busy = register("working", bit, { reset: 0 });
      const held = register("held", shape, { enable: take, next: group });
      const number = register("number_of_beat", unsigned(beatBits(sizes)), { reset: 0 });
      const vector = register("vector", unsigned(bitsFor(maxTokens - 1)), { reset: 0 });
      const set = register("set", bit, { reset: 0 });
      const row = register("row", unsigned(rowBits));
      // A row of more weights than there are lanes takes some beats.
      const part = register("part", unsigned(partBits));

      const valid = named("valid", busy.and(held.works));
      const vectorEnds = named("vector_ends", number.eq(held.last_beat));
      const lastVector = maxTokens === 1 ? unsignedConstant(1, 1) : held.once.or(vector.eq(last_vector));
      const ends = named("ends", vectorEnds.and(lastVector));
      const parts = modes.map(({ beatsPerRow }) => unsignedConstant(beatsPerRow - 1, partBits));
      const places = group.works.and(group.places_row);
      const endsRow = named("ends_row", part.eq(choose(held.mode, parts)));
      const rows = choose(
        held.mode,
        modes.map((mode) => unsignedConstant(mode.rows % tileRows, rowBits)),
      );
      const nextRow = mux(valid.and(endsRow), row.addWrap(rows), row);
      const nextPart = mux(valid, mux(endsRow, unsignedConstant(0, partBits), part.addWrap(1)), part);
      row.set(nextRow);
      part.set(nextPart);
      when(busy, () => number.set(number.addWrap(1)));
      when(busy.and(vectorEnds), () => {
        number.set(0);
        vector.set(mux(lastVector, unsignedConstant(0, vector.width), vector.addWrap(1)));
      });
      if (maxTokens > 1) {
        // Every vector's beats begin at the same row.
        const firstRow = register("first_row", unsigned(rowBits));
        const firstPart = register("first_part", unsigned(partBits));
        when(busy.and(vectorEnds).and(lastVector.not()), () => {
          row.set(firstRow);
          part.set(firstPart);
        });
        when(take, () => {
          firstRow.set(mux(places, group.row, nextRow));
          firstPart.set(mux(places, unsignedConstant(0, partBits), nextPart));
        });
      }
      when(ends, () => busy.set(0));
      when(busy.and(ends).and(held.ends_tile), () => set.set(set.not()));
      when(take, () => {
        busy.set(1);
        when(places, () => {
          row.set(group.row);
          part.set(0);
        });
      });

      out.free.set(busy.not().or(ends));
      // A part of a row that another group began is added to what that one left.
      const begins = segment === "row" ? held.begins_group : held.begins_group.and(held.continues_row.not());
      assign(out.beat, {
        valid,
        mode: held.mode,
        row,
        vector,
        begins_group: begins,
        ends_segment: segment === "row" ? endsRow : endsRow.or(vectorEnds),
        ends_group: held.ends_group.and(endsRow),
        begins_row: held.begins_row,
        set,
      });
      out.number.set(number);
      out.scaled.set(held.scaled);
      out.column.set(held.column);
      out.window.set(
        choose(
          held.mode,
          modes.map(({ beatsPerRow }) => windowOf(part, beatsPerRow, sizes)),
        ),
      );
      out.tile_ends.set(busy.and(ends).and(held.ends_tile));
      out.busy.set(busy);
    },
  );
}

/** The window of a row's part: those of a row follow each other over the block's columns. */
function windowOf(part: Unsigned, beatsPerRow: number, { window }: MatrixSizes): Unsigned {
  const bits = windowBits({ window });
  const beatsPerWindow = (beatsPerRow * window) / 16;
  if (window === 16 || beatsPerWindow < 1) return unsignedConstant(0, bits);
  return part.bits(Math.log2(beatsPerRow) - 1, Math.log2(beatsPerWindow));
}
