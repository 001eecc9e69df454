import {
  bit,
  clockDomain,
  concat,
  driveClock,
  instance,
  memory,
  module,
  mux,
  named,
  register,
  select,
  signed,
  stateMachine,
  synchronize,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { hfosc, IO_IDLE, pinType, sbIo } from "../../../hdl/primitives/ice40/index.ts";

/** Small modules as people write them; their Verilog lies in `golden/`, for people to read. */
export const counter = module(
  "counter",
  {
    inputs: { enable: bit, limit: unsigned(8) },
    outputs: { count: unsigned(8), wraps: bit },
    description: "Counts from 0 to its limit, over and over.",
  },
  (io) => {
    const value = register("value", unsigned(8), { reset: 0, initial: 0 });
    const last = value.eq(io.limit);
    when(io.enable, () => value.set(mux(last, value.subWrap(io.limit), value.addWrap(1))));
    io.count.set(value);
    io.wraps.set(io.enable.and(last));
  },
);

export const fifo = module(
  "fifo",
  {
    inputs: { push: bit, data_in: unsigned(8), pop: bit },
    outputs: { data_out: unsigned(8), full: bit, empty: bit, level: unsigned(5) },
    description: "A queue of 16 bytes. What is popped appears in the cycle after.",
  },
  (io) => {
    const words = memory("words", unsigned(8), { depth: 16 });
    const head = register("head", unsigned(4), { reset: 0, initial: 0 });
    const tail = register("tail", unsigned(4), { reset: 0, initial: 0 });
    const count = register("count", unsigned(5), { reset: 0, initial: 0 });
    const full = count.eq(16);
    const empty = count.eq(0);
    const pushes = named("pushes", io.push.and(full.not()));
    const pops = named("pops", io.pop.and(empty.not()));
    when(pushes, () => {
      words.write(tail, io.data_in);
      tail.set(tail.addWrap(1));
    });
    when(pops, () => head.set(head.addWrap(1)));
    when(pushes.and(pops.not()), () => count.set(count.addWrap(1))).elseWhen(pops.and(pushes.not()), () =>
      count.set(count.subWrap(1)),
    );
    io.data_out.set(words.read(head, { enable: pops }));
    io.full.set(full);
    io.empty.set(empty);
    io.level.set(count);
  },
);

export const transmitter = module(
  "spi_transmitter",
  {
    inputs: { start: bit, data: unsigned(8), divide: unsigned(4) },
    outputs: { busy: bit, chip_select: bit, serial_clock: bit, serial_data: bit, progress: unsigned(2) },
    description: "Sends a byte, highest bit first.",
  },
  (io) => {
    const machine = stateMachine("state", ["idle", "load", "shift", "lastBit"]);
    const bits = register("bits", unsigned(8));
    const left = register("left", unsigned(3), { reset: 0 });
    const timer = register("timer", unsigned(4), { reset: 0 });
    io.busy.set(machine.is("idle").not());
    io.chip_select.set(1);
    io.serial_clock.set(0);
    machine.on({
      idle: () => {
        when(io.start, () => {
          machine.go("load");
          bits.set(io.data);
        });
      },
      load: () => {
        left.set(7);
        timer.set(0);
        machine.go("shift");
      },
      shift: () => {
        io.chip_select.set(0);
        io.serial_clock.set(timer.bit(3));
        timer.set(timer.addWrap(1));
        when(timer.eq(io.divide), () => {
          timer.set(0);
          bits.set(concat(bits.bits(6, 0), bits.bit(7)));
          left.set(left.subWrap(1));
          when(left.eq(0), () => machine.go("lastBit"));
        });
      },
      lastBit: () => machine.go("idle"),
    });
    io.serial_data.set(bits.bit(7));
    io.progress.set(
      select(machine.state, [io.divide.bits(1, 0), left.bits(2, 1), timer.bits(1, 0), left.bits(1, 0)]),
    );
  },
);

export const maskedMemory = module(
  "masked_memory",
  {
    inputs: {
      write: bit,
      mask: unsigned(4),
      write_address: unsigned(7),
      data: unsigned(32),
      read: bit,
      read_address: unsigned(7),
    },
    outputs: { word: unsigned(32) },
    description: "100 words of four bytes that are written one by one; beyond them it reads zero.",
  },
  (io) => {
    const words = memory("words", unsigned(32), { depth: 100, initial: [0x01020304, 0xfffffff0, 5] });
    when(io.write, () => words.write(io.write_address, io.data, { mask: io.mask }));
    io.word.set(words.read(io.read_address, { enable: io.read }));
  },
);

export const multiplyAccumulate = module(
  "multiply_accumulate",
  {
    inputs: { a: signed(8), w: signed(8), first: bit, valid: bit, shift: unsigned(3) },
    outputs: { sum: signed(20), rounded: signed(8), scaled: signed(20), offset: signed(21) },
  },
  (io) => {
    const product = register("product", signed(16), { next: io.a.mul(io.w) });
    const first = register("first_of_sum", bit, { next: io.first });
    const valid = register("product_valid", bit, { next: io.valid, reset: 0 });
    const sum = register("accumulator", signed(20), { reset: 0 });
    when(valid, () => sum.set(mux(first, product.extend(20), sum.addWrap(product.extend(20)))));
    io.sum.set(sum);
    io.rounded.set(sum.add(8).shr(4).saturate(8));
    io.scaled.set(sum.shr(io.shift));
    io.offset.set(sum.add(io.a.mul(io.w)).sub(io.a).truncate(21));
  },
);

const oscillator = clockDomain("oscillator");

/** Instances, one module twice, cells of the part, a clock that is made inside, a pin. */
export const system = module(
  "system",
  {
    inputs: { push: bit, data: unsigned(8), pop: bit, a: signed(8), w: signed(8) },
    outputs: { out: unsigned(8), total: signed(20), pressed: bit },
    inouts: ["button"],
    description:
      "Two queues in a row, a multiply-accumulate unit, and a button that blinks while it is pressed.",
  },
  (io) => {
    const first = instance("first", fifo, { push: io.push, data_in: io.data, pop: io.pop });
    const forward = io.push.and(first.empty.not());
    const second = instance("second", fifo, { push: forward, data_in: first.data_out, pop: io.pop });
    io.out.set(second.data_out);
    const inputs = { a: io.a, w: io.w, first: first.empty, valid: second.full, shift: 2 };
    io.total.set(instance("mac", multiplyAccumulate, inputs).sum);

    const { CLKHF } = instance("clock_source", hfosc({ megahertz: 6 }), { CLKHFPU: 1, CLKHFEN: 1 });
    driveClock(oscillator, CLKHF);
    const blink = register("blink", unsigned(22), { domain: oscillator, initial: 0 });
    blink.set(blink.addWrap(1));
    const cell = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_TRISTATE") });
    const drive = { ...IO_IDLE, D_OUT_0: blink.bit(21), OUTPUT_ENABLE: io.pop };
    const pin = instance("button_pin", cell, drive, { pads: { PACKAGE_PIN: io.pads.button } });
    io.pressed.set(synchronize("button_seen", pin.D_IN_0.not()));
  },
);

export const EXAMPLES = [counter, fifo, transmitter, maskedMemory, multiplyAccumulate, system];
