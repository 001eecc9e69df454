import { timedShape } from "../../models/shapes/timed.ts";
import type { Machine } from "../compile/machine.ts";
import type { ShapeFormats } from "../compile/shape-plan.ts";
import { FLIGHTLLM, type StorageRow, storageRows } from "../experiment/length-storage.ts";
import { line, print, printJson, table, tokens, whole } from "./output.ts";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Bytes in steps of 1,024, as FlightLLM counts them. */
function binary(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value.toFixed(unit === 0 ? 0 : 2)} ${UNITS[unit]}`;
}

/** `accel compile --lengths`: what programs for every length take. */
export function printLengths(
  model: string,
  machine: Machine,
  formats: ShapeFormats,
  options: { readonly context?: number; readonly json?: boolean },
): void {
  const shape = timedShape(model);
  const lengths = options.context ?? Math.min(2048, shape.maxPositions);
  const rows = storageRows(shape, machine, formats, lengths);
  if (options.json === true) {
    printJson({ schema: "accel/lengths@1", model, machine: machine.name, lengths, rows });
    return;
  }
  print(line("model", `${model} on ${machine.name}, prompts and contexts of 1 to ${tokens(lengths)}`));
  if (lengths !== FLIGHTLLM.lengths)
    print(line("published", `rows of FlightLLM are for ${whole(FLIGHTLLM.lengths)} lengths: do not compare`));
  const cells = ({ name, bytes, formula, kind }: StorageRow): string[] => [
    name,
    binary(bytes),
    formula,
    kind,
  ];
  print(`\n${table([["programs", "storage (1 kB = 1,024)", "counted as", "origin"], ...rows.map(cells)])}`);
}
