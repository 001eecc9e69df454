import type { IntegerDecoder } from "../../models/decoder/integer/decoder.ts";
import { dyadic } from "../../models/decoder/integer/norm.ts";
import { generatorState, sample, xorshift32 } from "../../models/decoder/integer/sample.ts";
import { InputError } from "../../models/errors.ts";
import type { Span } from "../../sim/accounting.ts";
import { greedy, type Sampler } from "../../sim/effects/effects.ts";
import { MemoryImage } from "../../sim/effects/memory-image.ts";
import type { Written } from "../../sim/effects/vector.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { InstructionTime, TokenResult } from "../../sim/token-result.ts";
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

/**
 * Runs the program on the simulated machine, and beside it the integer decoder; compares every word that either
 * writes, in every token.
 */
export function generate(program: Program, decoder: IntegerDecoder, options: GenerateOptions): Generation {
  const { prompt, tokens, endTokens } = options;
  if (prompt.length + tokens - 1 > program.context) {
    throw new InputError(
      `${prompt.length} tokens of prompt and ${tokens} to generate are more than the ${program.context + 1} that machine ${program.machine.name} has room for with this model.`,
    );
  }
  const images = buildImages(decoder.model, program).map((bytes) => new MemoryImage(bytes));
  const simulator = new Simulator(program, images);
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
    const result = simulator.run(
      { token, position, sampler: last ? sampler : null, drawing: options.sampling !== null },
      {
        written: (operator, written) => comparison.got(operator, written),
        timed: (time) => times.push(time),
        spans,
      },
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
    wordsCompared: compared,
    wordsEqual: equal,
    firstDifference: first,
    spans,
    times,
  };
}

/** Holds the words of one against those of the other. */
class Comparison {
  compared = 0;
  equal = 0;
  first: Difference | null = null;
  private position = 0;
  private readonly written = new Map<string, { data: Int32Array | Int8Array; exponent: number | null }>();
  private readonly expected: { operator: string; data: Int32Array | Int8Array; exponent: number }[] = [];

  begin(position: number): void {
    this.position = position;
    this.written.clear();
    this.expected.length = 0;
  }

  got(operator: string, { data, exponent }: Written): void {
    this.written.set(operator, { data: data.slice(), exponent });
  }

  expect(operator: string, data: Int32Array | Int8Array, exponent: number): void {
    this.expected.push({ operator, data: data.slice(), exponent });
  }

  /** The token that was picked counts as a word. */
  expectToken(expected: number, got: number | null): void {
    this.expected.push({ operator: "sample", data: Int32Array.of(expected), exponent: 0 });
    if (got !== null) this.written.set("sample", { data: Int32Array.of(got), exponent: 0 });
  }

  /** @param whole the machine computed logits too; after a prompt's token it stops before them */
  end(whole: boolean): void {
    for (const { operator, data, exponent } of this.expected) {
      if (!whole && (operator === "final norm" || operator === "head")) continue;
      const found = this.written.get(operator);
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
