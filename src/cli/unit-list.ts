import type { Command } from "commander";
import { type CatalogUnit, unitCatalog } from "../../hdl/units/catalog.ts";
import type { MultiplierKind } from "../../hdl/units/matrix/parameters.ts";
import { InputError } from "../../models/errors.ts";
import { parseCompression, patternName } from "../compress/spec.ts";
import { machineFrom } from "../devices/library.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { buildableCircuit, type Circuit } from "../verify/circuit.ts";
import { costedUnits, partFor } from "../verify/unit-costs.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions } from "./options.ts";
import { progress } from "./output.ts";

/** Options of commands that go through the units of a circuit. */
export interface UnitOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly unit?: string;
}

/** Adds them; the compression is the one that the documentation shows, where nothing is said. */
export function addUnitOptions(command: Command): Command {
  addCompressionOptions(addModelOption(command));
  command.options.find((option) => option.attributeName() === "sparsity")?.default("2:4");
  command.setOptionValueWithSource("sparsity", "2:4", "default");
  return command
    .option(
      "--machine <name|file>",
      "the units of this machine's circuit for the model; otherwise the catalogue's",
    )
    .option("--unit <name>", "one unit only, such as dequantizer");
}

/** A unit, and where it stands in a machine. */
export interface ListedUnit extends CatalogUnit {
  /** Units around it that are listed too. */
  readonly depth: number;
}

/** What units are units of. */
export interface NamedMachine {
  readonly machine: string;
  readonly model: string;
  readonly compression: string;
}

export interface UnitList {
  /** Title of the column that tells units of one name apart. */
  readonly variantTitle: string;
  /** Null: units of nothing in particular. */
  readonly machine: NamedMachine | null;
  readonly units: readonly ListedUnit[];
}

/** Units of a machine on its part, or the catalogue; or those of one name. @throws InputError where there is no such unit */
export function listedUnits(options: UnitOptions): UnitList {
  if (options.machine === undefined) {
    const units = unitCatalog().map((unit) => ({ ...unit, depth: 0 }));
    return { variantTitle: "built for", machine: null, units: unitsNamed(units, nameOf, options.unit) };
  }
  const { circuit, ...machine } = machineCircuit(options, options.machine, "mac16");
  const units = costedUnits(partFor(circuit)).map(
    ({ path, depth, module }): ListedUnit => ({ unit: module.name, variant: path, depth, module }),
  );
  return { variantTitle: "instance", machine, units: unitsNamed(units, nameOf, options.unit) };
}

const nameOf = ({ unit }: ListedUnit): string => unit;

/** A machine's circuit for the model. */
export function machineCircuit(
  options: UnitOptions,
  nameOrPath: string,
  multiplier: MultiplierKind,
): NamedMachine & { readonly circuit: Circuit } {
  const spec = parseCompression(options);
  const machine = machineFrom(nameOrPath);
  progress("compressing");
  const model = integerModel(new LoadedModel(options.model).compress(spec).model);
  const compression = `${patternName(spec.pattern)}, ${options.weights}, kv${options.kv}`;
  const circuit = buildableCircuit(model, machine, { multiplier });
  return { machine: machine.name, model: options.model, compression, circuit };
}

/** Units of one name, as if they stood alone; all where none is asked for. @throws InputError where there is none */
export function unitsNamed<T extends { readonly depth: number }>(
  all: readonly T[],
  nameOf: (unit: T) => string,
  name: string | undefined,
): readonly T[] {
  if (name === undefined) return all;
  const units = all.filter((unit) => nameOf(unit) === name);
  if (units.length > 0) return units.map((unit) => ({ ...unit, depth: 0 }));
  throw new InputError(
    `There is no unit called "${name}"; there are ${[...new Set(all.map(nameOf))].join(", ")}.`,
  );
}
