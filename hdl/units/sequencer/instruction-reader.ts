import {
  bit,
  concat,
  module,
  mux,
  named,
  register,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";
import { BYTE_OF, FIELDS, type FieldBits, type FieldName, type SequencerSizes } from "./parameters.ts";

/** Bits of the operation byte that differ within what a unit runs. */
const OPERATION_BITS = 6;

/** A unit's instruction: `operation` is the lower six bits of its byte; fields that are not kept for the unit are zero, of one bit. */
export const instructionShape = (fields: FieldBits) => ({
  operation: unsigned(OPERATION_BITS),
  a: unsigned(fields.a ?? 1),
  b: unsigned(fields.b ?? 1),
  c: unsigned(fields.c ?? 1),
  d: unsigned(fields.d ?? 1),
  w: unsigned(fields.w ?? 1),
  x: unsigned(fields.x ?? 1),
  y: unsigned(fields.y ?? 1),
  z: unsigned(fields.z ?? 1),
});

/**
 * The instructions that wait before a unit, by their numbers in the program, and the one that it has read last. It reads when
 * its turn has come, the unit is free and an instruction waits; what it has read stays until it reads again, which is not before
 * the unit is free again.
 */
export function instructionReader(sizes: SequencerSizes, fields: FieldBits) {
  const { queueDepth, pieces, pieceBits, pieceBytes, programBits, units } = sizes;
  const countBits = Math.floor(Math.log2(queueDepth)) + 1;
  return module(
    "instruction_reader",
    {
      description: `A queue of ${queueDepth} instructions, and the one before it.`,
      inputs: {
        push: bit,
        instruction: unsigned(programBits),
        free: bit,
        turn: bit,
        data: unsigned(8 * pieceBytes),
        start: bit,
      },
      outputs: {
        room: bit,
        /** What it reads in its turn. */
        reads: unsigned(programBits),
        piece: unsigned(pieceBits),
        /** That piece of it comes from the program memory. */
        comes: bit,
        /** An instruction has been read and can be started. */
        loaded: bit,
        command: instructionShape(fields),
        /** A bit for each unit. */
        wait: unsigned(units),
        release: unsigned(units),
      },
    },
    (io) => {
      const count = register("count", unsigned(countBits), { reset: 0 });
      const loaded = register("is_loaded", bit, { reset: 0 });
      const piece = register("next_piece", unsigned(pieceBits), { reset: 0 });
      const asks = named("asks", io.turn.and(count.ne(0)).and(loaded.not()).and(io.free));
      const comes = register("has_come", bit, { reset: 0, next: asks });
      const last = named("last", comes.and(piece.eq(pieces - 1)));
      when(comes, () => piece.set(piece.addWrap(1 % 2 ** pieceBits)));
      when(io.start, () => loaded.set(0));
      when(last, () => {
        piece.set(0);
        loaded.set(1);
      });

      const after = named("after", mux(last, count.subWrap(1), count));
      count.set(mux(io.push, after.addWrap(1), after));
      const queue = Array.from({ length: queueDepth }, (_, i) =>
        register(`waiting_${i}`, unsigned(programBits)),
      );
      for (const [i, entry] of queue.entries()) {
        const next = queue[i + 1];
        if (next !== undefined) when(last, () => entry.set(next));
        when(io.push.and(after.eq(i)), () => entry.set(io.instruction));
      }

      /** A byte of the instruction, or its lowest bits, from when it has come. */
      const byte = (name: string, index: number, bits: number, low = 0): Unsigned => {
        const at = 8 * (index % pieceBytes) + low;
        const kept = register(name, unsigned(bits));
        when(comes.and(piece.eq(Math.floor(index / pieceBytes))), () =>
          kept.set(io.data.bits(at + bits - 1, at)),
        );
        return kept;
      };
      const field = (name: FieldName, bits: number): Unsigned => {
        const bytes = Array.from({ length: Math.ceil(bits / 8) }, (_, i) =>
          byte(`${name}_${i}`, BYTE_OF[name] + i, Math.min(8, bits - 8 * i)),
        );
        return bytes.slice(1).reduce((low, high) => concat(high, low), bytes[0]!);
      };
      io.room.set(count.ne(queueDepth));
      io.reads.set(queue[0]!);
      io.piece.set(piece);
      io.comes.set(comes);
      io.loaded.set(loaded);
      io.command.operation.set(byte("operation_byte", 0, OPERATION_BITS));
      for (const name of FIELDS) {
        const bits = fields[name];
        if (bits === undefined) io.command[name].set(0);
        else io.command[name].set(field(name, bits));
      }
      io.wait.set(byte("wait_byte", 2, units, 1));
      io.release.set(byte("release_byte", 3, units, 1));
    },
  );
}
