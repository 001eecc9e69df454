import { OPERATIONS, type Operation } from "../../../src/compile/instruction.ts";
import {
  array,
  assign,
  bit,
  concat,
  instance,
  module,
  mux,
  named,
  register,
  select,
  stateMachine,
  sum,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { comingShape } from "./coming.ts";
import { instructionReader, instructionShape } from "./instruction-reader.ts";
import type { SequencerSizes } from "./parameters.ts";
import { programAddressBits } from "./program-memory.ts";
import { tokenCounts } from "./tokens.ts";

/** Bytes of an instruction at which a loop's number of layers and its first layer stand. */
const LOOP_COUNT_BYTE = 8;
const LOOP_FIRST_BYTE = 12;
const LOOP_BYTES = 16;
const UNIT_BYTE = 1;
const OPERATION_BITS = 7;

export const unitName = (index: number): string => `unit_${index + 1}`;

/**
 * Runs a program: reads where each instruction has to go, in order, and hands its number to that unit's queue. Units read the
 * rest, each in its turn at the program memory, and are started once they are free and their tokens are there. `begin` in cycle
 * -1 starts a token in cycle 0; `finished` is its last cycle.
 */
export function sequencer(sizes: SequencerSizes) {
  const { units, pieceBytes, pieceBits, programBits, layerBits, queueDepth } = sizes;
  const turns = units + 1;
  const turnBits = bitsFor(turns - 1);
  // Units are called by their numbers in the instruction set.
  const commands: Readonly<Record<string, ReturnType<typeof instructionShape>>> = Object.fromEntries(
    sizes.fields.map((fields, i) => [unitName(i), instructionShape(fields)]),
  );
  return module(
    "sequencer",
    {
      description: `Dispatches instructions to ${units} units, up to ${queueDepth} ahead of each.`,
      inputs: {
        begin: bit,
        // The token's logits are wanted.
        sampling: bit,
        free: array(units, bit),
        done: array(units, bit),
        // What stands in the program memory at the address of the cycle before.
        program_word: unsigned(8 * pieceBytes),
      },
      outputs: {
        start: array(units, bit),
        commands,
        // Pieces of units' instructions, as they come.
        coming: Object.fromEntries(sizes.fields.map((_, i) => [unitName(i), comingShape(sizes)])),
        program_address: unsigned(programAddressBits(sizes)),
        layer: unsigned(layerBits),
        finished: bit,
        running: bit,
      },
    },
    (io) => {
      const turn = register("turn", unsigned(turnBits), { reset: 0 });
      turn.set(turn.addWrap(1));
      when(io.begin.or(turn.eq(turns - 1)), () => turn.set(0));

      const state = stateMachine("state", ["idle", "read", "act"]);
      const number = register("number", unsigned(programBits));
      const piece = register("piece", unsigned(pieceBits));
      const data = io.program_word;

      // Bytes of the instruction at hand, from when they have come.
      const comes = register("comes", bit, { reset: 0, next: state.is("read").and(turn.eq(0)) });
      const keep = (name: string, index: number, bits: number): Unsigned => {
        const at = 8 * (index % pieceBytes);
        const now = data.bits(at + bits - 1, at);
        const here = comes.and(piece.eq(Math.floor(index / pieceBytes)));
        const kept = register(name, unsigned(bits), { enable: here, next: now });
        return kept;
      };
      const operation = keep("operation", 0, OPERATION_BITS);
      const unit = keep("unit", UNIT_BYTE, 3);
      const loopCount = keep("loop_count", LOOP_COUNT_BYTE, layerBits);
      const loopFirst = keep("loop_first", LOOP_FIRST_BYTE, layerBits);
      const saysLoop = (byte: Unsigned): Unsigned => byte.eq(OPERATIONS["SYS.LOOP"]);
      const isLoop = mux(piece.eq(0), saysLoop(data.truncate(OPERATION_BITS)), saysLoop(operation));
      const lastPiece = mux(
        isLoop,
        piece.eq(Math.ceil(LOOP_BYTES / pieceBytes) - 1),
        piece.eq(Math.floor(UNIT_BYTE / pieceBytes)),
      );
      when(comes, () => {
        piece.set(piece.addWrap(1 % 2 ** pieceBits));
        when(lastPiece, () => state.go("act"));
      });

      // Instructions that are not done; streams to the matrix unit are not waited for.
      const push = wire("push", bit);
      const streams = (["LD.WEIGHTS", "LD.KEYS", "LD.VALUES"] as const)
        .map((name) => operation.eq(OPERATIONS[name]))
        .reduce((some, one) => some.or(one));
      const open = register("open", unsigned(bitsFor(units * (queueDepth + 3))), { reset: 0 });
      const closed = sum([...io.done]).extend(open.width);
      open.set(open.addWrap(push.and(streams.not()).extend(open.width)).subWrap(closed));

      const layer = register("layer_number", unsigned(layerBits), { reset: 0 });
      const layersLeft = register("layers_left", unsigned(layerBits));
      const loopStart = register("loop_start", unsigned(programBits));
      const rooms = wire("rooms", array(units, bit));
      // Of the sequencer's own instructions, which the lower bits tell apart.
      const is = (name: Operation & `SYS.${string}`): Unsigned => operation.truncate(2).eq(OPERATIONS[name]);
      const acts = state.is("act");
      const system = named("system", unit.eq(0));
      const skips = named("skips", is("SYS.END_UNLESS_SAMPLING").and(io.sampling));
      const chosen = rooms.map((room, i) => unit.eq(i + 1).and(room));
      const passes = named("passes", acts.and(system).and(skips.or(open.eq(0))));
      push.set(acts.and(chosen.reduce((any, one) => any.or(one), unsignedConstant(0, 1))));
      const finishes = named(
        "finishes",
        passes.and(skips.not()).and(is("SYS.END").or(is("SYS.END_UNLESS_SAMPLING"))),
      );
      const next = number.addWrap(1);
      when(push.or(passes), () => {
        number.set(next);
        piece.set(0);
        state.go("read");
      });
      when(passes.and(is("SYS.LOOP")), () => {
        layer.set(loopFirst);
        layersLeft.set(loopCount);
        loopStart.set(next);
      });
      when(passes.and(is("SYS.NEXT")), () => {
        layer.set(layer.addWrap(1));
        layersLeft.set(layersLeft.subWrap(1));
        when(layersLeft.ne(1), () => number.set(loopStart));
      });
      when(finishes, () => state.go("idle"));
      when(io.begin, () => {
        state.go("read");
        number.set(0);
        piece.set(0);
        layer.set(0);
      });

      const starts = wire("starts", array(units, bit));
      const readers = sizes.fields.map((fields, i) =>
        instance(`reader_${i + 1}`, instructionReader(sizes, fields), {
          push: push.and(unit.eq(i + 1)),
          instruction: number,
          free: io.free[i]!,
          turn: turn.eq(i + 1),
          data,
          start: starts[i]!,
        }),
      );
      const tokens = instance("tokens", tokenCounts(sizes), {
        begin: io.begin,
        wait: readers.map(({ wait }) => wait),
        release: readers.map(({ release }) => release),
        start: starts,
        done: io.done,
      });
      for (const [i, reader] of readers.entries()) {
        rooms[i]!.set(reader.room);
        starts[i]!.set(reader.loaded.and(tokens.allowed[i]!));
        io.start[i]!.set(starts[i]!);
        const command = io.commands[unitName(i)];
        if (command !== undefined) assign(command, reader.command);
        const coming = io.coming[unitName(i)];
        if (coming !== undefined) assign(coming, { valid: reader.comes, piece: reader.piece, data });
      }

      const addressed = select(turn, [
        concat(piece, number),
        ...readers.map((reader) => concat(reader.piece, reader.reads)),
      ]);
      io.program_address.set(addressed.truncate(programAddressBits(sizes)));
      io.layer.set(layer);
      io.finished.set(finishes);
      io.running.set(state.is("idle").not());
    },
  );
}
