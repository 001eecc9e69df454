import {
  bit,
  concat,
  module,
  register,
  stateMachine,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/**
 * Sends bytes over a serial line: a start bit, eight data bits (the lowest first), a stop bit. A byte is taken in a cycle
 * in which both `valid` and `ready` are 1.
 * @param cyclesPerBit clock frequency / baud rate
 */
export function uartTransmitter(cyclesPerBit: number) {
  const timerBits = bitsFor(cyclesPerBit - 1);
  return module(
    "uart_transmitter",
    {
      description: `Serial line, ${cyclesPerBit} cycles a bit, 8 data bits, no parity, 1 stop bit.`,
      inputs: { data: unsigned(8), valid: bit },
      outputs: { ready: bit, line: bit },
    },
    ({ data, valid, ready, line }) => {
      const state = stateMachine("state", ["idle", "sending"]);
      // The bits still to be sent, the next one lowest; what comes in behind is the stop bit.
      const bits = register("bits", unsigned(9), { reset: 0x1ff, initial: 0x1ff });
      const sent = register("sent", unsigned(4), { reset: 0 });
      const timer = register("timer", unsigned(timerBits), { reset: 0 });
      // The line rests at 1.
      line.set(register("line_bit", bit, { reset: 1, initial: 1, next: bits.bit(0) }));
      ready.set(state.is("idle"));

      state.on({
        idle: () => {
          timer.set(0);
          sent.set(0);
          when(valid, () => {
            bits.set(concat(data, unsignedConstant(0, 1)));
            state.go("sending");
          });
        },
        sending: () => {
          timer.set(timer.addWrap(1));
          when(timer.eq(cyclesPerBit - 1), () => {
            timer.set(0);
            sent.set(sent.addWrap(1));
            bits.set(concat(unsignedConstant(1, 1), bits.bits(8, 1)));
            when(sent.eq(9), () => state.go("idle"));
          });
        },
      });
    },
  );
}
