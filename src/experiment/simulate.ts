import { type IntegerModel, matricesOf } from "../../models/decoder/integer/model.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { InputError } from "../../models/errors.ts";
import { compileCores } from "../compile/cores.ts";
import { planModel } from "../compile/image.ts";
import { coresOf, type Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { type CompressionSpec, parseCompression, patternName } from "../compress/spec.ts";
import { opening } from "../compress/tokenize.ts";
import type { Fpga } from "../devices/device.ts";
import { summedCosts } from "../roofline/operator-cost.ts";
import { boundOf } from "../roofline/roofline.ts";
import { type Generation, generate } from "./generate.ts";
import { meanOf, meanRecord } from "./mean.ts";
import { integerDecoder, type LoadedModel } from "./prepare.ts";
import type { MeasureQuality } from "./quality.ts";
import { type Quality, SIMULATION_SCHEMA, type SimulationResult } from "./result.ts";
import { packageFor, shapeFormats } from "./shape-formats.ts";
import { timeShape } from "./time-shape.ts";

/** What is to be run on what. */
export interface Target {
  readonly machine: Machine;
  readonly device: Fpga;
  readonly spec: CompressionSpec;
}

export interface SimulationRequest extends Target {
  /** Text to continue; otherwise `DEFAULT_PROMPT`, or, for a model without a tokenizer, the token that begins a text. */
  readonly prompt?: string;
  /** Tokens to generate; otherwise `DEFAULT_TOKENS`, or as many as there is room for. */
  readonly tokens?: number;
  readonly sampling: { readonly temperature: number; readonly seed: number } | null;
  readonly context?: number;
}

const DEFAULT_TOKENS = 32;

/** Everything about one run: the result that is printed, and what the report draws. */
export interface Simulation {
  readonly result: SimulationResult;
  /** Of the first core, which has the largest share. */
  readonly program: Program;
  /** Of the other cores. */
  readonly others: readonly Program[];
  readonly generation: Generation;
}

/**
 * Compresses, compiles, simulates and checks: the whole way from a checkpoint to a simulated text.
 * @param measure tells the quality of the compressed model; begun before the simulation, awaited behind it
 */
export async function simulate(
  model: LoadedModel,
  request: SimulationRequest,
  measure: MeasureQuality,
): Promise<Simulation> {
  const { machine, spec } = request;
  const compression = model.compress(spec);
  const quality = measure(compression.model);
  // Where the simulation fails first, nobody awaits the measurement.
  quality.catch(() => {});
  const decoder = integerDecoder(compression.model);
  checkExponents(decoder.model);
  const [program, ...others] = compileCores(
    decoder.model.shape,
    machine,
    (share) => planModel(decoder.model, machine, share),
    request.context === undefined ? {} : { context: request.context },
  );
  const { text: promptText, ids: prompt } = promptOf(model, request.prompt);
  const tokens = request.tokens ?? Math.max(1, Math.min(DEFAULT_TOKENS, program.context - prompt.length + 1));
  const { eosTokenIds: endTokens } = model.checkpoint;
  const { sampling } = request;
  const generation = generate(program, decoder, { prompt, tokens, endTokens, sampling }, others);
  const facts = {
    model: model.checkpoint.name,
    prompt: promptText,
    text: textOf(model, generation.ids),
    promptTokens: prompt.length,
    quality: await quality,
  };
  return { result: assemble(request, facts, program, generation), program, others, generation };
}

/**
 * Times decode of a shape without weights, behind a prompt of `promptTokens` tokens, which is timed only where the machine takes
 * several tokens together.
 * @param packaged in the formats of the machine's package, if it has one
 */
export function simulateShape(
  name: string,
  shape: LlamaShape,
  target: Target,
  {
    promptTokens,
    tokens = DEFAULT_TOKENS,
    context,
    packaged = false,
  }: { promptTokens: number; tokens?: number; context?: number; packaged?: boolean },
): Simulation {
  const needed = promptTokens + tokens - 1;
  if (needed > (context ?? shape.maxPositions)) {
    throw new InputError(
      `A prompt of ${promptTokens} tokens and ${tokens} timed from its last on need room for ${needed}, but ${context === undefined ? `${name} knows` : "there shall be room for"} ${context ?? shape.maxPositions}.`,
    );
  }
  const { machine, spec } = target;
  const stored = packageFor(machine, packaged);
  const { program, others, generation } = timeShape(shape, machine, shapeFormats(spec, stored), {
    from: promptTokens - 1,
    tokens,
    context: context ?? needed,
  });
  const facts = { model: name, prompt: "", text: "", promptTokens, quality: null };
  if (stored === undefined)
    return { result: assemble(target, facts, program, generation), program, others, generation };
  const asStored = { ...target, spec: parseCompression({ weights: stored.weights, kv: String(spec.kv) }) };
  const asPackaged = { ...facts, sparsity: sparsityName(stored), codesOnly: stored.codesOnly };
  const result = assemble(asStored, asPackaged, program, generation);
  return { result, program, others, generation };
}

function sparsityName({ sparsity }: NonNullable<Machine["package"]>): string {
  return ["dense", ...Object.entries(sparsity).map(([name, pattern]) => `${name} ${pattern}`)].join(", ");
}

/** Refuses weights whose size a stream cannot say. */
function checkExponents(model: IntegerModel): void {
  for (const [name, { exponent }] of matricesOf(model)) {
    if (exponent < -128 || exponent > 127) {
      throw new InputError(
        `Matrix "${name}" has weights around 2^${exponent}, but a stream's exponent goes from -128 to 127: rescale the model.`,
      );
    }
  }
}

const DEFAULT_PROMPT = "Once upon a time, there was a";

/** What the machine takes in, as text and as ids. */
export function promptOf(
  { checkpoint, tokenizer }: LoadedModel,
  asked: string | undefined,
): { readonly text: string; readonly ids: readonly number[] } {
  const start = opening(checkpoint);
  if (tokenizer === null) {
    if (asked !== undefined) {
      throw new InputError(
        `${checkpoint.folder} has no tokenizer.json, so a prompt cannot be turned into tokens.`,
      );
    }
    const ids = start.length > 0 ? start : [0];
    return { text: ids.join(" "), ids };
  }
  const text = asked ?? DEFAULT_PROMPT;
  const ids = [...start, ...tokenizer.encode(text)];
  if (ids.length === 0)
    throw new InputError("The prompt is empty and the model has no token that begins a text: give a prompt.");
  return { text, ids };
}

/** What a result says beside the figures of the run. */
interface Facts {
  readonly model: string;
  readonly prompt: string;
  readonly text: string;
  readonly promptTokens: number;
  readonly quality: Quality | null;
  /** Where matrices differ in it. */
  readonly sparsity?: string;
  readonly codesOnly?: boolean;
}

function assemble(
  { machine, device, spec }: Target,
  facts: Facts,
  program: Program,
  generation: Generation,
): SimulationResult {
  const { results, firstTokenCycles, ids } = generation;
  const cyclesPerToken = meanOf(results, (result) => result.cycles);
  const secondsPerCycle = 1e-6 / machine.clockMHz;
  const bytes = meanRecord(results.map((result) => ({ ...result.bytes })));
  const total = Object.values(bytes).reduce((sum, count) => sum + count, 0);
  const ideal = meanOf(results, ({ position }) => boundOf(machine, summedCosts(program, position)).seconds);
  const utilisation = utilisationOf(generation, machine);
  return {
    schema: SIMULATION_SCHEMA,
    model: facts.model,
    machine: machine.name,
    device: device.name,
    compression: {
      weights: `w${spec.weights.bits}g${spec.weights.groupSize}`,
      sparsity: facts.sparsity ?? patternName(spec.pattern),
      head: `w${spec.head.bits}g${spec.head.groupSize} ${patternName(spec.head.pattern)}`,
      keysAndValues: spec.kv,
      method: spec.method,
      codesOnly: facts.codesOnly ?? false,
    },
    prompt: facts.prompt,
    text: facts.text,
    tokens: results.length,
    tokenIds: ids,
    promptTokens: facts.promptTokens,
    context: program.context,
    cyclesPerToken,
    tokensPerSecond: 1 / (cyclesPerToken * secondsPerCycle),
    clockMHz: machine.clockMHz,
    timeToFirstTokenSeconds: firstTokenCycles === null ? null : firstTokenCycles * secondsPerCycle,
    bytesPerToken: {
      weights: bytes.weights ?? 0,
      metadata: bytes.metadata ?? 0,
      keysAndValues: bytes.keysAndValues ?? 0,
      tables: bytes.tables ?? 0,
      program: bytes.program ?? 0,
      vectors: bytes.vectors ?? 0,
      total,
    },
    bitsPerWeight: bitsPerWeight(program),
    bound: busiest(utilisation, machine),
    utilisation,
    stalls: stallsOf(generation),
    rooflineShare: ideal / (cyclesPerToken * secondsPerCycle),
    quality: facts.quality,
    wordsCompared: generation.wordsCompared,
    wordsEqual: generation.wordsEqual,
    firstDifference: generation.firstDifference,
    provenance: {
      cyclesPerToken: "simulated",
      tokensPerSecond: "simulated",
      clockMHz: machine.clockOrigin.kind,
      bytesPerToken: "simulated",
      utilisation: "simulated",
      rooflineShare: "simulated",
      ...(facts.quality === null ? {} : { quality: "measured" as const }),
      ...(generation.wordsCompared === 0 ? {} : { wordsEqual: "measured" as const }),
    },
  };
}

function textOf({ tokenizer }: LoadedModel, ids: readonly number[]): string {
  return tokenizer === null ? ` ${ids.join(" ")}` : tokenizer.decode(ids);
}

/** Bits in memory for each weight of the dense model. */
function bitsPerWeight({ layout }: Program): number {
  const bytes = layout.streams.reduce((sum, { plan }) => sum + plan.bytes.total, 0);
  return (8 * bytes) / layout.streams.reduce((sum, { plan }) => sum + plan.rows * plan.cols, 0);
}

function utilisationOf({ results }: Generation, machine: Machine): Record<string, number> {
  const lanes = machine.matrix.lanes * coresOf(machine);
  const shares = results.map(({ units, cycles, multiplications }) => ({
    ...Object.fromEntries(units.map(({ unit, busy }) => [unit, busy / cycles])),
    multipliers: multiplications / (cycles * lanes),
  }));
  return meanRecord(shares);
}

function stallsOf({ results }: Generation): Record<string, Record<string, number>> {
  const units = results[0]?.units ?? [];
  return Object.fromEntries(
    units.map(({ unit }, index) => [
      unit,
      meanRecord(results.map((result) => ({ ...result.units[index]!.stalls }))),
    ]),
  );
}

/** The unit or memory that works the largest share of the time: the one to be made faster first. */
function busiest(utilisation: Record<string, number>, machine: Machine): SimulationResult["bound"] {
  const candidates = ["matrix", "vector", ...machine.memories.map((memory) => memory.name)];
  const resource = candidates.reduce((most, name) =>
    (utilisation[name] ?? 0) > (utilisation[most] ?? 0) ? name : most,
  );
  return { kind: resource === "matrix" ? "compute" : resource === "vector" ? "vector" : "memory", resource };
}
