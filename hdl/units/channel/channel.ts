import {
  assign,
  bit,
  instance,
  module,
  mux,
  named,
  register,
  stateMachine,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../builder/index.ts";
import { comingShape, fieldComes, withField } from "../sequencer/coming.ts";
import { addressUnit } from "./address.ts";
import { kindOf } from "./kind.ts";
import { countdown, paceOf, restOf } from "./pace.ts";
import type { ChannelSizes } from "./parameters.ts";
import {
  arrivalShape,
  commandShape,
  INTO,
  registersShape,
  requestShape,
  responseShape,
  storedShape,
  TAGS,
} from "./shapes.ts";
import { spramBuffer } from "./spram-buffer.ts";
import { storeUnit } from "./store-unit.ts";
import { wordBuffer } from "./word-buffer.ts";
import { wordsLeft } from "./words-left.ts";

/**
 * Loads from one of the machine's memories, and stores to it. An instruction comes piece by piece, while the channel is free;
 * `start` takes it, and it counts from the next cycle on. Fields of `command` stay until the channel is free. Words for the matrix unit go through a buffer; others come out as `arrival`. `done`
 * says that a store, or a load of the second kind, is over in the next cycle.
 */
export function channel(sizes: ChannelSizes) {
  const { wordBytes, placeBits, keysAndValues, storedCodes } = sizes;
  return module(
    "channel",
    {
      description: `Moves words of ${wordBytes === 1 ? "a byte" : `${wordBytes} bytes`} between ${sizes.name} and the units.`,
      inputs: {
        // A token begins in the next cycle.
        begin: bit,
        coming: comingShape(sizes),
        start: bit,
        command: commandShape(sizes),
        registers: registersShape(sizes),
        pop: bit,
        response: responseShape(sizes),
        stored: storedShape(sizes),
      },
      outputs: {
        free: bit,
        done: bit,
        request: requestShape(sizes),
        word: unsigned(8 * wordBytes),
        word_valid: bit,
        arrival: arrivalShape(sizes),
        // The group of codes and the descriptor that a store needs in the next cycle.
        code_group: unsigned(placeBits - Math.log2(storedCodes)),
        descriptor: unsigned(8),
      },
    },
    (io) => {
      const { command, response } = io;
      const { position } = io.registers;
      const kind = kindOf(sizes, command);
      const streams = named("streams", kind.weights.or(kind.tiles));
      const stores = named("stores", kind.storeKey.or(kind.storeValue).or(kind.storeExponents));
      const state = stateMachine("state", [
        "idle",
        "setup",
        "command",
        "move",
        "drain",
        "tail",
        "merge",
        "rewrite",
      ]);
      const left = wordsLeft(sizes, kind, { coming: io.coming, start: io.start, command, position });
      const pace = paceOf(sizes);
      const room = wire("room", bit);
      const asks = named(
        "asks",
        state
          .is("move")
          .and(left.none.not())
          .and(pace.ready)
          .and(restOf(sizes, io.begin).not())
          .and(room.or(streams.not())),
      );
      const rewrites = keysAndValues ? state.is("rewrite") : unsignedConstant(0, 1);
      const store = storeUnit(sizes, kind, { command, start: io.start, stores, asks, rewrites });
      const advance = named("advance", store.moved.and(store.lastPart));

      const addresses = instance("addresses", addressUnit(sizes), {
        coming: io.coming,
        load: io.start,
        setup: state.is("setup"),
        advance,
        kind,
        command,
        registers: io.registers,
      });
      const made =
        sizes.bufferMemory === "block"
          ? wordBuffer(wordBytes, sizes.bufferWords)
          : spramBuffer(wordBytes, sizes.cyclesPerWord, sizes.bufferWords);
      const buffer = instance("buffer", made, {
        asks: asks.and(streams),
        arrives: response.valid.and(response.tag.eq(TAGS.buffer)),
        data: response.word,
        pop: io.pop,
      });
      room.set(buffer.room);

      left.moves(advance);

      // Places of words that arrive, or of codes that are stored.
      const arrives = response.valid.and(response.tag.eq(TAGS.vector).or(response.tag.eq(TAGS.vectorLast)));
      const arrived = register("arrived", bit, { reset: 0, next: arrives });
      const place = register("place", unsigned(placeBits));
      const step = (by: number) => unsignedConstant(by % 2 ** placeBits, placeBits);
      const nextPlace = named(
        "next_place",
        mux(
          arrived.or(store.moved.and(stores)),
          place.addWrap(mux(arrived, step(wordBytes), mux(kind.storeKey, store.codes(placeBits), step(1)))),
          place,
        ),
      );
      place.set(nextPlace);

      when(fieldComes(io.coming, "z", placeBits, sizes), () =>
        place.set(withField(io.coming, "z", place, sizes)),
      );

      const opening = countdown("command_count", sizes.commandCycles, state.is("command"));
      const over = named("over", state.is("move").and(left.none).and(pace.ready));
      const settled = named("settled", state.is("tail").and(pace.ready));
      const lastLoad = left.one.and(streams.not()).and(stores.not());
      const merges = store.merges;
      when(asks.or(rewrites), () => pace.transfer(kind.embedding));
      state.on({
        idle: () => when(io.start, () => state.go("setup")),
        setup: () => when(addresses.ready, () => state.go(sizes.commandCycles > 0 ? "command" : "move")),
        command: () => when(opening.last, () => state.go("move")),
        move: () => {
          when(over, () => state.go("idle"));
          when(asks.and(lastLoad), () => state.go("drain"));
          when(asks.and(merges), () => state.go("merge"));
        },
        drain: () =>
          when(response.valid.and(response.tag.eq(TAGS.vectorLast)), () => {
            pace.settle(kind.embedding);
            state.go("tail");
          }),
        tail: () => when(settled, () => state.go("idle")),
        merge: () => when(response.valid.and(response.tag.eq(TAGS.merge)), () => state.go("rewrite")),
        rewrite: () => state.go("move"),
      });

      io.free.set(state.is("idle"));
      io.done.set(over.and(stores).or(settled));
      io.word.set(buffer.word);
      io.word_valid.set(buffer.word_valid);
      io.code_group.set(nextPlace.shr(Math.log2(storedCodes)));
      io.descriptor.set(mux(addresses.first, command.b, command.c));
      assign(io.arrival, {
        valid: arrived,
        into: mux(
          kind.embedding,
          unsignedConstant(INTO.words, 2),
          mux(kind.angles, unsignedConstant(INTO.angles, 2), unsignedConstant(INTO.codes, 2)),
        ),
        last: register("arrived_last", bit, { enable: arrives, next: response.tag.eq(TAGS.vectorLast) }),
        place,
        word: register("arrived_word", unsigned(8 * wordBytes), { enable: arrives, next: response.word }),
      });
      const written = store.word({
        ...io.stored,
        place,
        address: addresses.address,
        half: position.bit(0),
        first: addresses.first,
        read: response.word,
        answered: response.valid,
      });
      assign(io.request, {
        close: state.is("setup"),
        open: opening.first.and(state.is("command")),
        valid: asks.or(rewrites),
        address: addresses.address.or(store.offset(addresses.address.width)).shr(Math.log2(wordBytes)),
        tag: mux(
          streams,
          unsignedConstant(TAGS.buffer, 2),
          mux(
            stores,
            unsignedConstant(TAGS.merge, 2),
            mux(left.one, unsignedConstant(TAGS.vectorLast, 2), unsignedConstant(TAGS.vector, 2)),
          ),
        ),
        write: stores.and(merges.not()).or(rewrites),
        ...written,
      });
    },
  );
}
