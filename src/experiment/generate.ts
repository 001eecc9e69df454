import type { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import { dyadic } from "../../models/decoder/integer/norm.ts";
import { generatorState, sample, xorshift32 } from "../../models/decoder/integer/sample.ts";
import { InputError } from "../../models/errors.ts";
import type { Span } from "../../sim/accounting.ts";
import { Cluster } from "../../sim/cluster.ts";
import { greedy, type Sampler } from "../../sim/effects/effects.ts";
import { MemoryImage } from "../../sim/effects/memory-image.ts";
import type { Written } from "../../sim/effects/vector.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { InstructionTime, TokenInput, TokenResult, Watch } from "../../sim/token-result.ts";
import { buildImages } from "../compile/image.ts";
import type { Program } from "../compile/program.ts";

export interface GenerateOptions {
  /** Ids that the machine takes in first; at least one. */
  readonly prompt: readonly number[];
  /** Tokens to generate; fewer are where the model ends its text. */
  readonly tokens: number;
  readonly endTokens: readonly number[];
  /** Null picks the likeliest token. */
  readonly sampling: { readonly temperature: number; readonly seed: number } | null;
}

/** The first word in which simulator and integer decoder differ. */
export interface Difference {
  readonly position: number;
  readonly operator: string;
  readonly index: number;
  readonly expected: number;
  readonly got: number;
}

export interface Generation {
  /** Ids that were generated. */
  readonly ids: readonly number[];
  /** Tokens of the prompt whose logits nobody needed. */
  readonly promptResults: readonly TokenResult[];
  /** The token steps that each gave one of `ids`. */
  readonly results: readonly TokenResult[];
  /** Cycles from the prompt's first token until the first of `ids` is there; null where the prompt was not run. */
  readonly firstTokenCycles: number | null;
  readonly wordsCompared: number;
  readonly wordsEqual: number;
  readonly firstDifference: Difference | null;
  /** Spans and instructions of the last token. */
  readonly spans: readonly Span[];
  readonly times: readonly InstructionTime[];
}

/** A sampler with a seed: the host's registers of SAMPLE. */
export function samplerOf(sampling: GenerateOptions["sampling"]): Sampler {
  if (sampling === null) return greedy;
  const inverseTemperature = dyadic(Math.LOG2E / sampling.temperature);
  let state = generatorState(sampling.seed);
  return (logits) => {
    state = xorshift32(state);
    return sample(logits, inverseTemperature, state);
  };
}

/** Runs tokens on the simulated machine: one core, or all of them. */
function startMachine(programs: readonly Program[], decoder: IntegerDecoder) {
  const images = programs.map((program) =>
    buildImages(decoder.model, program).map((bytes) => new MemoryImage(bytes)),
  );
  if (programs.length > 1) return new Cluster(programs, images);
  const simulator = new Simulator(programs[0]!, images[0]!);
  return {
    run: (input: TokenInput, watchOf: (core: number) => Watch): TokenResult =>
      simulator.run(input, watchOf(0)),
  };
}

/**
 * Runs the program on the simulated machine, and beside it the integer decoder; compares every word that either
 * writes, in every token.
 * @param others programs of the machine's other cores
 */
export function generate(
  program: Program,
  decoder: IntegerDecoder,
  options: GenerateOptions,
  others: readonly Program[] = [],
): Generation {
  const { prompt, tokens, endTokens } = options;
  if (prompt.length + tokens - 1 > program.context) {
    throw new InputError(
      `${prompt.length} tokens of prompt and ${tokens} to generate are more than the ${program.context + 1} that machine ${program.machine.name} has room for with this model.`,
    );
  }
  const machine = startMachine([program, ...others], decoder);
  const comparison = new Comparison();
  const session = decoder.start((operator, data, exponent) => comparison.expect(operator, data, exponent));
  const sampler = samplerOf(options.sampling);
  const referenceSampler = samplerOf(options.sampling);
  const promptResults: TokenResult[] = [];
  const results: TokenResult[] = [];
  const ids: number[] = [];
  let spans: Span[] = [];
  let times: InstructionTime[] = [];
  let token = prompt[0]!;
  for (let position = 0; ids.length < tokens; position++) {
    const last = position >= prompt.length - 1;
    spans = [];
    times = [];
    comparison.begin(position);
    const result = machine.run(
      { token, position, sampler: last ? sampler : null, drawing: options.sampling !== null },
      (core) => ({
        written: (operator, written) => comparison.got(operator, written, core),
        ...(core === 0 ? { timed: (time) => times.push(time), spans } : {}),
      }),
    );
    const [logits] = session.extendWords([token]);
    if (last) comparison.expectToken(referenceSampler(logits!), result.next);
    comparison.end(last);
    (last ? results : promptResults).push(result);
    token = result.next ?? prompt[position + 1]!;
    if (last) {
      ids.push(token);
      if (endTokens.includes(token)) break;
    }
  }
  const { compared, equal, first } = comparison;
  return {
    ids,
    promptResults,
    results,
    firstTokenCycles: [...promptResults, ...results.slice(0, 1)].reduce((sum, { cycles }) => sum + cycles, 0),
    wordsCompared: compared,
    wordsEqual: equal,
    firstDifference: first,
    spans,
    times,
  };
}

interface Vector {
  readonly data: Int32Array | Int8Array;
  readonly exponent: number | null;
}

/** Holds the words of one against those of the other. */
class Comparison {
  compared = 0;
  equal = 0;
  first: Difference | null = null;
  private position = 0;
  /** What each core wrote of each vector. */
  private readonly written = new Map<string, Vector[]>();
  private readonly expected: { operator: string; data: Int32Array | Int8Array; exponent: number }[] = [];

  begin(position: number): void {
    this.position = position;
    this.written.clear();
    this.expected.length = 0;
  }

  got(operator: string, { data, exponent }: Written, core: number): void {
    const parts = this.written.get(operator) ?? [];
    parts[core] = { data: data.slice(), exponent };
    this.written.set(operator, parts);
  }

  /** A vector of `length` numbers: what any core wrote whole, or the parts of all. */
  private found(operator: string, length: number): Vector | undefined {
    const parts = (this.written.get(operator) ?? []).filter((part) => part !== undefined);
    const whole = parts.find(({ data }) => data.length === length);
    if (whole !== undefined || parts.length === 0) return whole ?? parts[0];
    return { data: Int32Array.from(parts.flatMap(({ data }) => [...data])), exponent: parts[0]!.exponent };
  }

  expect(operator: string, data: Int32Array | Int8Array, exponent: number): void {
    this.expected.push({ operator, data: data.slice(), exponent });
  }

  /** The token that was picked counts as a word. */
  expectToken(expected: number, got: number | null): void {
    this.expected.push({ operator: "sample", data: Int32Array.of(expected), exponent: 0 });
    if (got !== null) this.written.set("sample", [{ data: Int32Array.of(got), exponent: 0 }]);
  }

  /** @param whole the machine computed logits too; after a prompt's token it stops before them */
  end(whole: boolean): void {
    for (const { operator, data, exponent } of this.expected) {
      if (!whole && (operator === "final norm" || operator === "head")) continue;
      const found = this.found(operator, data.length);
      const same = found === undefined || found.exponent === null || found.exponent === exponent;
      for (let index = 0; index < data.length; index++) {
        const got = found?.data[index] ?? Number.NaN;
        this.compared++;
        if (same && got === data[index]) this.equal++;
        else if (same)
          this.first ??= { position: this.position, operator, index, expected: data[index]!, got };
        else {
          const what = `exponent of ${operator}`;
          this.first ??= {
            position: this.position,
            operator: what,
            index: 0,
            expected: exponent,
            got: found?.exponent ?? Number.NaN,
          };
        }
      }
    }
  }
}
