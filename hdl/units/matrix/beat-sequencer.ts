import {
  assign,
  bit,
  module,
  mux,
  named,
  register,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { groupShape } from "./group.ts";
import type { MatrixSizes } from "./parameters.ts";
import { beatShape } from "./row-sums.ts";

/** Works a group off, beat by beat, from the cycle after it was taken; in its last one the next group may be taken. */
export function beatSequencer(sizes: MatrixSizes) {
  const { modes, tileRows } = sizes;
  const shape = groupShape(sizes);
  const rowBits = shape.row.width;
  const partBits = bitsFor(Math.max(...modes.map(({ beatsPerRow }) => beatsPerRow)) - 1);
  return module(
    "beat_sequencer",
    {
      description: "Which rows a cycle's products belong to.",
      inputs: { take: bit, group: shape },
      outputs: {
        free: bit,
        beat: beatShape(sizes),
        scaled: bit,
        // The dequantizer moves on to the next weights, and to the next rows' scales.
        advance: bit,
        advance_rows: bit,
        tile_ends: bit,
        busy: bit,
      },
    },
    ({ take, group, ...out }) => {
      const left = register("cycles_left", shape.cycles, { reset: 0 });
      const held = register("held", shape, { enable: take, next: group });
      const row = register("row", unsigned(rowBits));
      // A row of more weights than there are lanes takes some beats.
      const part = register("part", unsigned(partBits));
      const valid = named("valid", left.ne(0).and(held.works));
      const last = left.le(1);
      const parts = modes.map(({ beatsPerRow }) => unsignedConstant(beatsPerRow - 1, partBits));
      const endsRow = named("ends_row", part.eq(choose(held.mode, parts)));
      const rows = choose(
        held.mode,
        modes.map((mode) => unsignedConstant(mode.rows % tileRows, rowBits)),
      );

      when(left.ne(0), () => left.set(left.subWrap(1)));
      when(valid, () => {
        part.set(mux(endsRow, unsignedConstant(0, partBits), part.addWrap(1)));
        when(endsRow, () => row.set(row.addWrap(rows)));
      });
      when(take, () => {
        left.set(group.cycles);
        when(group.works.and(group.places_row), () => {
          row.set(group.row);
          part.set(0);
        });
      });

      out.free.set(last);
      assign(out.beat, {
        valid,
        mode: held.mode,
        row,
        begins_group: held.begins_group.and(part.eq(0)),
        ends_group: held.ends_group.and(endsRow),
        begins_row: held.begins_row,
        set: held.set,
      });
      out.scaled.set(held.scaled);
      out.advance.set(valid);
      out.advance_rows.set(valid.and(endsRow));
      out.tile_ends.set(left.eq(1).and(held.ends_tile));
      out.busy.set(left.ne(0));
    },
  );
}
