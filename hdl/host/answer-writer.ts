import {
  bit,
  concat,
  module,
  mux,
  named,
  register,
  select,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { crcAfter } from "./crc.ts";
import { ANSWER_BODY_BYTES, CRC_START, ESCAPE, ESCAPED, FLAG, STATUS_BITS } from "./protocol.ts";

/** The bytes of an answer, in order. Four to a group; the body's two groups are what the byte's number is made of. */
const STEPS = { idle: 0, open: 1, status: 2, sequence: 3, body: 4, crc: 12, close: 14 } as const;
const STEP_BITS = 4;

/**
 * Sends an answer: flag, status, sequence number, eight bytes of body, CRC, flag, with escapes. `start` in a cycle in which `busy` is
 * 0. Status, sequence number and body stand still while it is busy; `body` is byte number `at` of the body, from two cycles after on.
 */
export function answerWriter() {
  return module(
    "answer_writer",
    {
      description: "Answers of one length, with escapes and a CRC.",
      inputs: {
        start: bit,
        status: unsigned(STATUS_BITS),
        sequence: unsigned(8),
        body: unsigned(8),
        ready: bit,
      },
      outputs: { busy: bit, at: unsigned(Math.log2(ANSWER_BODY_BYTES)), data: unsigned(8), valid: bit },
    },
    ({ start, status, sequence, body, ready, busy, at, data, valid }) => {
      const step = register("step", unsigned(STEP_BITS), { reset: STEPS.idle });
      const crc = register("crc", unsigned(16));
      const escaped = register("escaped", bit, { reset: 0 });

      const head = mux(step.bit(0), sequence, concat(unsignedConstant(0, 8 - STATUS_BITS), status));
      // What is sent of a CRC moves its upper half to the lower one.
      const byte = named("byte", select(step.bits(3, 2), [head, body, body, crc.truncate(8)]));
      const isFlag = named("is_flag", step.eq(STEPS.open).or(step.eq(STEPS.close)));
      const escapes = named(
        "escapes",
        isFlag
          .or(escaped)
          .not()
          .and(byte.eq(FLAG).or(byte.eq(ESCAPE))),
      );
      const plain = byte.xor(escaped.repeat(8).and(ESCAPED));
      data.set(mux(isFlag, FLAG, mux(escapes, ESCAPE, plain)));
      const sends = named("sends", step.ne(STEPS.idle));
      valid.set(sends);
      busy.set(sends);
      at.set(concat(step.bit(3), step.bits(1, 0)));

      when(sends.and(ready), () => {
        escaped.set(escapes);
        when(escapes.not(), () => {
          step.set(step.addWrap(1));
          crc.set(crcAfter(crc, byte));
        });
        when(step.eq(STEPS.open), () => crc.set(CRC_START));
        when(step.eq(STEPS.close), () => step.set(STEPS.idle));
      });
      when(start, () => step.set(STEPS.open));
    },
  );
}
