import { bit, concat, module, register, synchronize, unsigned, when } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/** Start bit, eight data bits, stop bit. */
const FRAME_BITS = 10;

/**
 * Reads bytes from a serial line as `uartTransmitter` sends them. `valid` is 1 for the cycle in which `data` is a new byte;
 * `broken` for one in which the stop bit was missing, and the byte is dropped.
 * @param cyclesPerBit clock frequency / baud rate, at least 4
 */
export function uartReceiver(cyclesPerBit: number) {
  const timerBits = bitsFor(cyclesPerBit - 1);
  return module(
    "uart_receiver",
    {
      description: `Serial line, ${cyclesPerBit} cycles a bit; bits are read in their middle.`,
      inputs: { line: bit },
      outputs: { data: unsigned(8), valid: bit, broken: bit },
      inputDomains: { line: null },
    },
    ({ line, data, valid, broken }) => {
      const now = synchronize("line_seen", line, { reset: 1, initial: 1 });
      const busy = register("busy", bit, { reset: 0 });
      const timer = register("timer", unsigned(timerBits));
      // Ones, until the start bit comes in at the top; when it arrives at the bottom, all bits are there.
      const bits = register("bits", unsigned(FRAME_BITS), { reset: 2 ** FRAME_BITS - 1 });
      const stop = bits.bit(FRAME_BITS - 1);
      const whole = bits.bit(0).not();
      data.set(bits.bits(FRAME_BITS - 2, 1));
      valid.set(whole.and(stop));
      broken.set(whole.and(stop.not()));

      const bitEnds = timer.eq(cyclesPerBit - 1);
      timer.set(timer.addWrap(1));
      when(bitEnds, () => timer.set(0));
      // From the middle of the start bit on, whole bits are counted.
      when(busy.not(), () => timer.set(Math.ceil(cyclesPerBit / 2)));
      when(busy.and(bitEnds), () => bits.set(concat(now, bits.bits(FRAME_BITS - 1, 1))));
      when(now.not(), () => busy.set(1));
      // A short dip is no start bit.
      when(bitEnds.and(now).and(bits.all()), () => busy.set(0));
      when(whole, () => {
        busy.set(0);
        bits.set(2 ** FRAME_BITS - 1);
      });
    },
  );
}
