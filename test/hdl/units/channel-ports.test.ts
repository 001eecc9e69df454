import { describe, expect, it } from "vitest";
import { simulate } from "../../../hdl/simulate/index.ts";
import { blockRamPort } from "../../../hdl/units/channel/block-ram.ts";
import { type ChannelSizes, channelSizes } from "../../../hdl/units/channel/parameters.ts";
import { FLASH_COMMAND_CYCLES, spiFlashPort } from "../../../hdl/units/channel/spi-flash.ts";
import { spiFlashPins } from "../../../hdl/units/channel/spi-flash-pins.ts";
import { spramPort } from "../../../hdl/units/channel/spram.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import type { Memory } from "../../../src/compile/machine.ts";
import { randomMachine } from "../../support/random-machine.ts";

function sizesOf(change: Partial<Memory>): ChannelSizes {
  const machine = randomMachine(new Random(1));
  return channelSizes({ ...machine, memories: [{ ...machine.memories[0]!, refresh: null, ...change }] }, 0);
}

const FLASH = {
  bytes: 1 << 24,
  wordBytes: 1,
  cyclesPerWord: 2,
  latencyCycles: 3,
  commandCycles: 20,
  writeBits: null,
  holds: ["weights", "tables"],
} satisfies Partial<Memory>;

const SPRAM = {
  bytes: 1 << 17,
  wordBytes: 8,
  cyclesPerWord: 1,
  latencyCycles: 2,
  commandCycles: 0,
  writeBits: 4,
  holds: ["keysAndValues"],
} satisfies Partial<Memory>;

/** A flash as its data sheet describes EBh: it looks at its pins when the clock rises, and gives a nibble when it falls. */
class QuadFlash {
  private readonly contents: (address: number) => number;
  private clocks = 0;
  private command = 0;
  private address = 0;
  private mode = 0;
  private nibble = 0;

  constructor(contents: (address: number) => number) {
    this.contents = contents;
  }

  /** One cycle of the pins; returns what stands on them at its end. */
  cycle(selected: boolean, clocked: boolean, driven: boolean, pins: number): number {
    if (!selected) {
      this.clocks = 0;
      this.command = 0;
      return 0xf;
    }
    if (!clocked) return this.nibble;
    const shown = this.nibble;
    const clock = this.clocks++;
    if (clock < 8) this.command = (this.command << 1) | (pins & 1);
    else if (clock < 14) this.address = ((this.address << 4) | pins) & 0xffffff;
    else if (clock < 16) this.mode = ((this.mode << 4) | pins) & 0xff;
    if (clock < 16 && !driven) throw new Error(`nobody drives the lines in clock ${clock}`);
    if (clock === 8 && this.command !== 0xeb) throw new Error(`the command is ${this.command}`);
    if (clock >= 16 && driven) throw new Error(`the lines are driven in clock ${clock}`);
    if (clock === 16 && (this.mode & 0x30) === 0x20) throw new Error("a read without a command is announced");
    // At the falling edge.
    if (clock >= FLASH_COMMAND_CYCLES - 1) {
      const data = clock + 1 - FLASH_COMMAND_CYCLES;
      const byte = this.contents(this.address + Math.floor(data / 2));
      this.nibble = data % 2 === 0 ? byte >> 4 : byte & 15;
    }
    return shown;
  }
}

describe("memory ports", () => {
  it("reads a quad SPI flash byte by byte, with pauses, in the cycles that its description says", () => {
    const random = new Random(3);
    const contents = (address: number): number => ((address * 2654435761) >>> 13) & 0xff;
    const sim = simulate(spiFlashPort(sizesOf(FLASH)));
    const flash = new QuadFlash(contents);
    let pins = { selected: false, clocked: false, driven: false, out: 0 };
    let shown = 0;
    const due = new Map<number, { readonly byte: number; readonly tag: number }>();
    let cycle = 0;
    const step = (inputs: Readonly<Record<string, number>>): void => {
      for (const name of ["close", "open", "valid", "address", "tag"] as const)
        sim.set(`request_${name}`, inputs[name] ?? 0);
      sim.set("in", shown);
      const expected = due.get(cycle);
      expect(sim.get("response_valid")).toBe(expected === undefined ? 0 : 1);
      if (expected !== undefined)
        expect([sim.get("response_word"), sim.get("response_tag")]).toEqual([expected.byte, expected.tag]);
      const next = {
        selected: sim.get("pins_deselect") === 0,
        clocked: sim.get("pins_clock") === 1,
        driven: sim.get("pins_drive") === 1,
        out: sim.get("pins_out"),
      };
      shown = flash.cycle(pins.selected, pins.clocked, pins.driven, pins.out);
      pins = next;
      sim.step();
      cycle++;
    };
    sim.reset();
    for (let read = 0; read < 40; read++) {
      let address = random.below(1 << 24);
      for (let i = -random.below(5); i <= 0; i++) step({ close: 1 });
      for (let i = 0; i < FLASH_COMMAND_CYCLES; i++) step({ open: i === 0 ? 1 : 0, address });
      for (let bytes = random.below(30); bytes >= 0; bytes--, address++) {
        const tag = random.below(4);
        due.set(cycle + 3, { byte: contents(address), tag });
        step({ valid: 1, address, tag });
        for (let i = random.chance(0.2) ? random.below(9) : 0; i >= 0; i--) step({});
      }
      for (let i = random.below(3); i >= 0; i--) step({});
    }
    expect(due.size).toBeGreaterThan(100);
  });

  it("writes a flash's pins as SB_IO cells", () => {
    const { text } = writeVerilog(spiFlashPins);
    expect(text.match(/\bSB_IO\b/g)?.length).toBe(6);
  });

  it.each([
    ["SPRAM", 8, spramPort],
    ["SPRAM", 4, spramPort],
    ["SPRAM", 2, spramPort],
    ["block RAM", 8, blockRamPort],
    ["block RAM", 1, blockRamPort],
  ] as const)("reads and writes %s of %d-byte words by nibbles, a word a cycle", (_, wordBytes, portOf) => {
    const random = new Random(4);
    const sim = simulate(portOf(sizesOf({ ...SPRAM, wordBytes })));
    const nibbles = 2 * wordBytes;
    // In all banks, at their beginnings and ends.
    const places = Array.from({ length: 40 }, () =>
      random.chance(0.5)
        ? random.below(2 ** 17 / wordBytes)
        : 2 ** 14 * (1 + random.below(Math.floor(8 / wordBytes))) - 1,
    );
    const words = new Map<number, bigint>();
    let due: { readonly word: bigint; readonly tag: number } | null = null;
    sim.reset();
    for (let cycle = 0; cycle < 3000; cycle++) {
      const address = random.pick(places);
      // Words are written whole before anything else.
      const known = words.get(address);
      const write = known === undefined || random.chance(0.4);
      const mask = known === undefined ? 2 ** nibbles - 1 : random.below(2 ** nibbles);
      const data = Array.from({ length: wordBytes }, () => BigInt(random.below(256))).reduce(
        (word, byte) => (word << 8n) | byte,
      );
      const valid = random.chance(0.8);
      const tag = random.below(4);
      expect(sim.get("response_valid")).toBe(due === null ? 0 : 1);
      if (due !== null)
        expect([sim.getBig("response_word"), sim.get("response_tag")]).toEqual([due.word, due.tag]);
      sim.drive({
        request_valid: valid ? 1 : 0,
        request_write: write ? 1 : 0,
        request_address: address,
        request_mask: mask,
        request_data: data,
        request_tag: tag,
      });
      due = valid && !write ? { word: known ?? 0n, tag } : null;
      if (valid && write) {
        let bits = 0n;
        for (let i = 0; i < nibbles; i++) if ((mask >> i) & 1) bits |= 15n << BigInt(4 * i);
        words.set(address, ((known ?? 0n) & ~bits) | (data & bits));
      }
      sim.step();
    }
    expect(words.size).toBe(new Set(places).size);
  });

  it("says what a description must be", () => {
    expect(() => spiFlashPort(sizesOf({ ...FLASH, latencyCycles: 4 }))).toThrow(
      /latencyCycles is 4; .* has to be 3/,
    );
    expect(() => spramPort(sizesOf({ ...SPRAM, writeBits: 8 }))).toThrow(/writeBits is 8; .* has to be 4/);
    expect(() => blockRamPort(sizesOf({ ...SPRAM, commandCycles: 3 }))).toThrow(
      /commandCycles is 3; .* has to be 0/,
    );
    expect(() => channelSizes({ ...randomMachine(new Random(1)), memories: [] }, 0)).toThrow(/no memory 0/);
  });
});
