import { z } from "zod";
import type { RopeScaling } from "../decoder/shape.ts";
import { InputError } from "../errors.ts";
import { BOUNDS } from "./schema.ts";

/** What config.json says of rotary embedding, under `rope_scaling` or, newer, `rope_parameters`. */
export const ropeSchema = z.object({
  rope_type: z.string().optional(),
  /** The older name of `rope_type`. */
  type: z.string().optional(),
  rope_theta: BOUNDS.ropeTheta.optional(),
  partial_rotary_factor: z.number().min(0).max(1).optional(),
  factor: BOUNDS.ropeFactor.optional(),
  low_freq_factor: BOUNDS.ropeFrequencyFactor.optional(),
  high_freq_factor: BOUNDS.ropeFrequencyFactor.optional(),
  original_max_position_embeddings: BOUNDS.maxPositions.optional(),
});
export type RopeFields = z.infer<typeof ropeSchema>;

/** How frequencies are scaled; "default": they are not. */
export const ropeType = ({ rope_type, type }: RopeFields): string => rope_type ?? type ?? "default";

/**
 * Llama 3.1's scaling.
 * @param where the file, as messages shall name it
 * @throws InputError naming the field that is missing
 */
export function llama3Scaling(rope: RopeFields, where: string): RopeScaling {
  const required = <K extends keyof RopeFields>(field: K): NonNullable<RopeFields[K]> => {
    const value = rope[field];
    if (value == null) throw new InputError(`${where}: rope type "llama3" needs ${field}.`);
    return value;
  };
  return {
    kind: "llama3",
    factor: required("factor"),
    lowFrequencyFactor: required("low_freq_factor"),
    highFrequencyFactor: required("high_freq_factor"),
    originalMaxPositions: required("original_max_position_embeddings"),
  };
}
