import { IDENTITY_PARTS, type Kind, NUMBER_BYTES, PAYLOAD_BYTES } from "../../hdl/host/protocol.ts";
import { INSTRUCTION_BYTES } from "../compile/instruction.ts";
import { PROGRAM_HEADER_BYTES } from "../compile/program.ts";
import { LinkError } from "./errors.ts";
import { type Identity, parseIdentity } from "./identity.ts";
import { Line, type LineOptions } from "./line.ts";
import { numberBytes } from "./messages.ts";
import { type Sampling, samplingBytes } from "./sampling.ts";
import type { Transport } from "./transport.ts";

export interface Request {
  /** Ids that the device takes in first; at least one. */
  readonly prompt: readonly number[];
  /** Position of the prompt's first token; keys and values of those before it are in the device. Default 0. */
  readonly position?: number;
  /** Tokens to generate; fewer are where one ends the text. 0: the prompt is taken in only. */
  readonly tokens: number;
  readonly endTokens?: readonly number[];
}

export interface PickedToken {
  readonly token: number;
  /** Where it stands in the text. */
  readonly position: number;
  /** Of the token before it, whose logits it was picked from; counted by the device. */
  readonly cycles: number;
}

/** Called while something long is sent: bytes that are through, and all of them. */
export type Progress = (done: number, total: number) => void;

/** Marks the last token of a prompt, and that there is an end token. */
const marked = (token: number, tokenBits: number): number => (token + 2 ** tokenBits) >>> 0;

const PROMPT_HEADER_BYTES = 3 * NUMBER_BYTES;
const PROMPT_TOKENS = Math.floor((PAYLOAD_BYTES - PROMPT_HEADER_BYTES) / NUMBER_BYTES);

/**
 * A device at the other end of a line. Each command is sent until its answer comes: the device does a command once, however
 * often it comes. One thing is done at a time.
 */
export class Device {
  readonly identity: Identity;
  private readonly line: Line;
  /** Tokens are being made: the device has not said yet that they have ended. */
  private busy = false;

  private constructor(line: Line, identity: Identity) {
    this.line = line;
    this.identity = identity;
  }

  /**
   * Stops what the device is at, and asks who it is.
   * @throws LinkError where nobody answers, or somebody who is no device of this project
   */
  static async connect(transport: Transport, options: LineOptions = {}): Promise<Device> {
    const line = new Line(transport, options);
    await line.rest();
    const bytes: number[] = [];
    for (let part = 0; part < IDENTITY_PARTS; part++)
      bytes.push(...(await line.ask("identify", "identity", part)).body);
    return new Device(line, parseIdentity(Uint8Array.from(bytes)));
  }

  /** @throws LinkError where the device is not the machine that a program or a model is made for */
  require(fingerprint: string, name: string): void {
    if (fingerprint === this.identity.fingerprint) return;
    throw new LinkError(
      "mismatch",
      `The device has the fingerprint ${this.identity.fingerprint}, but ${name} has ${fingerprint}: build the bitstream for it, or choose the machine that the device is.`,
    );
  }

  /**
   * Writes a program, header and instructions, as `compile` makes it.
   * @throws LinkError where it is for another machine, or too long
   */
  async loadProgram(program: Uint8Array, progress: Progress = () => {}): Promise<void> {
    const { program: room } = this.identity;
    if (room === null)
      throw new LinkError("refused", "The device's program is part of its bitstream: it cannot be loaded.");
    const instructions = program.subarray(PROGRAM_HEADER_BYTES);
    const count = instructions.length / INSTRUCTION_BYTES;
    const magic = Buffer.from(program.subarray(0, 4)).toString("latin1");
    if (magic !== "ACCL" || !Number.isInteger(count))
      throw new LinkError("refused", 'The program does not begin with "ACCL", or it is cut off.');
    this.require(Buffer.from(program.subarray(16, PROGRAM_HEADER_BYTES)).toString("hex"), "the program");
    if (count > room.instructions)
      throw new LinkError(
        "refused",
        `The program has ${count} instructions, but the device has room for ${room.instructions}.`,
      );
    await this.load("program", 0, 0, instructions, INSTRUCTION_BYTES, progress);
  }

  /**
   * Writes bytes to a memory, from an address on; a last word that is not full is filled up with zeros.
   * @param memory its number in the machine's list
   */
  async loadImage(
    memory: number,
    image: Uint8Array,
    address = 0,
    progress: Progress = () => {},
  ): Promise<void> {
    const { image: room } = this.identity;
    if (room === null || !room.memories.includes(memory))
      throw new LinkError("refused", `The device does not let memory ${memory} be filled over the line.`);
    const { wordBytes, bytes } = room;
    if (!Number.isInteger(address / wordBytes) || address < 0)
      throw new LinkError("refused", `Address ${address} is not where a word of ${wordBytes} bytes begins.`);
    if (address + image.length > bytes)
      throw new LinkError(
        "refused",
        `${image.length} bytes from ${address} on are more than the ${bytes} of memory ${memory}.`,
      );
    const words = new Uint8Array(Math.ceil(image.length / wordBytes) * wordBytes);
    words.set(image);
    await this.load("image", memory, address / wordBytes, words, wordBytes, progress);
  }

  /** How tokens are picked from now on. */
  async setSampling(sampling: Sampling): Promise<void> {
    if (!this.identity.drawing) {
      if (sampling === null) return;
      throw new LinkError(
        "refused",
        "The device has no generator to draw with: it picks the likeliest token.",
      );
    }
    await this.line.do("sampler", 0, samplingBytes(sampling));
  }

  /**
   * Runs a prompt and what follows it; gives each token as it is picked. Who does not want the rest stops to iterate.
   * @throws RangeError where the tokens or positions are none of the device's
   */
  async *generate(request: Request): AsyncGenerator<PickedToken, void, undefined> {
    const { prompt, position: first = 0, tokens, endTokens = [] } = request;
    this.check(request);
    if (this.busy) await this.stop();
    const { tokenBits } = this.identity;
    const [end] = endTokens;
    const last = first + prompt.length - 1;
    this.busy = true;
    let heard = true;
    try {
      for (let at = 0; at < prompt.length; at += PROMPT_TOKENS) {
        const part = [...prompt.slice(at, at + PROMPT_TOKENS)];
        const isLast = at + part.length === prompt.length && tokens > 0;
        if (isLast) part.push(marked(part.pop() ?? 0, tokenBits));
        const final = isLast ? last + tokens - 1 : first + at + part.length - 1;
        const ending = end === undefined ? 0 : marked(end, tokenBits);
        await this.line.do("run", 0, numberBytes(first + at, final, ending, ...part));
        if (!isLast) await this.line.next("ended");
      }
      for (let count = 0; count < tokens; count++) {
        const { token, value } = await this.line.next("token");
        if (token >= 2 ** tokenBits)
          throw new LinkError(
            "nonsense",
            `The device picked token ${token}, but its tokens have ${tokenBits} bits.`,
          );
        yield { token, position: last + 1 + count, cycles: value };
        if (endTokens.includes(token)) {
          if (token !== end) await this.line.do("stop");
          break;
        }
      }
      if (tokens > 0) await this.line.next("ended");
      this.busy = false;
    } catch (error) {
      heard = false;
      throw error;
    } finally {
      // Whoever iterated has had enough.
      if (this.busy && heard) await this.stop();
    }
  }

  /** What the device has counted; the first number is the cycles of the last token. */
  async counters(): Promise<number[]> {
    if (this.busy) await this.stop();
    const values: number[] = [];
    for (let i = 0; i < this.identity.counters; i++)
      values.push((await this.line.ask("counter", "done", i)).value);
    return values;
  }

  /** Ends a generation, behind the token at hand. */
  async stop(): Promise<void> {
    await this.line.rest();
    this.busy = false;
  }

  close(): Promise<void> {
    return this.line.transport.close();
  }

  private check({ prompt, position = 0, tokens, endTokens = [] }: Request): void {
    const { tokenBits, positionBits } = this.identity;
    const wrong = [...prompt, ...endTokens].find(
      (token) => !Number.isInteger(token) || token < 0 || token >= 2 ** tokenBits,
    );
    if (wrong !== undefined) throw new RangeError(`${wrong} is no token of ${tokenBits} bits`);
    if (prompt.length === 0) throw new RangeError("a prompt has one token at least");
    if (!Number.isInteger(tokens) || tokens < 0) throw new RangeError(`${tokens} tokens cannot be generated`);
    const end = position + prompt.length + Math.max(0, tokens - 1);
    if (!Number.isInteger(position) || position < 0 || end > 2 ** positionBits)
      throw new RangeError(`positions ${position} to ${end - 1} are more than ${positionBits} bits can say`);
  }

  /** Writes units of `unitBytes` from `place` on, as many to a frame as there is room for. */
  private async load(
    kind: Kind,
    argument: number,
    place: number,
    bytes: Uint8Array,
    unitBytes: number,
    progress: Progress,
  ): Promise<void> {
    if (this.busy) await this.stop();
    const units = Math.floor((PAYLOAD_BYTES - NUMBER_BYTES) / unitBytes);
    for (let at = 0; at < bytes.length; at += units * unitBytes) {
      const part = bytes.subarray(at, at + units * unitBytes);
      const payload = new Uint8Array(NUMBER_BYTES + part.length);
      payload.set(numberBytes(place + at / unitBytes));
      payload.set(part, NUMBER_BYTES);
      await this.line.do(kind, argument, payload);
      progress(at + part.length, bytes.length);
    }
  }
}
