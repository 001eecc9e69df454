import { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import type { IntegerModel } from "../../models/decoder/integer/model.ts";
import { parseCompression } from "../compress/spec.ts";
import { fpgaNamed } from "../devices/library.ts";
import { generate } from "../experiment/generate.ts";
import { meanOf } from "../experiment/mean.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { promptOf } from "../experiment/simulate.ts";
import { buildableCircuit, type Circuit } from "../verify/circuit.ts";
import type { Settings } from "./manifest.ts";

/** A circuit that can be built, and what its simulation says of its speed. */
export interface Prepared {
  readonly circuit: Circuit;
  /** Mean of some tokens behind a prompt, simulated. */
  readonly cyclesPerToken: number;
}

const TOKENS = 32;

/** @throws InputError for a model, a compression or a machine that no circuit is made for */
export function prepare(settings: Settings, told: (text: string) => void): Prepared {
  const model = new LoadedModel(settings.model);
  told("compressing");
  const decoder = new IntegerDecoder(integerModel(model.compress(parseCompression(settings)).model));
  const circuit = circuitOn(decoder.model, settings);
  told("simulating");
  const { ids: prompt } = promptOf(model, undefined);
  const { results } = generate(circuit.program, decoder, {
    prompt,
    tokens: Math.max(1, Math.min(TOKENS, circuit.program.context - prompt.length + 1)),
    endTokens: [],
    sampling: null,
  });
  return { circuit, cyclesPerToken: meanOf(results, ({ cycles }) => cycles) };
}

/** A model's circuit as a board's part is to hold it. @throws as `buildableCircuit` */
export function circuitOn(
  model: IntegerModel,
  { board, machine, context }: Pick<Settings, "board" | "machine" | "context">,
): Circuit {
  const { family, multipliers } = fpgaNamed(board.device);
  return buildableCircuit(model, machine, {
    // Elsewhere synthesis finds the multipliers itself, or makes them of logic.
    multiplier: family === "ice40" && multipliers.value > 0 ? "mac16" : "soft",
    ...(context === null ? {} : { context }),
  });
}
