import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../../models/formats/stream.ts";
import {
  array,
  assign,
  bit,
  module,
  mux,
  named,
  register,
  select,
  signed,
  stateMachine,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { commandShape, groupShape, unpackingShape } from "./group.ts";
import {
  countBytes,
  formatSaid,
  groupCycles,
  groupLength,
  isCounted,
  isSixteen,
  lowBits,
  modeOfCount,
  modeOfFormat,
  runPackets,
  tileBlocksOf,
} from "./group-rules.ts";
import type { MatrixSizes } from "./parameters.ts";
import { PASS_BITS, PLACES_BITS, tileShape } from "./word-writer.ts";

/**
 * Walks over a matrix in the order of its stream: tiles, column blocks, row blocks where they count for themselves, groups
 * of packets. It says how many bytes come next and, once they are there and the multipliers are free, takes them.
 */
export function groupSequencer(sizes: MatrixSizes) {
  const { formats, modes, packets, tileBlocks, tileRows, groupBytes, rowBits, columnBits } = sizes;
  const blockBits = bitsFor(tileBlocks);
  const runBits = bitsFor(tileBlocks * 2 * BLOCK);
  return module(
    "group_sequencer",
    {
      description: "Which packets come next, and when they are taken.",
      inputs: {
        start: bit,
        command: commandShape(sizes),
        bytes: unsigned(8 * HEADER_BYTES),
        bytes_ready: bit,
        multipliers_free: bit,
        set_frees: array(2, bit),
      },
      outputs: {
        active: bit,
        needed: unsigned(bitsFor(groupBytes)),
        take: bit,
        close: bit,
        unpacking: unpackingShape(sizes),
        group: groupShape(sizes),
        block_read: bit,
        block: unsigned(columnBits),
        tiles: array(2, tileShape(sizes)),
        source: unsigned(bitsFor(sizes.sources.length - 1)),
      },
    },
    (io) => {
      const { start, bytes } = io;
      const active = register("running", bit, { reset: 0 });
      const command = register("told", commandShape(sizes), { enable: start, next: io.command });
      const phase = stateMachine("phase", ["header", "count", "packets"]);

      // What the stream's header says, and the counts of its blocks.
      const format = register("format", unsigned(bitsFor(formats.length - 1)));
      const mode = register("mode", unsigned(bitsFor(modes.length - 1)));
      const groupBlocks = register("group_blocks", unsigned(8));
      const places = register("places", unsigned(PLACES_BITS));
      const exponent = register("header_exponent", signed(8));
      const pass = register("pass", unsigned(PASS_BITS), { reset: 3 });
      const counted = isCounted(formats, format);

      // Where in the matrix it is.
      const rowsLeft = register("rows_left", unsigned(rowBits));
      const tileRow = register("tile_row", unsigned(rowBits));
      const set = register("set", bit, { reset: 0 });
      const column = register("column", unsigned(columnBits));
      const groupColumn = register("group_column", unsigned(8));
      const scaledBefore = register("scaled_before", bit);
      const block = register("row_block", unsigned(blockBits));
      const taken = register("taken", unsigned(runBits));

      const lastTile = named("last_tile", rowsLeft.le(Math.min(tileRows, 2 ** rowBits - 1)));
      const lastColumn = named("last_column", column.add(1).eq(command.column_blocks.extend(columnBits + 1)));
      const endsGroup = named(
        "ends_group",
        lastColumn.or(command.weights.and(groupColumn.addWrap(1).eq(groupBlocks))),
      );
      const scales = endsGroup.and(command.weights);
      const blocks = named("blocks", tileBlocksOf(rowsLeft, command.whole_tiles, tileBlocks));

      // A run: packets that follow each other without anything between them but scales.
      const run = named("run", runPackets(sizes, mode, counted, blocks));
      const left = run.subWrap(taken);
      const lastOfRun = named("last_of_run", left.le(packets));
      const count = named(
        "count",
        mux(lastOfRun, left.truncate(bitsFor(packets)), unsignedConstant(packets, bitsFor(packets))),
      );
      const secondHalf = named(
        "second_half",
        packets === 1 ? isSixteen(sizes, mode).and(taken.bit(0)) : unsignedConstant(0, 1),
      );

      const atHeader = phase.is("header");
      const atCount = phase.is("count");
      const atPackets = phase.is("packets");
      const skips = named("skips", atCount.and(bytes.bits(7, 0).eq(0)));

      // Two tiles may wait to be written; the next one waits for the first of them.
      const busy = register("set_busy", array(2, bit), { reset: 0 });
      const firstOfTile = atHeader.not().and(column.eq(0)).and(block.eq(0)).and(taken.eq(0));
      const waits = firstOfTile.and(mux(set, busy[1]!, busy[0]!));
      const take = named("taking", active.and(io.multipliers_free).and(io.bytes_ready).and(waits.not()));
      const runEnds = named("run_ends", take.and(skips.or(atPackets.and(lastOfRun))));
      const stepEnds = named("step_ends", runEnds.and(counted.not().or(block.addWrap(1).eq(blocks))));
      const tileEnds = named("tile_ends", stepEnds.and(lastColumn));
      const passEnds = named("pass_ends", tileEnds.and(lastTile));

      when(start, () => {
        active.set(1);
        format.set(io.command.format);
        mode.set(modeOfFormat(sizes, io.command.format));
        places.set(0);
        exponent.set(0);
        pass.set(pass.addWrap(1));
        rowsLeft.set(io.command.rows);
        for (const counter of [tileRow, column, groupColumn, scaledBefore, block, taken]) counter.set(0);
        when(io.command.weights, () => phase.go("header")).otherwise(() => phase.go("packets"));
      });
      when(take, () => {
        phase.on({
          header: () => {
            const said = formatSaid(sizes, bytes.bits(7, 0));
            format.set(said);
            mode.set(modeOfFormat(sizes, said));
            groupBlocks.set(bytes.bits(15, 8));
            exponent.set(bytes.bits(23, 16).asSigned());
            places.set(bytes.bits(24 + PLACES_BITS - 1, 24));
            when(isCounted(formats, said), () => phase.go("count")).otherwise(() => phase.go("packets"));
          },
          count: () => {
            mode.set(modeOfCount(sizes, bytes.bits(7, 0)));
            when(skips.not(), () => phase.go("packets"));
          },
          packets: () => {
            taken.set(taken.addWrap(packets % 2 ** runBits));
            when(lastOfRun.and(counted), () => phase.go("count"));
          },
        });
      });
      when(runEnds, () => {
        taken.set(0);
        block.set(block.addWrap(1));
      });
      when(stepEnds, () => {
        block.set(0);
        column.set(column.addWrap(1));
        groupColumn.set(mux(endsGroup, unsignedConstant(0, 8), groupColumn.addWrap(1)));
        scaledBefore.set(scaledBefore.or(endsGroup));
      });
      when(tileEnds, () => {
        column.set(0);
        groupColumn.set(0);
        scaledBefore.set(0);
        rowsLeft.set(rowsLeft.subWrap(tileRows % 2 ** rowBits));
        tileRow.set(tileRow.addWrap(tileRows % 2 ** rowBits));
        set.set(set.not());
      });
      when(passEnds, () => active.set(0));

      const tile = {
        row: tileRow,
        rows: mux(
          lastTile,
          lowBits(rowsLeft, bitsFor(tileRows)),
          unsignedConstant(tileRows, bitsFor(tileRows)),
        ),
        pass,
        places,
        exponent,
        last: lastTile,
      };
      for (const i of [0, 1]) {
        const ours = tileEnds.and(set.eq(i));
        when(io.set_frees[i]!, () => busy[i]!.set(0));
        when(ours, () => busy[i]!.set(1));
        assign(io.tiles[i]!, register(`tile_${i}`, tileShape(sizes), { enable: ours, next: tile }));
      }

      io.active.set(active);
      io.take.set(take);
      io.close.set(passEnds.or(tileEnds.and(command.aligned_tiles)));
      io.needed.set(
        mux(
          atHeader,
          unsignedConstant(HEADER_BYTES, bitsFor(groupBytes)),
          mux(
            atCount,
            countBytes(sizes, scales),
            groupLength(sizes, { format, mode, count, scales, secondHalf }),
          ),
        ),
      );
      assign(io.unpacking, {
        load: take.and(atPackets),
        load_scales: take.and(scales).and(atCount.or(atPackets.and(counted.not()).and(secondHalf.not()))),
        format,
        group_ends: scales,
        second_half: secondHalf,
        packets: count,
      });
      const rescales = skips.and(endsGroup);
      const works = named("works", atPackets.or(rescales));
      assign(io.group, {
        cycles: groupCycles(sizes, { mode, count, atPackets, rescales }),
        works,
        mode: mux(atCount, modeOfCount(sizes, bytes.bits(7, 0)), mode),
        places_row: taken.eq(0),
        row: counted
          .repeat(Math.log2(tileRows))
          .and(lowBits(block, Math.log2(tileRows)).shl(4).truncate(Math.log2(tileRows))),
        begins_group: mux(
          counted,
          beginsGroup(sizes, block, runEnds.and(works), endsGroup),
          groupColumn.eq(0),
        ),
        ends_group: endsGroup,
        begins_row: scaledBefore.not(),
        scaled: command.weights,
        set,
        ends_tile: tileEnds,
      });
      io.block_read.set(take.and(atPackets));
      io.block.set(column);
      io.source.set(command.source);
    },
  );
}

/**
 * Blocks that count for themselves may be skipped, also the first one of a group: nothing has been summed there yet.
 * @param endsBlock `block` ends, and something was summed in it or scaled
 */
function beginsGroup(
  { formats, tileBlocks }: MatrixSizes,
  block: Unsigned,
  endsBlock: Unsigned,
  ends: Unsigned,
): Unsigned {
  if (!formats.some(({ pattern }) => pattern.counted)) return unsignedConstant(0, 1);
  const summed = register("summed", array(tileBlocks, bit), { reset: 0 });
  for (const [i, one] of summed.entries()) when(endsBlock.and(block.eq(i)), () => one.set(ends.not()));
  return select(block, summed).not();
}
