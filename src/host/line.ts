import { ANSWER_BYTES, type Kind, type Status } from "../../hdl/host/protocol.ts";
import { LinkError } from "./errors.ts";
import { encodeFrame, FrameDecoder } from "./frame.ts";
import { type Answer, answerFrom, commandBytes } from "./messages.ts";
import type { Transport } from "./transport.ts";

const BITS_PER_BYTE = 10;
/** A frame's bytes at most double by escapes; two flags. */
const lineBytes = (bytes: number): number => 2 * bytes + 2;
const NOTHING = new Uint8Array();

export interface LineOptions {
  /** How long an answer may take, beside its time on the line, before the command is sent again. Default 150 ms. */
  readonly patienceMs?: number;
  /** How often a command is sent before the device counts as silent. Default 8. */
  readonly attempts?: number;
  /** How long a token may take. Default 600 s. */
  readonly tokenMs?: number;
  /** Number of the first command, less one; any if not given. */
  readonly sequence?: number;
}

/** Sends commands until their answers come. */
export class Line {
  readonly transport: Transport;
  private readonly patienceMs: number;
  private readonly attempts: number;
  private readonly tokenMs: number;
  private readonly decoder = new FrameDecoder(ANSWER_BYTES);
  private sequence: number;

  constructor(
    transport: Transport,
    { patienceMs = 150, attempts = 8, tokenMs = 600_000, sequence }: LineOptions,
  ) {
    this.sequence = sequence ?? Math.floor(Math.random() * 256);
    this.transport = transport;
    this.patienceMs = patienceMs;
    this.attempts = attempts;
    this.tokenMs = tokenMs;
  }

  /** A command whose answer is of one kind. */
  async ask(kind: Kind, expected: Status, argument = 0, payload: Uint8Array = NOTHING): Promise<Answer> {
    const answer = await this.exchange(kind, argument, payload);
    if (answer.status !== expected) throw unexpected(kind, answer);
    return answer;
  }

  async do(kind: Kind, argument = 0, payload: Uint8Array = NOTHING): Promise<void> {
    await this.ask(kind, "done", argument, payload);
  }

  /** Waits for the next token, or for the end of tokens. */
  next(expected: "token" | "ended"): Promise<Answer> {
    return this.ask("next", expected);
  }

  /** Stops the device, and waits until it is at rest. */
  async rest(): Promise<void> {
    // What another host asked last may have this number, and the device then only repeats its answer. The next one is new.
    await this.exchange("stop", 0, NOTHING);
    await this.do("stop");
    await this.next("ended");
  }

  /**
   * Sends a command until its answer comes. The device does it once: a repetition has the same number.
   * @throws LinkError where nothing comes
   */
  private async exchange(kind: Kind, argument: number, payload: Uint8Array): Promise<Answer> {
    this.sequence = (this.sequence + 1) % 256;
    const { sequence } = this;
    const bytes = encodeFrame(commandBytes({ kind, sequence, argument, payload }));
    const patience = this.patienceMs + this.lineMs(bytes.length + lineBytes(ANSWER_BYTES));
    for (let attempt = 0, waited = 0; attempt < this.attempts; attempt++) {
      await this.transport.write(bytes);
      const answer = await this.listen(sequence, patience);
      if (answer === null) continue;
      if (answer.status !== "wait") return answer;
      // It lives, and works on a token.
      attempt = -1;
      waited += patience;
      if (waited > this.tokenMs)
        throw new LinkError(
          "silence",
          `The device has been at a token for ${Math.round(waited / 1000)} seconds.`,
        );
    }
    throw new LinkError(
      "silence",
      `The device did not answer ${this.attempts} times: is it on, is its baud rate ${this.transport.baud}, and is it the right port?`,
    );
  }

  /** The answer to a command; null if none comes in time, and `wait` where there is nothing better. */
  private async listen(sequence: number, milliseconds: number): Promise<Answer | null> {
    let waits: Answer | null = null;
    // A line that never falls silent says nothing either.
    let bytesLeft = lineBytes(ANSWER_BYTES) + Math.ceil(milliseconds / this.lineMs(1));
    while (bytesLeft > 0) {
      const bytes = await this.transport.read(milliseconds);
      if (bytes.length === 0) break;
      bytesLeft -= bytes.length;
      for (const frame of this.decoder.take(bytes)) {
        const answer = answerFrom(frame);
        if (answer === null || answer.sequence !== sequence) continue;
        if (answer.status !== "wait") return answer;
        waits = answer;
      }
    }
    return waits;
  }

  private lineMs(bytes: number): number {
    return (1000 * BITS_PER_BYTE * bytes) / this.transport.baud;
  }
}

function unexpected(kind: Kind, { status }: Answer): LinkError {
  switch (status) {
    case "busy":
      return new LinkError("refused", `The device refuses "${kind}": it makes tokens for somebody else.`);
    case "unknown":
      return new LinkError("refused", `The device has no command "${kind}".`);
    case "ended":
      return new LinkError("nonsense", "The device ended before its last token: was it reset?");
    default:
      return new LinkError(
        "nonsense",
        `The device answers "${kind}" by "${status}": it is no device of this project.`,
      );
  }
}
