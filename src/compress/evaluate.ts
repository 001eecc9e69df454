import type { Decoder, DecoderSession } from "../../models/decoder/decoder.ts";

/** A question in token ids: which of `options` continues `prompt`? The first is right. */
export interface TokenizedQuestion {
  readonly prompt: readonly number[];
  readonly options: readonly (readonly number[])[];
}

/**
 * e to the mean negative log-probability of every token after the first of its sequence.
 * @param sequences token ids, each sequence alone: <s> text </s>
 */
export function perplexity(decoder: Decoder, sequences: readonly (readonly number[])[]): number {
  let loss = 0;
  let tokens = 0;
  for (const ids of sequences) {
    if (ids.length < 2) continue;
    const logits = decoder.start().extend(ids.slice(0, -1));
    for (let position = 0; position + 1 < ids.length; position++) {
      loss -= logProbability(row(decoder, logits, position), ids[position + 1]!);
    }
    tokens += ids.length - 1;
  }
  return Math.exp(loss / tokens);
}

/** Share of the questions whose right option is the likeliest continuation (the highest sum of log-probabilities). */
export function answers(decoder: Decoder, questions: readonly TokenizedQuestion[]): number {
  const session = decoder.start();
  let before: readonly number[] = [];
  const right = questions.filter((question) => {
    // Questions of one story begin alike: what they share is taken in once.
    session.truncate(Math.min(commonLength(before, question.prompt), question.prompt.length - 1));
    before = question.prompt;
    return likeliest(decoder, session, question) === 0;
  });
  return right.length / questions.length;
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((id, position) => id !== b[position]);
  return differing < 0 ? a.length : differing;
}

/** Index of the likeliest option. @param session has taken in a beginning of the prompt */
function likeliest(
  decoder: Decoder,
  session: DecoderSession,
  { prompt, options }: TokenizedQuestion,
): number {
  const rest = prompt.slice(session.length);
  const afterPrompt = row(decoder, session.extend(rest), rest.length - 1);
  const scores = options.map((option) => {
    let score = logProbability(afterPrompt, option[0]!);
    if (option.length > 1) {
      const logits = session.extend(option.slice(0, -1));
      session.truncate(prompt.length);
      for (let i = 1; i < option.length; i++)
        score += logProbability(row(decoder, logits, i - 1), option[i]!);
    }
    return score;
  });
  return scores.indexOf(Math.max(...scores));
}

function row({ shape }: Decoder, logits: Float32Array, position: number): Float32Array {
  return logits.subarray(position * shape.vocabSize, (position + 1) * shape.vocabSize);
}

/** ln of the softmax of `logits` at `id`. */
function logProbability(logits: Float32Array, id: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return logits[id]! - largest - Math.log(sum);
}
