import { assign, bit, instance, module, wire } from "../builder/index.ts";
import { describedMemory } from "../units/channel/described-memory.ts";
import { responseShape } from "../units/channel/shapes.ts";
import { portName } from "./decoder.ts";
import { type DeviceOptions, device } from "./device.ts";
import { wordsOf } from "./words.ts";

/**
 * A device before memories that behave as the machine's description says: all that a board is, with nothing but its serial line.
 * @param images bytes of each memory before the first token
 */
export function simulatedDevice(options: DeviceOptions, images: readonly Uint8Array[]) {
  const { channels } = options.sizes;
  const made = device(options);
  return module(
    "simulated_device",
    {
      description: `${made.description ?? ""} And its memories.`,
      inputs: { rx: bit },
      outputs: { tx: bit, running: bit },
      inputDomains: { rx: null },
    },
    (io) => {
      const responses = channels.map((sizes, i) => wire(`response_${i}`, responseShape(sizes)));
      const core = instance("device", made, {
        rx: io.rx,
        responses: Object.fromEntries(responses.map((response, i) => [portName(i), response])),
      });
      for (const [i, sizes] of channels.entries()) {
        const name = portName(i);
        const request = core.requests[name];
        const response = responses[i];
        if (request === undefined || response === undefined) throw new RangeError(`${name} is missing`);
        const words = wordsOf(images[i] ?? new Uint8Array(0), sizes.wordBytes);
        assign(response, instance(name, describedMemory(sizes, words.length, words), { request }).response);
      }
      io.tx.set(core.tx);
      io.running.set(core.running);
    },
  );
}
