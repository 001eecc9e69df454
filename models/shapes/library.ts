import type { LlamaShape } from "../decoder/shape.ts";
import { InputError } from "../errors.ts";
import { brief } from "../validate.ts";
import { LLAMA_2_7B } from "./llama-2-7b.ts";
import { LLAMA_2_13B } from "./llama-2-13b.ts";
import { LLAMA_2_70B } from "./llama-2-70b.ts";
import { LLAMA_3_1_8B } from "./llama-3.1-8b.ts";
import { LLAMA_3_2_1B } from "./llama-3.2-1b.ts";
import { LLAMA_3_8B } from "./llama-3-8b.ts";
import { LLAMA_TINY } from "./llama-tiny.ts";
import type { PublicShape } from "./public-shape.ts";
import { SMOLLM2_135M } from "./smollm2-135m.ts";
import { TINYLLAMA_1_1B } from "./tinyllama-1.1b.ts";

/** Every shape that ships, smallest model first. */
export const PUBLIC_SHAPES: readonly PublicShape[] = [
  LLAMA_TINY,
  SMOLLM2_135M,
  TINYLLAMA_1_1B,
  LLAMA_3_2_1B,
  LLAMA_2_7B,
  LLAMA_3_8B,
  LLAMA_3_1_8B,
  LLAMA_2_13B,
  LLAMA_2_70B,
];

export function shapeNames(): readonly string[] {
  return PUBLIC_SHAPES.map(({ name }) => name);
}

/** @throws InputError listing the names there are, if this is none of them */
export function shapeNamed(name: string): LlamaShape {
  const found = PUBLIC_SHAPES.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new InputError(`There is no model shape "${brief(name)}"; there are ${shapeNames().join(", ")}.`);
  }
  return found.shape;
}
