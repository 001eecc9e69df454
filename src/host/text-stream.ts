import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";

/** What a decoder puts in the place of bytes that are no character, or not yet. */
const INCOMPLETE = "�";

/** Text from tokens as they come: a character whose bytes are spread over tokens appears with the last of them. */
export class TextStream {
  private readonly tokenizer: Tokenizer;
  private ids: number[];
  private shown: string;

  /** @param before tokens that the text goes on from; they are not shown */
  constructor(tokenizer: Tokenizer, before: readonly number[] = []) {
    this.tokenizer = tokenizer;
    this.ids = [...before];
    this.shown = tokenizer.decode(this.ids);
  }

  /** What a token adds to the text. */
  add(id: number): string {
    this.ids.push(id);
    const text = this.tokenizer.decode(this.ids);
    return text.endsWith(INCOMPLETE) ? "" : this.show(text);
  }

  /** What is left, where the text ends within a character. */
  end(): string {
    return this.show(this.tokenizer.decode(this.ids));
  }

  private show(text: string): string {
    const more = text.slice(this.shown.length);
    this.shown = text;
    return more;
  }
}
