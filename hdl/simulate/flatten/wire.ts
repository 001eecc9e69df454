import type { NumberType, Wire } from "../../builder/graph.ts";
import { constant } from "../../builder/operators.ts";
import type { SourceLocation } from "../../builder/source.ts";

/** A wire whose driver is found later; until then it follows itself, which is refused as a loop. */
export function newWire(path: readonly string[], type: NumberType, source: SourceLocation): Wire {
  const wire: Wire = { kind: "wire", name: path.join("."), type, source, driver: constant(0n, type) };
  wire.driver = wire;
  return wire;
}
