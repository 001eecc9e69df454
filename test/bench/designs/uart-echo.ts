import { bit, instance, module, register, unsigned, when, wire } from "../../../hdl/builder/index.ts";
import { uartReceiver } from "../../../hdl/units/uart/receiver.ts";
import { uartTransmitter } from "../../../hdl/units/uart/transmitter.ts";

/** A serial line that sends back each byte plus one, counts bytes, and feeds itself from a random generator. */
export function uartEcho() {
  return module(
    "uart_echo",
    { inputs: { hold: bit }, outputs: { line: bit, bytes: unsigned(16), sum: unsigned(16) } },
    (io) => {
      const random = register("random", unsigned(16), { reset: 1 });
      const source = wire("source_valid", bit);
      const sender = instance("sender", uartTransmitter(8), { data: random.bits(7, 0), valid: source });
      source.set(io.hold.not());
      when(sender.ready, () =>
        random.set(random.shr(1).extend(16).xor(random.bit(0).repeat(16).and(0xb400))),
      );
      const receiver = instance("receiver", uartReceiver(8), { line: sender.line });
      const bytes = register("count", unsigned(16), { reset: 0 });
      const sum = register("total", unsigned(16), { reset: 0 });
      const echo = instance("echo", uartTransmitter(8), {
        data: receiver.data.addWrap(1),
        valid: receiver.valid,
      });
      when(receiver.valid, () => {
        bytes.set(bytes.addWrap(1));
        sum.set(sum.addWrap(receiver.data.extend(16)));
      });
      io.line.set(echo.line);
      io.bytes.set(bytes);
      io.sum.set(sum);
    },
  );
}
