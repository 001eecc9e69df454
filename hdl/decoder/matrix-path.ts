import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import {
  array,
  assign,
  bit,
  concat,
  instance,
  memory,
  module,
  mux,
  register,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { choose } from "../units/choose.ts";
import { matrixUnit, windowOf } from "../units/matrix/matrix-unit.ts";
import type { MatrixParameters } from "../units/matrix/parameters.ts";
import { PASS_BITS } from "../units/matrix/word-writer.ts";
import { resized } from "../units/resized.ts";
import { instructionShape } from "../units/sequencer/instruction-reader.ts";
import { offersShape } from "../units/stream-reader.ts";
import { describingShape } from "./descriptor-file.ts";
import type { DecoderSizes } from "./parameters.ts";
import { wordsShape } from "./word-memory.ts";

/** Words of a block RAM: fewer would be made of flip-flops. */
const SMALLEST_BLOCK = 256;

/** MV and MM: the matrix unit, and where its words and their descriptors go. */
export function matrixPath(sizes: DecoderSizes) {
  const { machine, matrix, sequencer, limits, numberBits } = sizes;
  const { lanes, words: places, codeBytes } = machine.vector;
  const [fields = {}] = sequencer.fields;
  const written = wordsShape(lanes, places);
  const window = windowOf(matrix);
  const group = unsigned(bitsFor(Math.ceil(codeBytes / window) - 1));
  const vectors = matrix.maxTokens;
  const vectorBits = bitsFor(vectors - 1);
  const passShape = {
    place: written.place,
    // Words from one activation vector's to the next one's.
    stride: vectors > 1 ? written.place : bit,
    source: unsigned(numberBits),
    target: unsigned(numberBits),
    described: bit,
    last_vector: unsigned(vectorBits),
  };
  return module(
    "matrix_path",
    {
      description: "The matrix unit, and where its words go.",
      inputs: {
        start: bit,
        command: instructionShape(fields),
        position: unsigned(limits.positionBits),
        offers: offersShape(matrix.sources),
        codes: array(window, signed(8)),
        source_exponent: signed(16),
      },
      outputs: {
        free: bit,
        done: bit,
        busy: bit,
        pops: array(matrix.sources.length, bit),
        // The group of codes that is needed in the next cycle.
        code_read: bit,
        code_group: group,
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
      const columnBlocks = resized(columns.shr(4), matrix.columnBits).addWrap(1);
      const lastVector = resized(command.a.subWrap(1), vectorBits);
      const unit = instance("unit", matrixUnit(matrix), {
        start: io.start,
        command: {
          rows,
          source: isWeights.not().and(unsignedConstant(matrix.sources.length - 1, 1)),
          column_blocks: columnBlocks,
          last_vector: lastVector,
          weights: isWeights,
          format: keyFormat(matrix, command.d.bit(7)),
          whole_blocks: resized(command.c.and(isKeys.repeat(command.c.width)), bitsFor(matrix.tileBlocks)),
          aligned_tiles: isWeights.not(),
        },
        offers: io.offers,
        codes: io.codes,
      });

      // Codes of activations: the vectors' first group, and how many groups each has.
      const first = register("first_group", group, {
        enable: io.start,
        next: resized(command.y.shr(Math.log2(window)), group.width),
      });
      const inVector = window === BLOCK ? unit.code_block : concat(unit.code_block, unit.code_window);
      const codeStride = register("code_stride", group, {
        enable: io.start,
        next: resized(
          mux(
            isValues,
            command.x.shr(Math.log2(window)),
            resized(columnBlocks.shl(Math.log2(BLOCK / window)), command.x.width - Math.log2(window)),
          ),
          group.width,
        ),
      });
      const groupInVector = resized(inVector, group.width).addWrap(first);
      io.code_read.set(unit.code_read);
      io.code_group.set(
        vectors === 1
          ? groupInVector
          : groupInVector.addWrap(resized(unit.code_vector.mul(codeStride), group.width)),
      );

      // What is known of passes, by their numbers; read for each group of words.
      const number = register("number", unsigned(PASS_BITS), { reset: 0 });
      const passes = memory("known_passes", passShape, { depth: SMALLEST_BLOCK, collisions: "undefined" });
      const place = (pass: Unsigned): Unsigned => pass.extend(Math.log2(SMALLEST_BLOCK));
      when(io.start, () => {
        number.set(number.addWrap(1));
        passes.write(place(number), {
          place: resized(command.z, written.place.width),
          stride: resized(mux(isKeys, command.w, resized(rows, command.w.width)), passShape.stride.width),
          source: command.b,
          target: resized(command.c, numberBits),
          described: isKeys.not(),
          last_vector: lastVector,
        });
      });
      const pass = passes.read(place(unit.pass_next), { enable: unit.pass_reads });

      // Words.
      const rowPlace = pass.place.addWrap(resized(unit.row, pass.place.width));
      assign(io.words, {
        valid: Array.from({ length: lanes }, (_, i) => unit.words[i]?.valid ?? 0),
        place:
          vectors === 1
            ? rowPlace
            : rowPlace.addWrap(resized(unit.vector.mul(pass.stride), pass.place.width)),
        values: Array.from({ length: lanes }, (_, i) => unit.words[i]?.value ?? 0),
      });

      // A descriptor for each vector, from the cycle after the pass is done on; each stays for two cycles.
      const describes = register("describes", bit, { reset: 0, next: 0 });
      const holds = register("holds", bit, { reset: 0, next: describes });
      const target = register("target", unsigned(numberBits));
      const exponent = register("exponent", signed(16));
      const hasDescriptor = register("is_described", bit, { enable: unit.done, next: pass.described });
      when(unit.done, () => {
        describes.set(1);
        target.set(pass.target);
        exponent.set(io.source_exponent.addWrap(unit.exponent.extend(16)));
      });
      const others = vectors === 1 ? null : otherVectors(vectorBits, numberBits);
      if (others !== null) {
        const { vector, source, left } = others;
        const added = register("added", signed(9), { enable: unit.done, next: unit.exponent });
        when(holds.and(left.ne(0)), () => {
          describes.set(1);
          left.set(left.subWrap(1));
          vector.set(vector.addWrap(1));
          source.set(source.addWrap(1));
          target.set(target.addWrap(1));
          exponent.set(io.source_exponent.addWrap(added.extend(16)));
        });
        when(unit.done, () => {
          left.set(pass.last_vector);
          vector.set(0);
          source.set(pass.source.addWrap(1));
        });
      }
      io.source.set(
        resized(others === null ? pass.source : mux(describes.or(holds), others.source, pass.source), 8),
      );

      // Only the length of a peak's bits counts: those of all magnitudes together have the same. Words count two cycles after they
      // are written; the last ones of a pass have gone by when the next one's come.
      const magnitudes = unit.words.map(({ valid, value }) => mux(valid, value.abs(), 0));
      const together = register("together", unsigned(magnitudes[0]?.width ?? 1), {
        reset: 0,
        next: magnitudes.reduce((a, b) => a.or(b)),
      });
      const togetherOf = register("together_of", unsigned(vectorBits), { next: unit.vector });
      const peaks = Array.from({ length: vectors }, (_, i) => {
        const peak = register(`peak_${i}`, unsigned(together.width), { reset: 0 });
        const own = others === null ? together : together.and(togetherOf.eq(i).repeat(together.width));
        const forgets = others === null ? holds : holds.and(others.vector.eq(i));
        peak.set(mux(forgets, own, peak.or(own)));
        return peak;
      });
      const peak = choose(others?.vector ?? togetherOf, peaks);
      assign(io.describing, {
        valid: describes.and(hasDescriptor),
        number: resized(target, 8),
        value: { exponent, peak: resized(peak, 32) },
      });
      io.free.set(unit.free);
      io.done.set(unit.done);
      io.busy.set(unit.busy);
      for (const [i, pop] of io.pops.entries()) pop.set(unit.pops[i] ?? 0);
    },
  );
}

/** Which of a pass' vectors is described, where the next one's activations have their exponent, and how many follow. */
const otherVectors = (bits: number, numberBits: number) => ({
  vector: register("vector", unsigned(bits)),
  source: register("source_of_next", unsigned(numberBits)),
  left: register("left", unsigned(bits)),
});

/** Number of the format that keys and values are in. */
function keyFormat({ formats }: MatrixParameters, isNarrow: Unsigned): Unsigned {
  const bits = bitsFor(formats.length - 1);
  const of = (codeBits: 4 | 8): Unsigned => {
    const found = formats.findIndex(
      ({ bits: own, pattern }) => own === codeBits && pattern.indexBits === 0 && !pattern.counted,
    );
    return unsignedConstant(Math.max(0, found), bits);
  };
  return mux(isNarrow, of(4), of(8));
}
