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
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { packingShape } from "./dequantizer.ts";
import { commandShape, groupShape } from "./group.ts";
import {
  blocksOf,
  formatSaid,
  groupLength,
  isBelow,
  isCounted,
  isSixteen,
  lastBeat,
  lowBits,
  modeOfCount,
  modeOfFormat,
  prefixSkip,
  runPackets,
  runsAreEven,
  tileBlocksOf,
} from "./group-rules.ts";
import { type MatrixSizes, prefixOf } from "./parameters.ts";
import { placesBits, tileShape } from "./word-writer.ts";

/**
 * Walks over a matrix in the order of its stream: tiles, column blocks, row blocks where they count for themselves, groups
 * of packets. It says how many bytes come next and, once they are there and the multipliers are free, takes them.
 */
export function groupSequencer(sizes: MatrixSizes) {
  const { formats, modes, packets, tileBlocks, tileRows, rowBits, columnBits, prefixBytes, bodyBytes } =
    sizes;
  const blockBits = bitsFor(tileBlocks);
  const runBits = bitsFor(tileBlocks * 2 * BLOCK);
  const countBits = bitsFor(packets);
  return module(
    "group_sequencer",
    {
      description: "Which packets come next, and when they are taken.",
      inputs: {
        start: bit,
        command: commandShape(sizes),
        bytes: array(prefixBytes + bodyBytes, unsigned(8)),
        // A stream's header, where it is the next that is taken.
        header: array(HEADER_BYTES, unsigned(8)),
        bytes_ready: bit,
        multipliers_free: bit,
        // A tile has been written.
        tile_frees: bit,
      },
      outputs: {
        active: bit,
        source: unsigned(bitsFor(sizes.sources.length - 1)),
        skip: unsigned(bitsFor(prefixBytes)),
        needed: unsigned(bitsFor(prefixBytes + bodyBytes)),
        take: bit,
        close: bit,
        packing: packingShape(sizes),
        load: bit,
        load_scales: bit,
        group: groupShape(sizes),
        last_vector: unsigned(bitsFor(sizes.maxTokens - 1)),
        tiles: array(2, tileShape(sizes)),
      },
    },
    (io) => {
      const { start, bytes, header } = io;
      const active = register("running", bit, { reset: 0 });
      const command = register("told", commandShape(sizes), { enable: start, next: io.command });
      const atHeader = register("at_header", bit, { reset: 0 });

      // What the stream's header says, and the counts of its blocks.
      const format = register("format", unsigned(bitsFor(formats.length - 1)));
      const modeKept = register("mode", unsigned(bitsFor(modes.length - 1)));
      const lastOfGroup = register("last_of_group", unsigned(8));
      const places = register("places", unsigned(placesBits(sizes)));
      const exponent = register("header_exponent", signed(8));
      const anyCounted = formats.some(({ pattern }) => pattern.counted);
      const counted = named("counted", isCounted(formats, format));

      // Where in the matrix it is.
      const lastRow = register("last_row_left", unsigned(rowBits));
      const lastColumnBlock = register("last_column_block", unsigned(columnBits));
      const set = register("set", bit, { reset: 0 });
      const column = register("column", unsigned(columnBits));
      const groupColumn = register("column_of_group", unsigned(8));
      const scaledBefore = register("scaled_before", bit);
      const block = register("row_block", unsigned(blockBits));
      const taken = register("taken", unsigned(runBits));

      // Row blocks of a tile: as the command says, or as many as there can be.
      const isWhole = command.whole_blocks.any();
      const most = unsignedConstant(tileBlocks, blockBits);
      const tileSize = named("tile_size", tileBlocks === 1 ? most : mux(isWhole, command.whole_blocks, most));
      const lastTile = named("last_tile", isBelow(blocksOf(lastRow), tileSize));
      const lastColumn = named("last_column", column.eq(lastColumnBlock));
      // Sums of keys and values go to the row's sum block by block.
      const endsGroup = named(
        "ends_group",
        lastColumn.or(command.weights.not()).or(groupColumn.eq(lastOfGroup)),
      );
      const scales = endsGroup.and(command.weights);
      const blocks = named(
        "blocks",
        tileBlocks === 1 ? most : tileBlocksOf(lastRow, lastTile.and(isWhole.not()), tileSize),
      );

      // A run: packets that follow each other without anything between them but scales.
      const atRun = taken.eq(0);
      const atBlock = anyCounted ? counted.and(atRun) : unsignedConstant(0, 1);
      const countByte = anyCounted ? countOf(bytes, scales, sizes) : unsignedConstant(0, 8);
      const mode = named(
        "mode_now",
        anyCounted ? mux(atBlock, modeOfCount(sizes, countByte), modeKept) : modeKept,
      );
      const skips = named("skips", atBlock.and(countByte.eq(0)));
      const run = named("run", runPackets(sizes, mode, counted, blocks));
      const left = run.subWrap(taken);
      const even = runsAreEven(sizes);
      const lastOfRun = named("last_of_run", even ? left.eq(packets) : left.le(packets));
      const whole = unsignedConstant(packets, countBits);
      const some = even ? whole : mux(lastOfRun, left.truncate(countBits), whole);
      const count = named("count", anyCounted ? mux(skips, unsignedConstant(0, countBits), some) : some);
      const secondHalf = named(
        "second_half",
        packets === 1 ? isSixteen(sizes, modeKept).and(taken.bit(0)) : unsignedConstant(0, 1),
      );

      // Two tiles may wait to be written; the next one waits for the first of them.
      const unwritten = register("unwritten", unsigned(2), { reset: 0 });
      const firstOfTile = column.eq(0).and(block.eq(0)).and(atRun).and(atHeader.not());
      const waits = firstOfTile.and(unwritten.bit(1));
      const take = named("taking", active.and(io.multipliers_free).and(waits.not()).and(io.bytes_ready));
      const runEnds = named("run_ends", atHeader.not().and(skips.or(lastOfRun)));
      const stepEnds = named("step_ends", runEnds.and(counted.not().or(block.addWrap(1).eq(blocks))));
      const tileEnds = named("tile_ends", stepEnds.and(lastColumn));
      const passEnds = named("pass_ends", tileEnds.and(lastTile));

      when(take, () => {
        when(atHeader, () => {
          const said = formatSaid(sizes, header[0]!);
          atHeader.set(0);
          format.set(said);
          modeKept.set(modeOfFormat(sizes, said));
          lastOfGroup.set(header[1]!.subWrap(1));
          exponent.set(header[2]!.asSigned());
          places.set(header[3]!.truncate(places.width));
        }).otherwise(() => {
          if (anyCounted) when(atBlock, () => modeKept.set(mode));
          taken.set(taken.addWrap(packets % 2 ** runBits));
          when(runEnds, () => {
            taken.set(0);
            block.set(block.addWrap(1));
          });
          when(stepEnds, () => {
            block.set(0);
            column.set(column.addWrap(1));
            groupColumn.set(groupColumn.addWrap(1));
            when(endsGroup, () => {
              groupColumn.set(0);
              scaledBefore.set(1);
            });
          });
          when(tileEnds, () => {
            column.set(0);
            groupColumn.set(0);
            scaledBefore.set(0);
            lastRow.set(lastRow.subWrap(lowBits(tileSize.shl(4), rowBits)));
            set.set(set.not());
          });
          when(passEnds, () => active.set(0));
        });
      });
      when(start, () => {
        active.set(1);
        atHeader.set(io.command.weights);
        format.set(io.command.format);
        modeKept.set(modeOfFormat(sizes, io.command.format));
        places.set(0);
        exponent.set(0);
        lastRow.set(io.command.rows.subWrap(1));
        lastColumnBlock.set(io.command.column_blocks.subWrap(1));
        for (const counter of [column, groupColumn, scaledBefore, block, taken]) counter.set(0);
      });
      const tileTaken = take.and(tileEnds);
      unwritten.set(unwritten.addWrap(tileTaken.extend(2)).subWrap(io.tile_frees.extend(2)));

      const rowBitsOfTile = Math.log2(tileRows);
      const tile = {
        last_row: mux(
          lastTile,
          lowBits(lastRow, rowBitsOfTile),
          lowBits(tileSize.shl(4), rowBitsOfTile).subWrap(1),
        ),
        last_vector: command.last_vector,
        places,
        exponent,
        last: lastTile,
      };
      for (const i of [0, 1])
        assign(
          io.tiles[i]!,
          register(`tile_${i}`, tileShape(sizes), { enable: tileTaken.and(set.eq(i)), next: tile }),
        );

      const taking = { format, atBlock, counted, count, scales, secondHalf };
      const headerLength = unsignedConstant(HEADER_BYTES, io.needed.width);
      io.active.set(active);
      io.source.set(command.source);
      io.take.set(take);
      io.close.set(passEnds.or(tileEnds.and(command.aligned_tiles)));
      io.skip.set(mux(atHeader, unsignedConstant(prefixBytes, io.skip.width), prefixSkip(sizes, taking)));
      io.needed.set(mux(atHeader, headerLength, groupLength(sizes, taking)));
      assign(io.packing, { format, group_ends: scales, second_half: secondHalf });
      io.load.set(take);
      // Scales of rows come with the packet in which they begin, those of counted blocks all with the first.
      io.load_scales.set(take.and(scales).and(mux(counted, atBlock, secondHalf.not())));
      const rescales = skips.and(endsGroup);
      const works = named("works", atHeader.not().and(skips.not().or(endsGroup)));
      assign(io.group, {
        last_beat: lastBeat(sizes, { mode, count, multiplies: atHeader.not().and(skips.not()), rescales }),
        works,
        once: atHeader,
        mode,
        column,
        places_row: atRun,
        row: blockRow(sizes, block, counted),
        continues_row: secondHalf,
        begins_group: anyCounted
          ? mux(
              counted,
              beginsGroup(sizes, block, take.and(runEnds).and(works), endsGroup),
              groupColumn.eq(0),
            )
          : groupColumn.eq(0).or(command.weights.not()),
        ends_group: endsGroup,
        begins_row: scaledBefore.not(),
        scaled: command.weights,
        ends_tile: tileEnds,
      });
      io.last_vector.set(command.last_vector);
    },
  );
}

/** The byte that says how many weights a block keeps: before its scales, or before its packets. */
function countOf(
  bytes: readonly Unsigned[],
  scales: Unsigned,
  { formats, prefixBytes }: MatrixSizes,
): Unsigned {
  const [ahead] = formats.filter(({ pattern }) => pattern.counted).map(prefixOf);
  return mux(scales, bytes[prefixBytes - (ahead ?? 1)]!, bytes[prefixBytes - 1]!);
}

/** The tile's row with which a block that counts for itself begins; a run of all blocks begins with the first row. */
function blockRow({ tileRows }: MatrixSizes, block: Unsigned, counted: Unsigned): Unsigned {
  const bits = Math.log2(tileRows);
  if (tileRows === BLOCK) return unsignedConstant(0, bits);
  return counted.repeat(bits).and(lowBits(block, bits).shl(4).truncate(bits));
}

/**
 * Blocks that count for themselves may be skipped, also the first one of a group: nothing has been summed there yet.
 * @param endsBlock `block` ends, and something was summed in it or scaled
 */
function beginsGroup(
  { tileBlocks }: MatrixSizes,
  block: Unsigned,
  endsBlock: Unsigned,
  ends: Unsigned,
): Unsigned {
  const summed = register("summed", array(tileBlocks, bit), { reset: 0 });
  for (const [i, one] of summed.entries()) when(endsBlock.and(block.eq(i)), () => one.set(ends.not()));
  return select(block, summed).not();
}
