import { HardwareError } from "../../hdl/builder/index.ts";
import { type DecoderSizes, decoderSizes, optionsFor } from "../../hdl/decoder/parameters.ts";
import { formatCircuit, type NamedFormat } from "../../hdl/formats/library.ts";
import type { MultiplierKind } from "../../hdl/units/matrix/parameters.ts";
import { type IntegerModel, matricesOf } from "../../models/decoder/integer/model.ts";
import { InputError } from "../../models/errors.ts";
import { compile } from "../compile/compile.ts";
import { buildImages, planModel } from "../compile/image.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";

/** A decoder's circuit with the program and the memories that it is to run. */
export interface Circuit {
  readonly model: IntegerModel;
  readonly program: Program;
  /** Contents of each memory before the first token. */
  readonly images: readonly Uint8Array[];
  readonly sizes: DecoderSizes;
  /** Names of the units by their numbers in the instruction set. */
  readonly unitNames: readonly string[];
}

export interface CircuitOptions {
  /** Tokens to make room for; as many as fit where nothing is said. */
  readonly context?: number;
  readonly multiplier?: MultiplierKind;
}

/**
 * Compiles a model for a machine, and the machine's circuit for the model.
 * @throws InputError where the model does not fit; HardwareError where no circuit can be as the machine is described
 */
export function circuitFor(model: IntegerModel, machine: Machine, options: CircuitOptions = {}): Circuit {
  const { context, multiplier = "soft" } = options;
  refuseLaunches(machine);
  const program = compile(planModel(model, machine), machine, context === undefined ? {} : { context });
  return {
    model,
    program,
    images: buildImages(model, program),
    sizes: decoderSizes(optionsFor(program, formatsOf(model), multiplier)),
    unitNames: ["sequencer", "matrix", "vector", ...machine.memories.map(({ name }) => name)],
  };
}

/** Circuits are of one core, whose multipliers take packets as they come. */
function refuseLaunches({ name, matrix, cluster, schedule, vector, memories }: Machine): void {
  const bursts = memories.some(({ burst }) => burst !== undefined);
  if (
    matrix.launch === undefined &&
    cluster === undefined &&
    schedule === undefined &&
    vector.cyclesPerPass === undefined &&
    !bursts
  )
    return;
  throw new InputError(
    `Machine ${name} is for simulation: no circuit is made of "launch", "burst", "cluster", "schedule" and "cyclesPerPass".`,
  );
}

/** @throws InputError where the model does not fit, or no circuit can be made for the machine */
export function buildableCircuit(
  model: IntegerModel,
  machine: Machine,
  options: CircuitOptions = {},
): Circuit {
  try {
    return circuitFor(model, machine, options);
  } catch (error) {
    if (error instanceof HardwareError)
      throw new InputError(`No circuit can be made for machine ${machine.name}: ${error.message}.`);
    throw error;
  }
}

/** Formats that streams of a model are in: those of its weights, and that of keys and values. */
export function formatsOf(model: IntegerModel): NamedFormat[] {
  const all = [
    ...Array.from(matricesOf(model), ([, { bits, pattern }]) => formatCircuit(bits, pattern)),
    formatCircuit(model.kvBits, { kind: "dense" }),
  ];
  return all.filter(({ headerByte }, i) => all.findIndex((other) => other.headerByte === headerByte) === i);
}
