import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import { InputError } from "../../models/errors.ts";
import { opening, type SpecialTokens } from "../compress/tokenize.ts";
import type { Device } from "./device.ts";
import { TextStream } from "./text-stream.ts";

export interface ConversationOptions {
  readonly tokenizer: Tokenizer;
  readonly special: SpecialTokens;
  /** Tokens that the device's program has room for. */
  readonly context: number;
}

/** What a reply took. */
export interface ReplyFigures {
  readonly tokens: number;
  /** From the prompt's first byte on the line to the last token, on this computer's clock. */
  readonly seconds: number;
  /** To the first token. */
  readonly firstSeconds: number;
  /** By the device's counter, over all tokens of the reply. */
  readonly cycles: number;
}

/** A text that a person and a device write in turns. Keys and values of what there is stay in the device. */
export class Conversation {
  private readonly device: Device;
  private readonly options: ConversationOptions;
  /** Tokens that the device has taken in, and the last one that it picked, which it has not. */
  private position = 0;
  private pending: number | null = null;

  constructor(device: Device, options: ConversationOptions) {
    this.device = device;
    this.options = options;
  }

  /** Tokens that there is still room for. */
  get room(): number {
    return this.options.context - this.position - (this.pending === null ? 0 : 1);
  }

  /** The next prompt begins a new text. */
  restart(): void {
    this.position = 0;
    this.pending = null;
  }

  /**
   * Goes on with a text, and gives what the device makes of it, piece by piece; at its end the figures.
   * @throws InputError where there is nothing to say, or no room for it
   */
  async *reply(text: string, tokens: number): AsyncGenerator<string, ReplyFigures, undefined> {
    const { tokenizer, special } = this.options;
    const start = this.position === 0 ? opening(special) : [];
    const before = this.pending === null ? [] : [this.pending];
    const prompt = [...before, ...start, ...tokenizer.encode(text)];
    if (prompt.length === 0) throw new InputError("The prompt is empty: say something.");
    // The last token that is picked needs no place of its own.
    const most = this.options.context - this.position - prompt.length + 1;
    if (most < 1) {
      throw new InputError(
        `The prompt has ${prompt.length} tokens, but there is room for ${Math.max(0, this.room)} only.`,
      );
    }
    const stream = new TextStream(tokenizer, prompt);
    const request = {
      prompt,
      position: this.position,
      tokens: Math.min(tokens, most),
      endTokens: special.eosTokenIds,
    };
    const began = performance.now();
    const since = (): number => (performance.now() - began) / 1000;
    const figures = { tokens: 0, seconds: 0, firstSeconds: 0, cycles: 0 };
    for await (const { token, position, cycles } of this.device.generate(request)) {
      figures.tokens++;
      figures.cycles += cycles;
      figures.seconds = since();
      if (figures.tokens === 1) figures.firstSeconds = figures.seconds;
      this.position = position;
      this.pending = token;
      const more = stream.add(token);
      if (more !== "") yield more;
    }
    const rest = stream.end();
    if (rest !== "") yield rest;
    return figures;
  }
}
