import { describe, expect, it } from "vitest";
import { ANSWER_BYTES, FRAME_BYTES, HEADER_BYTES, PAYLOAD_BYTES } from "../../../hdl/host/protocol.ts";
import { Device } from "../../../src/host/device.ts";
import { encodeFrame, FrameDecoder } from "../../../src/host/frame.ts";
import {
  type Answer,
  answerFrom,
  type Command,
  commandBytes,
  numberBytes,
} from "../../../src/host/messages.ts";
import { randomFrom } from "../../host/faulty-line.ts";
import { HEADER_OF_PROGRAM, programFor } from "./program-bytes.ts";
import { COUNTERS, IMAGE_WORDS, OPTIONS, runBoard, StandInModel } from "./stand-in.ts";

const PATIENCE = { patienceMs: 0.03, attempts: 40, sequence: 0 };
/** Long enough for an answer to come, or not to. */
const WHILE_MS = 0.2;
const LAST = 2 ** OPTIONS.tokenBits;

type Board = ReturnType<typeof runBoard>;

/** What comes back for some bytes. */
async function say({ transport }: Board, bytes: Uint8Array, milliseconds = WHILE_MS): Promise<Answer[]> {
  const decoder = new FrameDecoder(ANSWER_BYTES);
  const answers: Answer[] = [];
  await transport.write(bytes);
  for (;;) {
    const came = await transport.read(milliseconds);
    if (came.length === 0) return answers;
    for (const frame of decoder.take(came)) {
      const answer = answerFrom(frame);
      if (answer === null) throw new Error("the device sends what is no answer");
      answers.push(answer);
    }
  }
}

const frame = (
  kind: Command["kind"],
  sequence: number,
  payload: Uint8Array = new Uint8Array(),
  argument = 0,
): Uint8Array => encodeFrame(commandBytes({ kind, sequence, argument, payload }));
const statuses = (answers: readonly Answer[]): string[] =>
  answers.map(({ status, sequence }) => `${status} ${sequence}`);
const run = (sequence: number, position: number, final: number, ...tokens: number[]): Uint8Array =>
  frame("run", sequence, numberBytes(position, final, 0, ...tokens));
const counter = async (
  board: Board,
  sequence: number,
  which: keyof typeof COUNTERS,
): Promise<number | undefined> =>
  (await say(board, frame("counter", sequence, undefined, COUNTERS[which])))[0]?.value;

describe("a command", () => {
  it("is done once, however often it comes, and answered each time", async () => {
    const board = runBoard();
    for (let i = 0; i < 3; i++)
      expect(statuses(await say(board, run(7, 0, 4, 20 | LAST)))).toEqual(["done 7"]);
    for (let i = 0; i < 3; i++) {
      const model = new StandInModel();
      const [answer] = await say(board, frame("next", 8));
      expect(answer).toMatchObject({
        status: "token",
        sequence: 8,
        token: model.run(20, 0, true),
        value: 25,
      });
    }
    for (let sequence = 9; sequence < 13; sequence++)
      expect(statuses(await say(board, frame("next", sequence)))).toEqual([`token ${sequence}`]);
    for (let i = 0; i < 2; i++) expect(statuses(await say(board, frame("next", 13)))).toEqual(["ended 13"]);
    expect(await counter(board, 14, "tokens")).toBe(5);
  });

  it("is refused where tokens are being made, or where it does not exist", async () => {
    const board = runBoard({ ...OPTIONS, drawing: false });
    await say(board, run(1, 0, 100, 5 | LAST));
    expect(statuses(await say(board, run(2, 0, 1, 6 | LAST)))).toEqual(["busy 2"]);
    expect(statuses(await say(board, frame("identify", 3)))).toEqual(["busy 3"]);
    expect(statuses(await say(board, frame("sampler", 4, new Uint8Array(8))))).toEqual(["unknown 4"]);
    for (const kind of [8, 0x0a, 0xff]) {
      const bytes = commandBytes({ kind: "next", sequence: kind, argument: 0, payload: new Uint8Array() });
      bytes[2] = kind;
      expect(statuses(await say(board, encodeFrame(bytes)))).toEqual([`unknown ${kind}`]);
    }
    expect(statuses(await say(board, frame("stop", 5)))).toEqual(["done 5"]);
    expect(statuses(await say(board, frame("next", 6)))).toEqual(["ended 6"]);
    expect(statuses(await say(board, frame("identify", 7)))).toEqual(["identity 7"]);
  });

  it("that is refused leaves the token alone that waits to be asked for", async () => {
    const board = runBoard();
    await say(board, run(1, 0, 0, 20 | LAST));
    expect(statuses(await say(board, frame("counter", 2, undefined, COUNTERS.words)))).toEqual(["busy 2"]);
    expect((await say(board, frame("next", 3)))[0]).toMatchObject({ status: "token", value: 25 });
  });

  it("is not heard while a memory takes its time, and nothing of it is lost", async () => {
    const board = runBoard();
    const { simulation } = board;
    simulation.set("hold", 1);
    const image = (sequence: number, memory: number, address: number, ...words: number[]): Uint8Array => {
      const data = words.flatMap((word) => [word, 0, 0, 0]);
      return frame("image", sequence, Uint8Array.of(...numberBytes(address), ...data), memory);
    };
    expect(statuses(await say(board, image(1, 1, 3, 11, 12)))).toEqual(["done 1"]);
    for (let i = 0; i < 2; i++) expect(await say(board, image(2, 0, 5, 21, 22, 23, 24))).toEqual([]);
    simulation.set("hold", 0);
    expect(await say(board, new Uint8Array())).toEqual([]);
    expect(await counter(board, 3, "words")).toBe(2);
    expect(statuses(await say(board, image(4, 0, 5, 31)))).toEqual(["done 4"]);
    await say(board, new Uint8Array());
    const words = simulation.memory("images");
    expect([IMAGE_WORDS + 3, IMAGE_WORDS + 4, 5].map((address) => words.get(address))).toEqual([11, 12, 31]);
    expect(await counter(board, 5, "words")).toBe(3);
  });

  it("that is not made of whole words ends all the same", async () => {
    const board = runBoard();
    for (let bytes = 0; bytes < 12; bytes++) {
      await say(board, frame("image", 2 * bytes, new Uint8Array(bytes)));
      await say(board, frame("program", 2 * bytes + 1, new Uint8Array(bytes)));
    }
    expect(statuses(await say(board, frame("identify", 100)))).toEqual(["identity 100"]);
    expect(await counter(board, 101, "words")).toBeLessThan(30);
  });

  it("that is repeated while a token is not there yet is told to wait, and told the token when it is", async () => {
    // A token of 36 cycles, and a line with four cycles a bit: too fast to be asked twice, so the core is held.
    const board = runBoard();
    board.simulation.set("hold", 1);
    await say(board, run(1, 0, 3, 5 | LAST));
    expect(await say(board, frame("next", 2))).toEqual([]);
    expect(statuses(await say(board, frame("next", 2)))).toEqual(["wait 2"]);
    // Nothing is there for the host, but the device is busy all the same.
    expect(statuses(await say(board, run(20, 0, 0, 6 | LAST)))).toEqual(["busy 20"]);
    expect(statuses(await say(board, frame("identify", 21)))).toEqual(["busy 21"]);
    expect(await say(board, frame("next", 2))).toEqual([]);
    board.simulation.set("hold", 0);
    expect(statuses(await say(board, new Uint8Array()))).toEqual(["token 2"]);
    expect(statuses(await say(board, frame("next", 2)))).toEqual(["token 2"]);
  });
});

describe("a frame that is damaged", () => {
  it("is answered by silence, and changes nothing: every bit", async () => {
    const board = runBoard();
    await say(board, frame("stop", 1));
    const whole = run(2, 0, 0, 5 | LAST);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const damaged = whole.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(await say(board, damaged, 0.03)).toEqual([]);
    }
    expect(await counter(board, 3, "tokens")).toBe(0);
    expect(statuses(await say(board, run(4, 0, 0, 5 | LAST)))).toEqual(["done 4"]);
    expect(statuses(await say(board, frame("next", 5)))).toEqual(["token 5"]);
    expect(await counter(board, 6, "tokens")).toBe(1);
  });

  it("has another length than it says, though its CRC is right", async () => {
    const board = runBoard();
    const bytes = commandBytes({ kind: "stop", sequence: 1, argument: 0, payload: new Uint8Array(3) });
    for (const length of [0, HEADER_BYTES, bytes.length - 1, bytes.length + 1, 255]) {
      bytes[0] = length;
      expect(await say(board, encodeFrame(bytes))).toEqual([]);
    }
    expect(await say(board, encodeFrame(new Uint8Array()))).toEqual([]);
    expect(await say(board, encodeFrame(Uint8Array.of(1)))).toEqual([]);
    bytes[0] = bytes.length;
    const whole = encodeFrame(bytes);
    // An escape before the last flag takes the frame back.
    expect(await say(board, Uint8Array.of(...whole.subarray(0, -1), 0x7d, 0x7e))).toEqual([]);
    expect(statuses(await say(board, whole))).toEqual(["done 1"]);
  });

  it("is longer than a frame can be; what the device says of itself stays whole", async () => {
    const board = runBoard();
    // Frames are kept in one of two places, in turn.
    for (const [turn, over] of [1, 20, 34, 300, 1, 20, 34, 300].entries()) {
      if (turn === 4) await say(board, run(50, 0, 0, 1));
      const bytes = new Uint8Array(FRAME_BYTES - 2 + over).fill(0xaa);
      bytes[0] = bytes.length & 0xff;
      expect(await say(board, encodeFrame(bytes))).toEqual([]);
    }
    const { identity } = await Device.connect(board.transport, PATIENCE);
    expect(identity.fingerprint).toBe(OPTIONS.fingerprint);
    const longest = frame("image", 100, new Uint8Array(PAYLOAD_BYTES - 2));
    expect(statuses(await say(board, longest))).toEqual(["done 100"]);
  });
});

describe("the device finds its way back without a reset", () => {
  const troubles: [string, (board: Board, random: () => number) => Promise<unknown>][] = [
    ["a break", ({ transport }) => transport.break(200)],
    ["half a frame, and a pause", async (board) => say(board, run(1, 0, 3, 5 | LAST).subarray(0, 12), 2)],
    [
      "half a frame, and a break",
      async (board) => {
        await board.transport.write(run(1, 0, 3, 5 | LAST).subarray(0, 12));
        await board.transport.break(11);
      },
    ],
    [
      "noise",
      ({ transport }, random) =>
        transport.write(Uint8Array.from({ length: 2000 }, () => Math.floor(256 * random()))),
    ],
    ["flags", ({ transport }) => transport.write(new Uint8Array(20).fill(0x7e))],
    ["an escape at the end", ({ transport }) => transport.write(Uint8Array.of(0x7e, 0x7d))],
    ["escapes", ({ transport }) => transport.write(new Uint8Array(300).fill(0x7d))],
  ];
  it.each(troubles)("after %s", async (_, trouble) => {
    const board = runBoard();
    const device = await Device.connect(board.transport, PATIENCE);
    const random = randomFrom(3);
    for (let i = 0; i < 3; i++) {
      await trouble(board, random);
      const model = new StandInModel();
      const got: number[] = [];
      for await (const { token } of device.generate({ prompt: [3], tokens: 3 })) got.push(token);
      const first = model.run(3, 0, true);
      const second = model.run(first, 1, true);
      expect(got).toEqual([first, second, model.run(second, 2, true)]);
    }
  });

  it("and in the middle of a generation, from a line whose bits flip, start and stop bits too", async () => {
    const random = randomFrom(5);
    let flips = 0;
    const board = runBoard(OPTIONS, {
      disturb: (level) => {
        const flipped = random() < 0.002;
        if (flipped) flips++;
        return flipped ? 1 - level : level;
      },
    });
    const device = await Device.connect(board.transport, PATIENCE);
    const model = new StandInModel();
    let token = 9;
    let position = 0;
    for await (const picked of device.generate({ prompt: [9], tokens: 200 })) {
      token = model.run(token, position++, true);
      expect(picked).toMatchObject({ token, position });
    }
    expect(position).toBe(200);
    expect((await device.counters())[COUNTERS.tokens]).toBe(200);
    expect(flips).toBeGreaterThan(20);
  });
});

describe("what is loaded arrives", () => {
  it("a program, piece by piece", async () => {
    const { simulation, transport } = runBoard();
    const device = await Device.connect(transport, PATIENCE);
    const program = programFor(OPTIONS.fingerprint, 50, 3);
    const steps: number[] = [];
    await device.loadProgram(program, (done) => steps.push(done));
    expect(steps.at(-1)).toBe(50 * 24);
    const view = new DataView(program.buffer);
    const words = simulation.memory("program");
    for (let instruction = 0; instruction < 50; instruction++)
      for (let piece = 0; piece < 6; piece++)
        expect(words.get(8 * instruction + piece)).toBe(
          view.getUint32(HEADER_OF_PROGRAM + 24 * instruction + 4 * piece, true),
        );
    expect((await device.counters())[COUNTERS.pieces]).toBe(300);
  });

  it("an image, with a last word that is not full", async () => {
    const { simulation, transport } = runBoard();
    const device = await Device.connect(transport, PATIENCE);
    const bytes = Uint8Array.from({ length: 1021 }, (_, i) => (i * 37) & 0xff);
    await device.loadImage(1, bytes);
    const words = simulation.memory("images");
    const full = new Uint8Array(1024);
    full.set(bytes);
    const view = new DataView(full.buffer);
    for (let i = 0; i < 256; i++) expect(words.get(256 + i)).toBe(view.getUint32(4 * i, true));
    expect((await device.counters())[COUNTERS.words]).toBe(256);
  });
});

describe("generation", () => {
  it("is left behind the token at hand", async () => {
    const { transport } = runBoard();
    const device = await Device.connect(transport, PATIENCE);
    for await (const _ of device.generate({ prompt: [7], tokens: 400 })) break;
    expect((await device.counters())[COUNTERS.tokens]).toBeLessThan(5);
  });

  it("of another host is ended, whatever that one said last", async () => {
    for (const [sequence, ...said] of [
      [99, run(99, 0, 300, 5 | LAST)],
      [100, run(99, 0, 300, 5 | LAST), frame("next", 100)],
      [101, run(100, 0, 300, 5 | LAST), frame("stop", 101), run(101, 0, 300, 5 | LAST)],
    ] as const) {
      const board = runBoard();
      for (const bytes of said) await say(board, bytes);
      const device = await Device.connect(board.transport, { ...PATIENCE, sequence: sequence - 1 });
      expect(device.identity.fingerprint).toBe(OPTIONS.fingerprint);
    }
  });

  it("stops at any of several end tokens", async () => {
    const { transport } = runBoard();
    const device = await Device.connect(transport, PATIENCE);
    const model = new StandInModel();
    const all = [7];
    for (let position = 0; position < 6; position++) all.push(model.run(all[position] ?? 0, position, true));
    const [, , second = 0, , fourth = 0] = all;
    for (const endTokens of [[fourth], [500, fourth], [fourth, second], [second, fourth]]) {
      const got: number[] = [];
      for await (const { token } of device.generate({ prompt: [7], tokens: 6, endTokens })) got.push(token);
      expect(got).toEqual(all.slice(1, endTokens.includes(second) ? 3 : 5));
    }
  });

  it("goes on where an earlier one stopped", async () => {
    const { transport } = runBoard();
    const device = await Device.connect(transport, PATIENCE);
    const model = new StandInModel();
    model.run(1, 0, false);
    let token = model.run(2, 1, true);
    const first: number[] = [];
    for await (const one of device.generate({ prompt: [1, 2], tokens: 1 })) first.push(one.token);
    expect(first).toEqual([token]);
    model.run(token, 2, false);
    token = model.run(30, 3, true);
    for await (const one of device.generate({ prompt: [first[0] ?? 0, 30], position: 2, tokens: 1 }))
      expect(one).toMatchObject({ token, position: 4 });
  });
});
