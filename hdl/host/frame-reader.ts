import { bit, concat, module, named, register, unsigned, when } from "../builder/index.ts";
import { crcAfter } from "./crc.ts";
import { CRC_BYTES, CRC_START, ESCAPE, ESCAPED, FLAG, FRAME_BYTES, HEADER_BYTES } from "./protocol.ts";

/**
 * Takes frames out of the bytes of a line. Each byte of a frame is handed out to be written at `write.index`, as it comes; only
 * `accepted` says that the frame was whole: its CRC and its length are right, no byte was broken, and the device listened all the
 * time. A flag begins a new frame, whatever there was before.
 */
export function frameReader() {
  return module(
    "frame_reader",
    {
      description: "Frames with escapes, a length and a CRC.",
      inputs: {
        data: unsigned(8),
        valid: bit,
        broken: bit,
        // The device does not listen: what comes is lost.
        blocked: bit,
      },
      outputs: {
        write: { enable: bit, index: unsigned(8), data: unsigned(8) },
        // Of the frame that was accepted, until the next one begins.
        header: { length: unsigned(8), sequence: unsigned(8), kind: unsigned(8), argument: unsigned(8) },
        accepted: bit,
      },
    },
    ({ data, valid, broken, blocked, write, header, accepted }) => {
      const index = register("index", unsigned(8), { reset: 0 });
      const crc = register("crc", unsigned(16), { reset: CRC_START });
      const escaped = register("escaped", bit, { reset: 0 });
      const damaged = register("damaged", bit, { reset: 0 });
      // A bit for each byte of the CRC, where the length says that it stands.
      const tail = register("tail", unsigned(CRC_BYTES), { reset: 0 });

      const isFlag = named("is_flag", valid.and(data.eq(FLAG)));
      const isEscape = named("is_escape", valid.and(data.eq(ESCAPE)));
      const byte = named("byte", data.xor(escaped.repeat(8).and(ESCAPED)));
      const comes = named("comes", valid.and(isFlag.not()).and(isEscape.not()));
      // The frame's length is a multiple of 32, so that some bits say it.
      const full = named("full", index.ge(FRAME_BYTES));

      const at = (place: number) => comes.and(index.eq(place));
      const length = register("length", unsigned(8), { enable: at(0), next: byte });
      header.length.set(length);
      header.sequence.set(register("sequence", unsigned(8), { enable: at(1), next: byte }));
      header.kind.set(register("kind", unsigned(8), { enable: at(2), next: byte }));
      header.argument.set(register("argument", unsigned(8), { enable: at(HEADER_BYTES - 1), next: byte }));

      when(comes, () => {
        index.set(index.addWrap(1));
        crc.set(crcAfter(crc, byte));
        tail.set(concat(tail.bits(0, 0), index.eq(length)));
        escaped.set(0);
      });
      when(isEscape, () => escaped.set(1));
      when(broken.or(valid.and(blocked)).or(comes.and(full)), () => damaged.set(1));
      when(isFlag, () => {
        index.set(0);
        crc.set(CRC_START);
        tail.set(0);
        escaped.set(0);
        damaged.set(0);
      });

      const whole = crc.eq(0).and(tail.eq(2 ** (CRC_BYTES - 1)));
      accepted.set(isFlag.and(whole).and(damaged.or(escaped).or(blocked).not()));
      write.enable.set(comes.and(full.not()).and(blocked.not()));
      write.index.set(index);
      write.data.set(byte);
    },
  );
}
