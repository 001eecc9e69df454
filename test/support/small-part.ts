import { FLASH_PADS } from "../../hdl/boards/ice40-part.ts";
import {
  bit,
  clockDomain,
  driveClock,
  inDomain,
  indexWidth,
  instance,
  memory,
  module,
  register,
  SYNC,
  synchronize,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../hdl/builder/index.ts";
import {
  hfosc,
  multiplier16,
  type Pll40,
  pll40Core,
  pll40Pad,
  rgbaDrv,
  spram,
} from "../../hdl/primitives/ice40/index.ts";
import { channelSizes } from "../../hdl/units/channel/parameters.ts";
import { spiFlashPort } from "../../hdl/units/channel/spi-flash.ts";
import { spiFlashPins } from "../../hdl/units/channel/spi-flash-pins.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import type { Memory } from "../../src/compile/machine.ts";
import { randomMachine } from "./random-machine.ts";

/** Cycles from one read of the flash to the next. */
export const PERIOD = 64;
const BYTES = [21, 23, 25, 30];

const machine = randomMachine(new Random(1));
const FLASH: Memory = {
  ...machine.memories[0]!,
  ...{ bytes: 1 << 24, wordBytes: 1, cyclesPerWord: 2, latencyCycles: 3, commandCycles: 20 },
  ...{ writeBits: null, refresh: null, holds: ["weights", "tables"] },
};
const sizes = channelSizes({ ...machine, memories: [FLASH] }, 0);

/**
 * A part with the pins of a whole one, and a cell of each kind behind them: it reads four bytes of its flash again and again,
 * and mixes them in flip-flops, carries, block RAM, SPRAM and a multiplier; `tx` tells a bit of all of it.
 * @param closes cycles before a command in which the one before is closed
 */
export const smallPart = (closes = 1) =>
  module(
    "small_part",
    {
      inputs: { rx: bit },
      outputs: { tx: bit, running: bit },
      inouts: FLASH_PADS,
      inputDomains: { rx: null },
    },
    ({ rx, tx, running, pads }) => {
      const step = register("step", unsigned(indexWidth(PERIOD)), { reset: 0 });
      const round = register("round", unsigned(8), { reset: 0 });
      step.set(step.addWrap(1));
      when(step.eq(PERIOD - 1), () => round.set(round.addWrap(1)));
      const nibble = wire("nibble", unsigned(4));
      const isByte = BYTES.map((at) => step.eq(at)).reduce((any, is) => any.or(is));
      const port = instance("port", spiFlashPort(sizes), {
        request: {
          close: step.lt(closes),
          open: step.eq(closes),
          valid: isByte,
          address: round.extend(sizes.addressBits),
          tag: 0,
          write: 0,
          data: 0,
          mask: 0,
        },
        in: nibble,
      });
      nibble.set(instance("pins", spiFlashPins, { pins: port.pins }, { pads }).in);

      const { valid, word } = port.response;
      const heard = synchronize("heard", rx);
      const sum = register("sum", unsigned(16), { reset: 1 });
      when(valid, () => sum.set(sum.addWrap(word.extend(16)).xor(heard.repeat(16))));
      const rows = memory("rows", unsigned(8), {
        depth: 256,
        initial: Array.from({ length: 256 }, (_, i) => i ^ 0x5a),
      });
      when(valid, () => rows.write(sum.bits(15, 8), word));
      const large = spram("large", { address: step.shr(1).extend(14), data: sum, write: step.bit(0).not() });
      const product = multiplier16("product", sum, rows.read(sum.bits(7, 0)));
      const told = register("told", unsigned(16), { reset: 0 });
      // What comes out in the cycle after a write is undefined.
      const known = register("known", bit, { reset: 0, next: step.bit(0) });
      const odd = register("odd", unsigned(16), { reset: 0 });
      when(known, () => odd.set(large));
      when(step.ge(8), () => told.set(told.addWrap(product.truncate(16))));
      tx.set(told.xor(odd).parity());
      running.set(round.bit(0));
    },
  );

/** What makes the clock of a small board. */
export type SmallClock = "PLL with a pin of its own" | "PLL" | "oscillator";

const OUTSIDE = clockDomain("outside", { clock: "clock_pin" });
const PLL = { divr: 0, divf: 63, divq: 5, filterRange: 1 };

/** A small part on a board, which makes its clock, and its reset after power-up; beside an oscillator, `running` is a current sink. */
export const smallBoard = (clock: SmallClock) =>
  module(
    "small_board",
    {
      domain: OUTSIDE,
      inputs: { rx: bit },
      outputs: { tx: bit, running: bit },
      inouts: FLASH_PADS,
      inputDomains: { rx: null },
    },
    (io) => {
      const asleep = wire("asleep", bit);
      const pll = clock === "PLL" ? pll40Core(PLL) : pll40Pad(PLL);
      const made =
        clock === "oscillator"
          ? {
              clock: instance("oscillator", hfosc({ megahertz: 24 }), { CLKHFPU: 1, CLKHFEN: 1 }).CLKHF,
              lock: null,
            }
          : pllClock(pll);
      driveClock(SYNC, made.clock, asleep);
      const outputs = inDomain(SYNC, () => {
        const ready = made.lock === null ? unsignedConstant(1, 1) : synchronize("locked", made.lock);
        const slept = register("slept", unsigned(4), { initial: 0 });
        const awake = register("awake", bit, { initial: 0 });
        slept.set(slept.addWrap(ready.extend(4)));
        awake.set(awake.or(slept.eq(15)));
        asleep.set(awake.not());
        return instance("part", smallPart(), { rx: io.rx }, { pads: io.pads });
      });
      io.tx.set(outputs.tx);
      io.running.set(clock === "oscillator" ? inDomain(SYNC, () => sink(outputs.running)) : outputs.running);
    },
  );

const sink = (on: Unsigned): Unsigned =>
  instance("sink", rgbaDrv({ steps: [1, 0, 0] }), {
    CURREN: 1,
    RGBLEDEN: 1,
    RGB0PWM: on,
    RGB1PWM: 0,
    RGB2PWM: 0,
  }).RGB0;

function pllClock(pll: Pll40) {
  const { PLLOUTGLOBAL, LOCK } = instance("pll", pll, { RESETB: 1, BYPASS: 0 });
  return { clock: PLLOUTGLOBAL, lock: LOCK };
}
