import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import {
  array,
  assign,
  bit,
  instance,
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
} from "../builder/index.ts";
import { matrixUnit } from "../units/matrix/matrix-unit.ts";
import { PASS_BITS } from "../units/matrix/word-writer.ts";
import { instructionShape } from "../units/sequencer/instruction-reader.ts";
import { offersShape } from "../units/stream-reader.ts";
import { describingShape } from "./descriptor-file.ts";
import type { DecoderSizes } from "./parameters.ts";
import { wordsShape } from "./word-memory.ts";

/** MV and MM: the matrix unit, and where its words and their descriptors go. */
export function matrixPath(sizes: DecoderSizes) {
  const { machine, matrix, sequencer, limits } = sizes;
  const { lanes, words: places, codeBytes } = machine.vector;
  const [fields = {}] = sequencer.fields;
  const written = wordsShape(lanes, places);
  const passShape = {
    place: written.place,
    source: unsigned(8),
    target: unsigned(8),
    described: bit,
    weights: bit,
  };
  const blockBits = Math.max(1, Math.ceil(Math.log2(Math.ceil(codeBytes / BLOCK))));
  return module(
    "matrix_path",
    {
      description: "The matrix unit, and where its words go.",
      inputs: {
        start: bit,
        command: instructionShape(fields),
        position: unsigned(limits.positionBits),
        offers: offersShape(matrix.sources),
        codes: array(BLOCK, signed(8)),
        source_exponent: signed(16),
      },
      outputs: {
        free: bit,
        done: bit,
        busy: bit,
        pops: array(matrix.sources.length, bit),
        block_read: bit,
        block: unsigned(blockBits),
        words: written,
        source: unsigned(8),
        describing: describingShape,
      },
    },
    (io) => {
      const { command, position } = io;
      const kind = command.operation.truncate(2);
      const isWeights = kind.eq(0);
      const isKeys = kind.eq(1);
      const isValues = kind.eq(2);
      const rows = mux(
        isKeys,
        resized(position, matrix.rowBits).addWrap(1),
        resized(command.w, matrix.rowBits),
      );
      const columns = mux(isValues, resized(position, command.x.width), command.x.subWrap(1));
      const format = (bits: 4 | 8): number =>
        Math.max(
          0,
          matrix.formats.findIndex(
            (one) => one.bits === bits && one.pattern.kept.length === 1 && one.pattern.indexBits === 0,
          ),
        );
      const formatBits = Math.max(1, Math.ceil(Math.log2(matrix.formats.length)));
      const unit = instance("unit", matrixUnit(matrix), {
        start: io.start,
        command: {
          rows,
          source: isWeights.not().and(unsignedConstant(matrix.sources.length - 1, 1)),
          column_blocks: resized(columns.shr(4), matrix.columnBits).addWrap(1),
          weights: isWeights,
          format: mux(
            command.d.bit(7),
            unsignedConstant(format(4), formatBits),
            unsignedConstant(format(8), formatBits),
          ),
          whole_tiles: isKeys,
          aligned_tiles: isWeights.not(),
        },
        offers: io.offers,
        activations: io.codes,
      });
      const from = register("block_from", unsigned(blockBits), {
        enable: io.start,
        next: resized(command.y.shr(4), blockBits),
      });

      // What is known of passes, by their numbers.
      const number = register("number", unsigned(PASS_BITS), { reset: 0 });
      const known = Array.from({ length: 2 ** PASS_BITS }, (_, i) => register(`pass_${i}`, passShape));
      when(io.start, () => {
        number.set(number.addWrap(1));
        for (const [i, pass] of known.entries())
          when(number.eq(i), () =>
            assign(pass, {
              place: resized(command.z, pass.place.width),
              source: command.b,
              target: command.c,
              described: isKeys.not(),
              weights: isWeights,
            }),
          );
      });
      const pass = select(unit.pass, known);

      assign(io.words, {
        valid: Array.from({ length: lanes }, (_, i) => unit.words[i]?.valid ?? 0),
        place: pass.place.addWrap(resized(unit.row, pass.place.width)),
        values: Array.from({ length: lanes }, (_, i) => unit.words[i]?.value ?? 0),
      });

      // Only the length of a peak's bits counts: those of all magnitudes together have the same.
      const magnitudes = unit.words.map(({ valid, value }) => mux(valid, value.abs(), 0));
      const together = named(
        "together",
        magnitudes.reduce((a, b) => a.or(b)),
      );
      const peak = register("peak", unsigned(together.width), { reset: 0 });
      peak.set(mux(unit.done, together, peak.or(together)));
      io.source.set(pass.source);
      assign(io.describing, {
        valid: unit.done.and(pass.described),
        number: pass.target,
        value: {
          exponent: io.source_exponent.addWrap(mux(pass.weights, unit.exponent.extend(16), 0)),
          peak: resized(peak, 32),
        },
      });
      io.free.set(unit.free);
      io.done.set(unit.done);
      io.busy.set(unit.busy);
      for (const [i, pop] of io.pops.entries()) pop.set(unit.pops[i] ?? 0);
      io.block_read.set(unit.block_read);
      io.block.set(resized(unit.block, blockBits).addWrap(from));
    },
  );
}

const resized = (value: Unsigned, bits: number): Unsigned =>
  value.width > bits ? value.truncate(bits) : value.extend(bits);
