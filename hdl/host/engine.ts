import {
  bit,
  concat,
  lookup,
  module,
  mux,
  named,
  register,
  signed,
  stateMachine,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { checkOptions, type HostLinkOptions, portBits } from "./parameters.ts";
import { HEADER_BYTES, KINDS, NUMBER_BYTES, SAMPLER_BYTES } from "./protocol.ts";

/** Kinds of commands that the engine does, by the lower two bits of their number. */
const MODES = ["run", "sampler", "program", "image"] as const;
type Mode = (typeof MODES)[number];
const modeOf = (mode: Mode): number => KINDS[mode] % MODES.length;

/** What a payload consists of, in this order. Units are tokens, pieces, words, or all of the sampler. */
const FIELDS = { place: 0, final: 1, end: 2, unit: 3 } as const;

/** Of a sampler that is loaded: draws, exponent, mantissa, seed. */
const SAMPLER_BITS = 8 * SAMPLER_BYTES;

/** What the core is told. What an option leaves out rests at zero. */
export function coreOutputs(options: HostLinkOptions) {
  const bits = portBits(options);
  return {
    // A token begins in the next cycle. Token, position and sampling stand still until one is picked, or this one is finished.
    begin: bit,
    token: unsigned(options.tokenBits),
    position: unsigned(options.positionBits),
    // The token's logits are wanted: one is to be picked.
    sampling: bit,
    // Tokens are drawn, at log2(e) / temperature; else the likeliest is picked.
    draws: bit,
    temperature: { mantissa: unsigned(16), exponent: signed(8) },
    seed: unsigned(32),
    seeds: bit,
    program: {
      write: bit,
      instruction: unsigned(bits.instruction),
      piece: unsigned(bits.piece),
      data: unsigned(bits.pieceData),
    },
    // Stands still until `image_ready`.
    image: {
      write: bit,
      address: unsigned(bits.address),
      data: unsigned(bits.word),
    },
  };
}

/** What the core says. */
export function coreInputs({ tokenBits }: HostLinkOptions) {
  return {
    running: bit,
    // A token is over, and its counts stand from the cycle behind this one on.
    finished: bit,
    // In this cycle, before the last one or in it, `picked_token` is the token that follows.
    picked: bit,
    picked_token: unsigned(tokenBits),
    image_ready: bit,
  };
}

/**
 * Does what a frame in memory says: runs a prompt and what follows it token by token, or hands on program, image or sampler. It
 * reads the payload byte by byte; `byte` is what stood at `address` in the cycle before. The frame must stand still until `idle`.
 *
 * A token that was picked is fed back, and given to the host by `event`, which waits until the host's slot is not `full`.
 */
export function engine(options: HostLinkOptions) {
  checkOptions(options);
  const { tokenBits, positionBits, drawing, program, image } = options;
  const bits = portBits(options);
  const placeBits = Math.max(positionBits, program?.programBits ?? 0, image?.addressBits ?? 0);
  const pieceBytes = program?.pieceBytes ?? 1;
  const wordBytes = image?.wordBytes ?? 1;
  const unitBytes = { run: NUMBER_BYTES, sampler: SAMPLER_BYTES, program: pieceBytes, image: wordBytes };
  const writes = program !== null || image !== null;
  const countBits = bitsFor(Math.max(...Object.values(unitBytes)) - 1);
  return module(
    "engine",
    {
      description: "Reads a payload and does it: tokens, sampler, program or image.",
      inputs: {
        ...coreInputs(options),
        // The frame that was accepted in this cycle.
        start: bit,
        mode: unsigned(2),
        length: unsigned(8),
        byte: unsigned(8),
        // Ends a run behind the token at hand, which is not given to the host any more.
        stop: bit,
        full: bit,
      },
      outputs: {
        ...coreOutputs(options),
        address: unsigned(8),
        idle: bit,
        // The frame's header has to stand still too.
        loading: bit,
        event: { valid: bit, token: unsigned(tokenBits) },
      },
    },
    (io) => {
      const state = stateMachine("state", ["idle", "fetch", "take", "act", "run", "settle", "hold"]);
      const mode = register("mode_now", unsigned(2));
      const isMode = (name: Mode): Unsigned => mode.eq(modeOf(name));
      const runs = named("runs", isMode("run"));
      const pointer = register("pointer", unsigned(8));
      io.address.set(pointer);
      io.idle.set(state.is("idle"));
      io.loading.set(state.is("idle").or(runs).not());

      // Where in the payload we are.
      const field = register("field", unsigned(2));
      const count = register("count", unsigned(countBits));
      const inUnit = field.eq(FIELDS.unit);
      const unitEnds = count.eq(
        lookup(
          mode,
          unsigned(countBits),
          MODES.map((name) => unitBytes[name] - 1),
        ),
      );
      const fieldEnds = named("field_ends", mux(inUnit, unitEnds, count.eq(NUMBER_BYTES - 1)));
      const takes = (name: keyof typeof FIELDS): Unsigned => state.is("take").and(field.eq(FIELDS[name]));
      // Numbers begin with their highest byte: what a register has no room for falls out at its top.
      const shifted = (value: Unsigned): Unsigned => concat(value, io.byte).truncate(value.width);

      // The position of a token, the number of an instruction, the address of a word.
      const place = register("place", unsigned(placeBits));
      when(takes("place"), () => place.set(shifted(place)));
      const final = register("final", unsigned(positionBits));
      when(takes("final"), () => final.set(shifted(final)));
      // A bit above the number says of `end` that there is an end token, and of a prompt's token that it is the last one.
      const end = register("end", unsigned(tokenBits + 1));
      when(takes("end"), () => end.set(shifted(end)));
      const token = register("token_held", unsigned(tokenBits + 1));
      when(takes("unit").and(runs), () => token.set(shifted(token)));
      when(io.picked, () => token.set(concat(unsignedConstant(1, 1), io.picked_token)));
      const number = token.truncate(tokenBits);
      const sampling = token.bit(tokenBits);
      io.token.set(number);
      io.sampling.set(sampling);
      io.position.set(place.truncate(positionBits));

      // Pieces and words begin with their lowest byte; they stand at the top of the register.
      const dataBits = 8 * Math.max(pieceBytes, wordBytes);
      const data = writes ? dataOf(takes("unit"), dataBits, io.byte) : unsignedConstant(0, dataBits);
      const top = (width: number): Unsigned => data.bits(data.width - 1, data.width - width);

      const acts = state.is("act");
      const writesPiece = acts.and(program === null ? 0 : isMode("program"));
      const piece = register("piece", unsigned(bits.piece));
      io.program.write.set(writesPiece);
      io.program.instruction.set(program === null ? 0 : place.truncate(bits.instruction));
      io.program.piece.set(program === null ? 0 : piece);
      io.program.data.set(program === null ? 0 : top(bits.pieceData));
      const lastPiece = piece.eq((program?.pieces ?? 1) - 1);

      const writesWord = acts.and(image === null ? 0 : isMode("image"));
      io.image.write.set(writesWord);
      io.image.address.set(image === null ? 0 : place.truncate(bits.address));
      io.image.data.set(image === null ? 0 : top(bits.word));

      const isSampler = isMode("sampler");
      const sampler = drawing
        ? samplerOf(takes("unit").and(isSampler), shifted)
        : unsignedConstant(0, SAMPLER_BITS);
      io.seed.set(sampler.bits(31, 0));
      io.temperature.mantissa.set(sampler.bits(47, 32));
      io.temperature.exponent.set(sampler.bits(55, 48).asSigned());
      io.draws.set(sampler.bit(56));
      io.seeds.set(drawing ? acts.and(isSampler) : 0);

      const begins = named("begins", acts.and(runs).and(io.running.not()));
      io.begin.set(begins);

      const stopping = register("stopping", bit);
      const gives = named("gives", state.is("hold").and(sampling).and(stopping.not()));
      const passes = named("passes", state.is("hold").and(gives.and(io.full).not()));
      const isEnd = end.bit(tokenBits).and(end.truncate(tokenBits).eq(number));
      const isFinal = place.truncate(positionBits).eq(final);
      const ends = named("ends", stopping.or(isFinal).or(sampling.and(isEnd)));
      io.event.valid.set(gives.and(passes));
      io.event.token.set(number);

      // To the next unit of the payload, if there is one. A length that no unit ends at ends it too.
      const more = (): void => {
        state.go("fetch");
        when(pointer.ge(io.length), () => state.go("idle"));
      };
      state.on({
        idle: () => {
          when(io.start, () => {
            mode.set(io.mode);
            pointer.set(HEADER_BYTES);
            field.set(FIELDS.place);
            when(io.mode.eq(modeOf("sampler")), () => field.set(FIELDS.unit));
            count.set(0);
            piece.set(0);
            state.go("fetch");
          });
        },
        fetch: () => {
          pointer.set(pointer.addWrap(1));
          state.go("take");
        },
        take: () => {
          count.set(count.addWrap(1));
          state.go("fetch");
          when(fieldEnds, () => {
            count.set(0);
            // Only a run has a final position and an end token.
            field.set(FIELDS.unit);
            when(runs.and(inUnit.not()), () => field.set(field.addWrap(1)));
            when(inUnit, () => state.go("act"));
          });
        },
        act: () => {
          when(begins, () => state.go("run"));
          when(isSampler, () => state.go("idle"));
          when(writesPiece, () => {
            piece.set(piece.addWrap(1));
            when(lastPiece, () => {
              piece.set(0);
              place.set(place.addWrap(1));
            });
            more();
          });
          when(writesWord.and(io.image_ready), () => {
            place.set(place.addWrap(1));
            more();
          });
        },
        run: () => {
          when(io.finished, () => state.go("settle"));
        },
        // Counters are read a cycle late.
        settle: () => state.go("hold"),
        hold: () => {
          when(passes, () => {
            place.set(place.addWrap(1));
            when(ends, () => state.go("idle"))
              .elseWhen(sampling, () => state.go("act"))
              .otherwise(() => state.go("fetch"));
          });
        },
      });
      when(io.stop, () => stopping.set(1));
      when(state.is("idle"), () => stopping.set(0));
    },
  );
}

/** Greedy until the host says otherwise. */
function samplerOf(loads: Unsigned, shifted: (value: Unsigned) => Unsigned): Unsigned {
  const sampler = register("sampler", unsigned(SAMPLER_BITS), { reset: 0 });
  when(loads, () => sampler.set(shifted(sampler)));
  return sampler;
}

function dataOf(loads: Unsigned, width: number, byte: Unsigned): Unsigned {
  const data = register("data", unsigned(width));
  when(loads, () => data.set(concat(byte, data).bits(width + 7, 8)));
  return data;
}
