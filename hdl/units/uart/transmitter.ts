import { bit, concat, module, mux, register, unsigned, unsignedConstant, when } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/** Start bit, eight data bits, stop bit. */
const FRAME_BITS = 10;

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
      // The bit on the line lowest. Behind the stop bit come zeros: only the stop bit is left when the byte ends.
      const bits = register("bits", unsigned(FRAME_BITS), { reset: 1, initial: 1 });
      const timer = register("timer", unsigned(timerBits));
      const bitEnds = timer.eq(cyclesPerBit - 1);
      const last = bits
        .bits(FRAME_BITS - 1, 1)
        .any()
        .not();
      const rests = register("rests", bit, { reset: 1, initial: 1 });
      line.set(bits.bit(0));
      ready.set(rests);

      timer.set(timer.addWrap(1));
      when(bitEnds.or(rests), () => timer.set(0));
      const loads = rests.and(valid);
      const next = concat(unsignedConstant(0, 1), bits.bits(FRAME_BITS - 1, 1));
      const frame = concat(unsignedConstant(1, 1), data, unsignedConstant(0, 1));
      when(loads.or(bitEnds.and(last.not())), () => bits.set(mux(rests, frame, next)));
      when(bitEnds.and(last), () => rests.set(1));
      when(loads, () => rests.set(0));
    },
  );
}
