import { Tokenizer as ByteLevelTokenizer } from "@huggingface/tokenizers";
import { InputError } from "../errors.ts";
import { brief, validated } from "../validate.ts";
import { tokenizerSchema } from "./tokenizer-schema.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /** Token ids of a text, without a leading or final special token. */
  encode(text: string): number[];
  /** The text of token ids; special tokens, and ids that are no token, are left out. */
  decode(ids: readonly number[]): string;
}

/**
 * @param json a tokenizer.json, parsed
 * @param vocabSize of the model that it belongs to
 * @param where the file, as messages shall name it
 * @throws InputError if it is damaged, does not fit the model, or asks for something that is not safe to run
 */
export function parseTokenizer(json: unknown, vocabSize: number, where: string): Tokenizer {
  const file = validated(tokenizerSchema, json, where);
  const vocab = checkedVocabulary(file.model.vocab, vocabSize, where);
  const merges = checkedMerges(file.model.merges, vocab, where);
  checkAddedTokens(file.added_tokens, vocab, vocabSize, where);
  const tokenizer = new ByteLevelTokenizer(
    { ...file, post_processor: null, model: { ...file.model, vocab: Object.fromEntries(vocab), merges } },
    { clean_up_tokenization_spaces: false },
  );
  return {
    encode(text) {
      const ids: number[] = tokenizer.encode(text, { add_special_tokens: false }).ids;
      if (!ids.every((id) => Number.isInteger(id))) {
        throw new InputError(`${where}: the tokenizer has no token for a part of the text "${brief(text)}".`);
      }
      return ids;
    },
    decode(ids) {
      // A vocabulary that was rounded up has ids without a token. And the library refuses an empty list.
      const known = ids.filter((id) => tokenizer.id_to_token(id) !== undefined);
      return known.length === 0 ? "" : tokenizer.decode(known, { skip_special_tokens: true });
    },
  };
}

function checkedVocabulary(vocab: unknown, vocabSize: number, where: string): ReadonlyMap<string, number> {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw new InputError(`${where}: model.vocab must be an object from token to id.`);
  }
  const taken = new Set<unknown>();
  const checked = new Map<string, number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      throw new InputError(
        `${where}: token "${brief(token)}" has id ${brief(String(id))}, but the model has ${vocabSize} tokens, from 0 on.`,
      );
    }
    if (taken.has(id))
      throw new InputError(`${where}: token "${brief(token)}" has the id ${id} of another token.`);
    taken.add(id);
    checked.set(token, id);
  }
  return checked;
}

/** Merges as pairs: both the older form "a b" and the newer ["a", "b"]. */
function checkedMerges(
  merges: unknown,
  vocab: ReadonlyMap<string, number>,
  where: string,
): readonly (readonly [string, string])[] {
  if (!Array.isArray(merges)) throw new InputError(`${where}: model.merges must be a list.`);
  return merges.map((merge: unknown, i) => {
    const [left, right, ...rest] =
      typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
    if (typeof left !== "string" || typeof right !== "string" || rest.length > 0) {
      throw new InputError(`${where}: model.merges[${i}] is not a pair of tokens.`);
    }
    if (!vocab.has(left + right)) {
      throw new InputError(`${where}: model.merges[${i}] makes "${brief(left + right)}", which is no token.`);
    }
    return [left, right];
  });
}

function checkAddedTokens(
  added: readonly { readonly id: number; readonly content: string }[],
  vocab: ReadonlyMap<string, number>,
  vocabSize: number,
  where: string,
): void {
  const tokens = new Map([...vocab].map(([token, id]) => [id, token]));
  for (const { id, content } of added) {
    const other = tokens.get(id);
    if (id >= vocabSize || (other !== undefined && other !== content)) {
      throw new InputError(
        `${where}: added token "${brief(content)}" has id ${id}, which is ${other === undefined ? `beyond the model's ${vocabSize} tokens` : `that of "${brief(other)}"`}.`,
      );
    }
    tokens.set(id, content);
  }
}
