import { assign, bit, instance, module, unsigned, wire } from "../builder/index.ts";
import { describedMemory } from "../units/channel/described-memory.ts";
import { responseShape } from "../units/channel/shapes.ts";
import { decoder, portName, tokenShape } from "./decoder.ts";
import type { DecoderSizes } from "./parameters.ts";
import { wordsOf } from "./words.ts";

/**
 * A decoder before memories that behave as the machine's description says, for simulation. A memory's contents are
 * `<portName>.contents`.
 * @param images bytes of each memory before the first token
 */
export function simulatedBoard(sizes: DecoderSizes, images: readonly Uint8Array[]) {
  const core = decoder(sizes);
  const { program, counter } = core.ports.inputs;
  const { outputs } = core.ports;
  return module(
    "simulated_board",
    {
      description: `${core.description ?? ""} With its memories.`,
      inputs: { begin: bit, token: tokenShape(sizes), seeds: bit, seed: unsigned(32), program, counter },
      // Something is started or done in this cycle.
      outputs: { ...outputs, event: bit },
    },
    (io) => {
      const responses = sizes.channels.map((channel, i) => wire(`response_${i}`, responseShape(channel)));
      const made = instance("decoder", core, {
        begin: io.begin,
        token: io.token,
        seeds: io.seeds,
        seed: io.seed,
        program: io.program,
        counter: io.counter,
        responses: Object.fromEntries(responses.map((response, i) => [portName(i), response])),
      });
      for (const [i, channel] of sizes.channels.entries()) {
        const name = portName(i);
        const request = made.requests[name];
        const response = responses[i];
        if (request === undefined || response === undefined) throw new RangeError(`${name} is missing`);
        const words = wordsOf(images[i] ?? new Uint8Array(0), channel.wordBytes);
        assign(response, instance(name, describedMemory(channel, words.length, words), { request }).response);
      }
      const { running, finished, picked, picked_token, count, counted, starts, dones, layer } = made;
      const happening = [...starts, ...dones, finished].reduce((some, one) => some.or(one));
      io.running.set(running);
      io.finished.set(finished);
      io.picked.set(picked);
      io.picked_token.set(picked_token);
      io.count.set(count);
      io.counted.set(counted);
      assign(io.starts, starts);
      assign(io.dones, dones);
      io.layer.set(layer);
      for (const [name, request] of Object.entries(made.requests)) {
        const shown = io.requests[name];
        if (shown !== undefined) assign(shown, request);
      }
      io.event.set(happening);
    },
  );
}
