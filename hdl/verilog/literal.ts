import type { NumberType } from "../builder/graph.ts";
import { wrap } from "../builder/type.ts";

/** Above this, bits say more than digits. */
const LARGEST_DECIMAL = 0xffffn;

/** A number as a sized Verilog literal: `8'd255`, `-4'sd3`, `1'b1`, `48'hdeadbeef0123`. */
export function literal(value: bigint, type: NumberType): string {
  const { width, signed } = type;
  const wrapped = wrap(value, type);
  if (width === 1 && !signed) return `1'b${wrapped}`;
  const magnitude = wrapped < 0n ? -wrapped : wrapped;
  const sign = wrapped < 0n ? "-" : "";
  const letter = signed ? "s" : "";
  return magnitude > LARGEST_DECIMAL
    ? `${sign}${width}'${letter}h${magnitude.toString(16)}`
    : `${sign}${width}'${letter}d${magnitude}`;
}
