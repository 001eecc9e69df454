import {
  bit,
  concat,
  module,
  register,
  stateMachine,
  synchronize,
  unsigned,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/**
 * Reads bytes from a serial line as `uartTransmitter` sends them. `valid` is 1 for the cycle in which `data` is a new byte;
 * `broken` for one in which the stop bit was missing, and the byte is dropped.
 * @param cyclesPerBit clock frequency / baud rate, at least 4
 */
export function uartReceiver(cyclesPerBit: number) {
  const timerBits = bitsFor(cyclesPerBit - 1);
  const half = Math.floor(cyclesPerBit / 2);
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
      const state = stateMachine("state", ["idle", "start", "data", "stop"]);
      const timer = register("timer", unsigned(timerBits), { reset: 0 });
      const count = register("count", unsigned(3), { reset: 0 });
      const bits = register("bits", unsigned(8));
      const arrived = register("arrived", bit, { reset: 0, next: 0 });
      const missed = register("missed", bit, { reset: 0, next: 0 });
      data.set(bits);
      valid.set(arrived);
      broken.set(missed);

      timer.set(timer.addWrap(1));
      const bitEnds = timer.eq(cyclesPerBit - 1);
      when(bitEnds, () => timer.set(0));
      state.on({
        idle: () => {
          timer.set(0);
          count.set(0);
          when(now.not(), () => state.go("start"));
        },
        start: () => {
          // From the middle of the start bit on, whole bits are counted; a short dip is no start bit.
          when(timer.eq(half - 1), () => {
            timer.set(0);
            when(now, () => state.go("idle")).otherwise(() => state.go("data"));
          });
        },
        data: () => {
          when(bitEnds, () => {
            bits.set(concat(now, bits.bits(7, 1)));
            count.set(count.addWrap(1));
            when(count.eq(7), () => state.go("stop"));
          });
        },
        stop: () => {
          when(bitEnds, () => {
            arrived.set(now);
            missed.set(now.not());
            state.go("idle");
          });
        },
      });
    },
  );
}
