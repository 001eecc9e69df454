import {
  assign,
  bit,
  concat,
  module,
  mux,
  named,
  register,
  select,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { crcAfter } from "./crc.ts";
import {
  ANSWER_BODY_BYTES,
  CRC_BYTES,
  CRC_START,
  ESCAPE,
  ESCAPED,
  FLAG,
  FRAME_BYTES,
  HEADER_BYTES,
  STATUS_BITS,
} from "./protocol.ts";

/** What is sent of an answer, in order, four bytes to a group: nothing yet, flag, status, sequence number; body; body; CRC, flag. */
const STEPS = { idle: 0, open: 1, close: 14 } as const;
const STEP_BITS = 4;

/**
 * Takes commands out of the bytes of a line, and sends answers: both are frames with escapes and a CRC. It does one at a time, by one
 * CRC: while it sends, it does not listen.
 *
 * Each byte of a command is handed out to be written at `write.index`, as it comes; only `accepted` says that the frame was whole:
 * CRC and length are right, no byte was broken, and none came while it was not listening. A flag begins a new frame, whatever
 * there was before.
 *
 * `send` in a cycle in which `sending` is 0. Status, sequence number and body then stand still; `body` is byte number `part`.
 */
export function framing() {
  return module(
    "framing",
    {
      description: "Commands in, answers out: frames with escapes and a CRC.",
      inputs: {
        received: { data: unsigned(8), valid: bit, broken: bit },
        // What comes is lost; the header of the last command stands still.
        blocked: bit,
        send: bit,
        status: unsigned(STATUS_BITS),
        sequence: unsigned(8),
        body: unsigned(8),
        line_ready: bit,
      },
      outputs: {
        write: { enable: bit, index: unsigned(8), data: unsigned(8) },
        // Of the command that was accepted, until the next one begins to come.
        header: { length: unsigned(8), sequence: unsigned(8), kind: unsigned(8), argument: unsigned(8) },
        accepted: bit,
        sending: bit,
        part: unsigned(Math.log2(ANSWER_BODY_BYTES)),
        line: { data: unsigned(8), valid: bit },
      },
    },
    ({
      received,
      blocked,
      send,
      status,
      sequence,
      body,
      line_ready,
      write,
      header,
      accepted,
      sending,
      part,
      line,
    }) => {
      const step = register("step", unsigned(STEP_BITS), { reset: STEPS.idle });
      const crc = register("crc", unsigned(16), { reset: CRC_START });
      const escaped = register("escaped", bit, { reset: 0 });
      const sends = named("sends", step.ne(STEPS.idle));
      const came = register("came", bit, { reset: 0, next: received.valid });
      const listens = named("listens", sends.not().and(came));

      // The byte at hand, a cycle late: with its escape while it is received, without one while it is sent.
      const state = mux(step.bit(0), sequence, concat(unsignedConstant(0, 8 - STATUS_BITS), status));
      const group = step.bits(3, 2);
      const head = mux(step.bit(1), state, received.data);
      // Sending the CRC's lower half moves the upper one down.
      const raw = register("raw", unsigned(8), { next: select(group, [head, body, body, crc.truncate(8)]) });
      const flipped = named("flipped", raw.xor(escaped.repeat(8).and(ESCAPED)));
      const isFlag = named("is_flag", raw.eq(FLAG));
      const isEscape = named("is_escape", raw.eq(ESCAPE));
      const checked = named("checked", crcAfter(crc, mux(sends, raw, flipped)));

      const index = register("index", unsigned(8), { reset: 0 });
      const damaged = register("damaged", bit, { reset: 0 });
      // A bit for each byte of the CRC, where the length says that it stands.
      const tail = register("tail", unsigned(CRC_BYTES), { reset: 0 });
      const comes = named("comes", listens.and(isFlag.or(isEscape).or(blocked).not()));
      const ends = named("ends", listens.and(isFlag));
      const full = named("full", index.ge(FRAME_BYTES));
      // A command's header moves through its registers: its first byte comes out in the last one.
      const inHeader = named("in_header", index.lt(HEADER_BYTES));
      const moves = comes.and(inHeader);
      const kept = (name: string, next: Unsigned) => register(name, unsigned(8), { enable: moves, next });
      const argument = kept("argument", flipped);
      const kind = kept("kind", argument);
      const number = kept("number", kind);
      const length = kept("length", number);
      assign(header, { length, sequence: number, kind, argument });
      write.enable.set(comes.and(full.not()));
      write.index.set(index);
      write.data.set(flipped);
      const whole = crc.eq(0).and(tail.eq(2 ** (CRC_BYTES - 1)));
      accepted.set(ends.and(whole).and(damaged.or(escaped).or(blocked).not()));

      const isDelimiter = named("is_delimiter", step.eq(STEPS.open).or(step.eq(STEPS.close)));
      const escapes = named("escapes", isFlag.or(isEscape).and(isDelimiter.or(escaped).not()));
      line.data.set(mux(isDelimiter, FLAG, mux(escapes, ESCAPE, flipped)));
      line.valid.set(sends);
      sending.set(sends);
      part.set(concat(step.bit(3), step.bits(1, 0)));

      const advances = named("advances", sends.and(line_ready));
      const passes = named("passes", advances.and(escapes.not()));
      when(comes.or(passes), () => crc.set(checked));
      // Before an answer, and before the next command.
      when(ends.or(isDelimiter), () => crc.set(CRC_START));
      when(listens.or(advances), () => escaped.set(mux(sends, escapes, isEscape)));
      when(comes, () => {
        index.set(index.addWrap(1));
        tail.set(concat(tail.bit(0), index.eq(length).and(inHeader.not())));
      });
      when(received.broken.or(came.and(blocked)).or(comes.and(full)), () => damaged.set(1));
      when(ends, () => {
        index.set(0);
        tail.set(0);
        damaged.set(0);
      });
      when(passes, () => step.set(step.addWrap(1)));
      when(passes.and(step.eq(STEPS.close)), () => step.set(STEPS.idle));
      when(send, () => step.set(STEPS.open));
    },
  );
}
