import type { Decoder, DecoderSession } from "../../models/decoder/decoder.ts";

/** A question in token ids: which of `options` continues `prompt`? The first is right. */
export interface TokenizedQuestion {
  readonly prompt: readonly number[];
  readonly options: readonly (readonly number[])[];
}

export interface Evaluation {
  readonly perplexity: number;
  /** Share of the questions answered right; NaN without questions. */
  readonly answers: number;
}

/**
 * Perplexity of texts and answers to questions at once. A question about one of the texts is a beginning of it, so it
 * is answered by the session that has read the text already.
 * @param sequences token ids, each sequence alone: <s> text </s>
 */
export function evaluate(
  decoder: Decoder,
  sequences: readonly (readonly number[])[],
  questions: readonly TokenizedQuestion[],
): Evaluation {
  const open = new Set(questions);
  let loss = 0;
  let tokens = 0;
  let right = 0;
  for (const ids of sequences) {
    if (ids.length < 2) continue;
    const session = decoder.start();
    const logits = session.extend(ids.slice(0, -1));
    for (let position = 0; position + 1 < ids.length; position++) {
      loss -= logProbability(row(decoder, logits, position), ids[position + 1]!);
    }
    tokens += ids.length - 1;
    const own = [...open].filter(({ prompt }) => prompt.length < ids.length && beginsWith(ids, prompt));
    // The longest first: each forgets what lies behind its prompt.
    for (const question of own.sort((one, other) => other.prompt.length - one.prompt.length)) {
      open.delete(question);
      session.truncate(question.prompt.length);
      if (likeliest(decoder, session, row(decoder, logits, question.prompt.length - 1), question) === 0)
        right++;
    }
  }
  return {
    perplexity: Math.exp(loss / tokens),
    answers: (right + rightOf(decoder, [...open])) / questions.length,
  };
}

/**
 * e to the mean negative log-probability of every token after the first of its sequence.
 * @param sequences token ids, each sequence alone: <s> text </s>
 */
export function perplexity(decoder: Decoder, sequences: readonly (readonly number[])[]): number {
  return evaluate(decoder, sequences, []).perplexity;
}

/** Share of the questions whose right option is the likeliest continuation (the highest sum of log-probabilities). */
export function answers(decoder: Decoder, questions: readonly TokenizedQuestion[]): number {
  return rightOf(decoder, questions) / questions.length;
}

/** Number of questions answered right. */
function rightOf(decoder: Decoder, questions: readonly TokenizedQuestion[]): number {
  const session = decoder.start();
  let before: readonly number[] = [];
  return questions.filter((question) => {
    const { prompt } = question;
    // Questions of one text begin alike: what they share is taken in once.
    session.truncate(Math.min(commonLength(before, prompt), prompt.length - 1));
    before = prompt;
    const rest = prompt.slice(session.length);
    const afterPrompt = row(decoder, session.extend(rest), rest.length - 1);
    return likeliest(decoder, session, afterPrompt, question) === 0;
  }).length;
}

const beginsWith = (ids: readonly number[], beginning: readonly number[]): boolean =>
  beginning.every((id, position) => id === ids[position]);

function commonLength(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((id, position) => id !== b[position]);
  return differing < 0 ? a.length : differing;
}

/**
 * Index of the likeliest option.
 * @param session has taken in the prompt, and nothing else
 * @param afterPrompt logits behind the prompt
 */
function likeliest(
  decoder: Decoder,
  session: DecoderSession,
  afterPrompt: Float32Array,
  { prompt, options }: TokenizedQuestion,
): number {
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
