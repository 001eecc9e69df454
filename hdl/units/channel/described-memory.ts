import {
  assign,
  delayed,
  memory,
  module,
  named,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";
import { resized } from "../resized.ts";
import type { ChannelSizes } from "./parameters.ts";
import { requestShape, responseShape } from "./shapes.ts";

/**
 * A memory that behaves as its description says, for simulation: it answers `answerCycles` after it was asked.
 * @param words so many of it are there
 * @param initial what stands in it in the beginning; without it, anything
 */
export function describedMemory(sizes: ChannelSizes, words: number, initial?: readonly bigint[]) {
  const { name, wordBytes, answerCycles: cycles } = sizes;
  return module(
    "described_memory",
    {
      description: `${name}, as its description says.`,
      inputs: { request: requestShape(sizes) },
      outputs: { response: responseShape(sizes) },
    },
    ({ request, response }) => {
      const contents = memory("contents", unsigned(8 * wordBytes), {
        depth: Math.max(2, words),
        ...(initial === undefined ? {} : { initial }),
      });
      const bits = Math.max(1, Math.ceil(Math.log2(Math.max(2, words))));
      const address = resized(request.address, bits);
      when(request.valid.and(request.write), () =>
        contents.write(address, request.data, { mask: request.mask }),
      );
      const answers = named("answers", request.valid.and(request.write.not()));
      const later = (label: string, value: Unsigned, by: number): Unsigned =>
        by === 0 ? value : delayed(label, value, by, { reset: 0 });
      assign(response, {
        valid: later("valid", answers, cycles),
        tag: later("tag", request.tag, cycles),
        word: later("word", contents.read(address), cycles - 1),
      });
    },
  );
}
