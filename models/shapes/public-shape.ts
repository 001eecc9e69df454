import type { LlamaShape } from "../decoder/shape.ts";

/** The dimensions of a public model: enough to plan and time it without its weights. */
export interface PublicShape {
  readonly name: string;
  /** Where the numbers are from. */
  readonly source: string;
  readonly shape: LlamaShape;
}
