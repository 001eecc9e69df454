import {
  bit,
  concat,
  instance,
  memory,
  module,
  mux,
  register,
  select,
  stateMachine,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../../hdl/builder/index.ts";
import { hostLink } from "../../../hdl/host/host-link.ts";
import type { HostLinkOptions } from "../../../hdl/host/parameters.ts";
import { simulate } from "../../../hdl/simulate/index.ts";
import { xorshift32 } from "../../../models/decoder/integer/sample.ts";
import { type BoardOptions, SimulatedPort } from "../../../src/host/simulated-port.ts";

/** Numbers of the stand-in's counters. */
export const COUNTERS = { cycles: 0, tokens: 1, seeds: 2, pieces: 3, words: 4 } as const;
/** Words of the stand-in's memories. */
export const IMAGE_WORDS = 256;
export const PROGRAM_WORDS = 1024;
const FIRST_HASH = 0x9e3779b9;

export const OPTIONS: HostLinkOptions = {
  clockHz: 24_000_000,
  cyclesPerBit: 8,
  tokenBits: 9,
  positionBits: 9,
  counters: 5,
  drawing: true,
  program: { programBits: 7, pieceBytes: 4, pieces: 6, pieceBits: 3 },
  image: { memories: [0, 1], addressBits: 8, wordBytes: 4 },
  fingerprint: "00112233445566778899aabbccddeeff",
};

/**
 * A board without a decoder: the core in its place picks a token by a hash of all tokens since position 0. A token
 * that is run twice, or left out, changes all that follow.
 */
export function standInBoard(options: HostLinkOptions) {
  const { tokenBits, image, program } = options;
  if (image === null || program === null) throw new Error("the stand-in takes program and image");
  return module(
    "board",
    {
      inputs: { rx: bit, hold: bit },
      outputs: { tx: bit, stored: unsigned(32) },
      inputDomains: { rx: null },
    },
    (io) => {
      const state = stateMachine("state", ["idle", "work", "end"]);
      const left = register("left", unsigned(6));
      const hash = register("hash", unsigned(32), { reset: 0 });
      const random = register("random", unsigned(32), { reset: 1 });
      const picked = wire("picked", bit);
      const pickedToken = wire("picked_token", unsigned(tokenBits));
      const counted = wire("counted", unsigned(32));
      const slow = register("slow", unsigned(2), { reset: 0 });
      slow.set(slow.addWrap(1));
      const link = instance("link", hostLink(options), {
        rx: io.rx,
        running: state.is("idle").not(),
        finished: state.is("end"),
        picked,
        picked_token: pickedToken,
        image_ready: slow.eq(0).and(io.hold.not()),
        counter_value: counted,
      });
      io.tx.set(link.tx);

      const mixed = (value: Unsigned, token: Unsigned) => {
        const turned = concat(value.bits(24, 0), value.bits(31, 25));
        return turned.addWrap(token.extend(32)).xor(concat(value.bits(15, 0), value.bits(31, 16)));
      };
      const drawn = random.xor(random.shl(13).truncate(32));
      const second = drawn.xor(drawn.shr(17).extend(32));
      const third = second.xor(second.shl(5).truncate(32));
      when(link.seeds, () => random.set(link.seed));
      state.on({
        idle: () => {
          when(link.begin, () => {
            // How long a token takes is its own; `hold` makes it longer, and memories wait too.
            left.set(link.token.truncate(5).extend(6).addWrap(3));
            state.go("work");
          });
        },
        work: () => {
          when(left.ne(0), () => left.set(left.subWrap(1)));
          when(left.eq(0).and(io.hold.not()), () => {
            const before = mux(link.position.eq(0), unsignedConstant(FIRST_HASH, 32), hash);
            hash.set(mixed(before, concat(link.position, link.token)));
            state.go("end");
            when(link.sampling.and(link.draws), () => random.set(third));
          });
        },
        end: () => state.go("idle"),
      });
      picked.set(state.is("end").and(link.sampling));
      const luck = random.bits(31, 32 - tokenBits).xor(link.temperature.mantissa.truncate(tokenBits));
      const cold = link.temperature.exponent.asUnsigned().extend(tokenBits);
      pickedToken.set(
        hash
          .bits(20 + tokenBits - 1, 20)
          .xor(mux(link.draws, luck.xor(cold), unsignedConstant(0, tokenBits))),
      );

      const count = (name: string, pulse: Unsigned) => {
        const counter = register(name, unsigned(32), { reset: 0 });
        when(pulse, () => counter.set(counter.addWrap(1)));
        return counter;
      };
      const cycles = register("cycles", unsigned(32));
      when(state.is("idle").not(), () => cycles.set(cycles.addWrap(1)));
      when(link.begin, () => cycles.set(0));
      const words = link.image.write.and(slow.eq(0)).and(io.hold.not());
      const counters = [
        cycles,
        count("tokens", link.begin),
        count("seed_writes", link.seeds),
        count("pieces", link.program.write),
        count("words", words),
      ];
      counted.set(register("counted_before", unsigned(32), { next: select(link.counter_address, counters) }));

      // Written only: tests look into them.
      const programMemory = memory("program", unsigned(8 * program.pieceBytes), { depth: PROGRAM_WORDS });
      when(link.program.write, () =>
        programMemory.write(concat(link.program.instruction, link.program.piece), link.program.data),
      );
      const images = memory("images", unsigned(8 * image.wordBytes), { depth: 2 * IMAGE_WORDS });
      when(words, () => images.write(concat(link.image_memory, link.image.address), link.image.data));
      // Something has to need them.
      io.stored.set(programMemory.read(unsignedConstant(0, 10)).xor(images.read(unsignedConstant(0, 9))));
    },
  );
}

/** What the stand-in's core picks, in TypeScript. */
export class StandInModel {
  private hash = 0;
  private random = 1;
  private temperature: { mantissa: number; exponent: number } | null = null;

  sampler(temperature: { mantissa: number; exponent: number } | null, seed: number): void {
    this.temperature = temperature;
    this.random = seed;
  }

  /** Runs a token; the token that would be picked behind it. */
  run(token: number, position: number, sampling: boolean): number {
    const before = position === 0 ? FIRST_HASH : this.hash;
    const turned = ((before << 7) | (before >>> 25)) >>> 0;
    const sum = (turned + ((position << OPTIONS.tokenBits) | token)) >>> 0;
    this.hash = (sum ^ ((before << 16) | (before >>> 16))) >>> 0;
    const mask = 2 ** OPTIONS.tokenBits - 1;
    const picked = (this.hash >>> 20) & mask;
    if (!sampling || this.temperature === null) return picked;
    this.random = xorshift32(this.random);
    const { mantissa, exponent } = this.temperature;
    return picked ^ (this.random >>> (32 - OPTIONS.tokenBits)) ^ (mantissa & mask) ^ (exponent & 0xff);
  }

  cycles(token: number): number {
    return (token % 32) + 3 + 1 + 1;
  }
}

/** A running board and the line to it. */
export function runBoard(options: HostLinkOptions = OPTIONS, line: Partial<BoardOptions> = {}, seed = 1) {
  const simulation = simulate(standInBoard(options), { seed });
  simulation.set("rx", 1);
  simulation.reset(2);
  const { clockHz, cyclesPerBit } = options;
  return { simulation, transport: new SimulatedPort(simulation, { clockHz, cyclesPerBit, ...line }) };
}
