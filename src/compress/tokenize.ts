import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import type { Question } from "../../models/llama-tiny/corpus.ts";
import type { TokenizedQuestion } from "./evaluate.ts";

/** How a model's texts begin and end; a checkpoint says so. */
export interface SpecialTokens {
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
}

/** <s> text </s>, as far as the model has these tokens. */
export function textIds(tokenizer: Tokenizer, special: SpecialTokens, text: string): number[] {
  return [...opening(special), ...tokenizer.encode(text), ...special.eosTokenIds.slice(0, 1)];
}

/** A question with its right option first. Options begin with a space, where every tokenizer here starts a new token. */
export function questionIds(
  tokenizer: Tokenizer,
  special: SpecialTokens,
  question: Question,
): TokenizedQuestion {
  return {
    prompt: [...opening(special), ...tokenizer.encode(question.prompt)],
    options: [question.answer, ...question.distractors].map((option) => tokenizer.encode(option)),
  };
}

/** What a text or a prompt begins with. */
export function opening({ bosTokenId }: SpecialTokens): number[] {
  return bosTokenId === null ? [] : [bosTokenId];
}
