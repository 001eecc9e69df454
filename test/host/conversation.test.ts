import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openModel } from "../../models/checkpoint/open-model.ts";
import { Conversation, type ReplyFigures } from "../../src/host/conversation.ts";
import { Device } from "../../src/host/device.ts";
import { TextStream } from "../../src/host/text-stream.ts";
import { runBoard, StandInModel } from "../hdl/host/stand-in.ts";

const checkpoint = openModel("llama-tiny");
const tokenizer = checkpoint.tokenizer();

async function replyOf(
  conversation: Conversation,
  text: string,
  tokens: number,
): Promise<[string, ReplyFigures]> {
  const reply = conversation.reply(text, tokens);
  const pieces: string[] = [];
  for (;;) {
    const next = await reply.next();
    if (next.done === true) return [pieces.join(""), next.value];
    pieces.push(next.value);
  }
}

describe("text that comes token by token", () => {
  it("is the text of all tokens, and never shows half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(511)), (text, others) => {
        for (const ids of [tokenizer.encode(text), others]) {
          const stream = new TextStream(tokenizer);
          const pieces = ids.map((id) => stream.add(id));
          expect(pieces.join("") + stream.end()).toBe(tokenizer.decode(ids));
        }
        const stream = new TextStream(tokenizer);
        for (const id of tokenizer.encode(text))
          if (!text.includes("�")) expect(stream.add(id)).not.toContain("�");
      }),
    );
  });
});

describe("a conversation", () => {
  it("goes on where it stopped, and says what it took", async () => {
    const { transport } = runBoard();
    const device = await Device.connect(transport, { patienceMs: 0.05 });
    const special = { bosTokenId: checkpoint.bosTokenId, eosTokenIds: [] };
    const conversation = new Conversation(device, { tokenizer, special, context: 60 });
    const model = new StandInModel();
    let position = 0;
    let cycles = 0;
    /** The model's turn: takes ids in, and picks `count`. */
    const turn = (ids: readonly number[], count: number): number[] => {
      const picked: number[] = [];
      let token = ids[0] ?? 0;
      for (let i = 0; picked.length < count; i++) {
        const sampling = i >= ids.length - 1;
        const next = model.run(token, position++, sampling);
        if (sampling) {
          picked.push(next);
          cycles += model.cycles(token);
        }
        token = sampling ? next : (ids[i + 1] ?? 0);
      }
      return picked;
    };
    const start = checkpoint.bosTokenId === null ? [] : [checkpoint.bosTokenId];
    const one = [...start, ...tokenizer.encode("Once upon a time")];
    const first = turn(one, 5);
    const [text, figures] = await replyOf(conversation, "Once upon a time", 5);
    expect(text).toBe(tokenizer.decode([...one, ...first]).slice(tokenizer.decode(one).length));
    expect(figures).toMatchObject({ tokens: 5, cycles });
    expect(figures.seconds).toBeGreaterThanOrEqual(figures.firstSeconds);
    expect(conversation.room).toBe(60 - position - 1);

    cycles = 0;
    const two = [first.at(-1) ?? 0, ...tokenizer.encode(" there was")];
    const second = turn(two, 7);
    const [more, later] = await replyOf(conversation, " there was", 7);
    expect(more).toBe(tokenizer.decode([...two, ...second]).slice(tokenizer.decode(two).length));
    expect(later).toMatchObject({ tokens: 7, cycles });
  });

  it("ends where there is no more room, and begins anew", async () => {
    const { transport } = runBoard();
    const device = await Device.connect(transport, { patienceMs: 0.05 });
    const special = { bosTokenId: null, eosTokenIds: [] };
    const conversation = new Conversation(device, { tokenizer, special, context: 12 });
    const ids = tokenizer.encode("a b c");
    const [, { tokens }] = await replyOf(conversation, "a b c", 100);
    expect(tokens).toBe(12 - ids.length + 1);
    expect(conversation.room).toBeLessThan(1);
    await expect(replyOf(conversation, "more", 1)).rejects.toThrow(/there is room for 0 only/);
    conversation.restart();
    expect(conversation.room).toBe(12);
    await expect(replyOf(conversation, "", 1)).rejects.toThrow(/say something/);
    await expect(replyOf(conversation, "word ".repeat(20), 1)).rejects.toThrow(/The prompt has \d+ tokens/);
    expect((await replyOf(conversation, "a b c", 1))[1].tokens).toBe(1);
  });
});
