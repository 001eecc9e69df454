import {
  assign,
  bit,
  concat,
  instance,
  memory,
  module,
  mux,
  named,
  register,
  select,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../builder/index.ts";
import { uartReceiver } from "../units/uart/receiver.ts";
import { uartTransmitter } from "../units/uart/transmitter.ts";
import { coreInputs, coreOutputs, engine } from "./engine.ts";
import { framing } from "./framing.ts";
import { checkOptions, type HostLinkOptions, identityBytes, portBits } from "./parameters.ts";
import {
  ANSWER_BODY_BYTES,
  IDENTITY_BYTES,
  KIND_BITS,
  KINDS,
  type Kind,
  NUMBER_BYTES,
  STATUS_BITS,
  STATUSES,
} from "./protocol.ts";

/** Of a memory of two halves. The identity is at its end, where no frame is long enough to reach. */
const ADDRESS_BITS = 9;
const IDENTITY_BITS = Math.log2(IDENTITY_BYTES);
const PART_BITS = Math.log2(ANSWER_BODY_BYTES);

/**
 * The device's end of the host link, between a serial line and the core that makes tokens (docs/host-link.md). Every command that
 * comes whole is answered, and each once only: a command with the sequence number of the last one is a repetition, which gets the
 * last answer again. It does not listen while it sends or loads.
 */
export function hostLink(options: HostLinkOptions) {
  checkOptions(options);
  const { cyclesPerBit, tokenBits, drawing, program, image } = options;
  const bits = portBits(options);
  return module(
    "host_link",
    {
      description: "Runs prompts, hands tokens over, loads program and image, by a serial line.",
      inputs: {
        rx: bit,
        ...coreInputs(options),
        // The counter that `counter_address` named a cycle before, as it was then. Counter 0 counts a token's cycles, and stands
        // still behind the last one.
        counter_value: unsigned(32),
      },
      outputs: {
        tx: bit,
        ...coreOutputs(options),
        // Which memory the image is for; it stands still as the image does.
        image_memory: unsigned(bits.memory),
        counter_address: unsigned(bits.counter),
      },
      inputDomains: { rx: null },
    },
    (io) => {
      const receiver = instance("receiver", uartReceiver(cyclesPerBit), { line: io.rx });
      const blocked = wire("blocked", bit);
      const send = wire("send", bit);
      const status = wire("status", unsigned(STATUS_BITS));
      const sequence = wire("sequence", unsigned(8));
      const answered = wire("answered", unsigned(8));
      const lineReady = wire("line_ready", bit);
      const frames = instance("frames", framing(), {
        received: { data: receiver.data, valid: receiver.valid, broken: receiver.broken },
        blocked,
        send,
        status,
        sequence,
        body: answered,
        line_ready: lineReady,
      });
      const sender = instance("sender", uartTransmitter(cyclesPerBit), frames.line);
      lineReady.set(sender.ready);
      io.tx.set(sender.line);
      const { header, accepted, sending } = frames;

      const idle = wire("idle", bit);
      const given = wire("given", { valid: bit, token: unsigned(tokenBits) });

      // The answer to the last command. A repetition is told it again.
      const answer = register("answer", unsigned(STATUS_BITS));
      const last = register("last", unsigned(8));
      const any = register("any", bit, { reset: 0 });
      const isNew = named("is_new", accepted.and(any.and(header.sequence.eq(last)).not()));

      // The host's slot: a token with its cycles. It is empty again when the host asks for the next one.
      const full = register("full", bit, { reset: 0 });
      const told = register("told", bit);
      const asked = register("asked", bit, { reset: 0 });
      when(given.valid, () => full.set(1));
      const tells = named("tells", asked.and(full.or(idle)).and(sending.or(accepted).not()));
      when(tells, () => {
        asked.set(0);
        told.set(full);
        answer.set(STATUSES.ended);
        when(full, () => answer.set(STATUSES.token));
      });

      const kind = header.kind.truncate(KIND_BITS);
      const isKind = (name: Kind): Unsigned => kind.eq(KINDS[name]);
      const left: readonly Kind[] = [
        ...(drawing ? [] : (["sampler"] as const)),
        ...(program === null ? (["program"] as const) : []),
        ...(image === null ? (["image"] as const) : []),
      ];
      const known = left.reduce(
        (rest, name) => rest.and(isKind(name).not()),
        header.kind.bits(7, KIND_BITS).any().not(),
      );
      const rests = named("rests", idle.and(full.not().or(told)));
      const does = named("does", isNew.and(known));
      const asks = named("asks", does.and(isKind("next")));
      const stops = named("stops", does.and(isKind("stop")));
      const needsRest = asks.or(stops).not();
      const obeys = named("obeys", does.and(needsRest).and(rests));
      const starts = named("starts", obeys.and(kind.ge(KINDS.run)));
      when(isNew, () => {
        last.set(header.sequence);
        any.set(1);
        asked.set(0);
        answer.set(STATUSES.unknown);
      });
      when(does, () => answer.set(STATUSES.busy));
      when(asks, () => {
        asked.set(1);
        answer.set(STATUSES.wait);
      });
      when(stops.or(obeys), () => answer.set(STATUSES.done));
      when(obeys.and(isKind("identify")), () => answer.set(STATUSES.identity));
      when(stops.or(starts).or(asks.and(told)), () => {
        full.set(0);
        told.set(0);
      });

      // Frames are received in one half, while the one that is at work stands in the other.
      const half = register("half", bit, { reset: 0 });
      when(starts, () => half.set(half.not()));
      const work = wire("work", unsigned(8));
      const identity = concat(header.argument.truncate(IDENTITY_BITS - PART_BITS), frames.part);
      const ones = unsignedConstant(-1 + 2 ** (ADDRESS_BITS - IDENTITY_BITS), ADDRESS_BITS - IDENTITY_BITS);
      const bytes = memory("bytes", unsigned(8), {
        depth: 2 ** ADDRESS_BITS,
        initial: contents(options),
        collisions: "undefined",
      });
      const byte = bytes.read(mux(idle, concat(ones, identity), concat(half.not(), work)));
      when(frames.write.enable, () => bytes.write(concat(half, frames.write.index), frames.write.data));

      // Of a token, counter 0 is told, its cycles; of a counter, what it is.
      const token = register("told_token", unsigned(tokenBits), { enable: given.valid, next: given.token });
      const takes = given.valid.or(obeys.and(isKind("counter")));
      const value = register("told_value", unsigned(32), { enable: takes, next: io.counter_value });
      const body = concat(token.extend(8 * NUMBER_BYTES), value);
      const parts = Array.from({ length: ANSWER_BODY_BYTES }, (_, i) => {
        const low = body.width - 8 * (i + 1);
        return body.bits(low + 7, low);
      });
      answered.set(mux(answer.eq(STATUSES.identity), byte, select(frames.part, parts)));
      send.set(tells.or(accepted.and(asks.not())));
      status.set(answer);
      sequence.set(last);

      const worker = instance("engine", engine(options), {
        running: io.running,
        finished: io.finished,
        picked: io.picked,
        picked_token: io.picked_token,
        image_ready: io.image_ready,
        start: starts,
        mode: header.kind.truncate(2),
        length: header.length,
        byte,
        stop: stops,
        full,
      });
      idle.set(worker.idle);
      work.set(worker.address);
      assign(given, worker.event);
      blocked.set(sending.or(worker.loading));

      const { begin, position, sampling, draws, temperature, seed, seeds } = worker;
      io.begin.set(begin);
      io.token.set(worker.token);
      io.position.set(position);
      io.sampling.set(sampling);
      io.draws.set(draws);
      assign(io.temperature, temperature);
      io.seed.set(seed);
      io.seeds.set(seeds);
      assign(io.program, worker.program);
      assign(io.image, worker.image);
      io.image_memory.set(image === null ? 0 : header.argument.truncate(bits.memory));
      io.counter_address.set(0);
      when(idle, () => io.counter_address.set(header.argument.truncate(bits.counter)));
    },
  );
}

/** At power-up the memory holds the identity, at its end. */
function contents(options: HostLinkOptions): number[] {
  const memory = new Array<number>(2 ** ADDRESS_BITS - IDENTITY_BYTES).fill(0);
  return [...memory, ...identityBytes(options)];
}
