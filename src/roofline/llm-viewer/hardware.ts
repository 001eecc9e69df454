import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../../models/errors.ts";
import { packageRoot } from "../../../models/package-root.ts";
import { brief, validated } from "../../../models/validate.ts";
import type { ViewerPeak } from "./roofline.ts";
import type { ViewerInput } from "./work.ts";

/** A line of LLM-Viewer's hardware table: bytes/s, operations/s by numbers, bytes on the chip. */
export interface ViewerHardware {
  readonly id: string;
  readonly bandwidth: number;
  readonly FP16: number;
  /** Absent where the table has none. */
  readonly INT8?: number | undefined;
  readonly onchip_buffer: number;
}

const hardwareSchema = z.strictObject({
  source: z.string(),
  hardware: z.array(
    z.strictObject({
      id: z.string(),
      bandwidth: z.number().positive(),
      FP16: z.number().positive(),
      INT8: z.number().positive().optional(),
      onchip_buffer: z.number().positive(),
    }),
  ),
});

export function viewerHardware(): readonly ViewerHardware[] {
  const path = join(packageRoot(), "src/roofline/llm-viewer/data/hardware.json");
  return validated(hardwareSchema, JSON.parse(readFileSync(path, "utf8")), "hardware.json").hardware;
}

/** @throws InputError listing the names there are */
export function viewerHardwareNamed(name: string): ViewerHardware {
  const all = viewerHardware();
  const found = all.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = all.map(({ id }) => id).join(", ");
  throw new InputError(`LLM-Viewer has no device "${brief(name)}": choose ${names}.`);
}

/**
 * The peak that LLM-Viewer takes: INT8 where nothing has more than 8 bits, else FP16.
 * @throws InputError where the table has no INT8 figure, as LLM-Viewer itself fails there
 */
export function viewerPeak(hardware: ViewerHardware, { w_bit, a_bit, kv_bit }: ViewerInput): ViewerPeak {
  const { id, bandwidth, FP16, INT8 } = hardware;
  if (Math.max(w_bit, a_bit, kv_bit) > 8) return { bandwidth, max_OPS: FP16 };
  if (INT8 !== undefined) return { bandwidth, max_OPS: INT8 };
  throw new InputError(
    `LLM-Viewer has no INT8 figure for ${id}: give weights, activations, or keys and values more than 8 bits.`,
  );
}
