import { HardwareError, select, type Unsigned, type Value } from "../builder/index.ts";

/** The value that `index` counts; where there is one only, no multiplexer. */
export function choose<V extends Value>(index: Unsigned, values: readonly V[]): V {
  const [only] = values;
  if (only === undefined) throw new HardwareError("nothing to choose from");
  return values.length === 1 ? only : select(index, values);
}
