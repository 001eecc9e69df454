import {
  array,
  assign,
  bit,
  concat,
  instance,
  module,
  mux,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type ValueOf,
  wire,
} from "../builder/index.ts";
import { bitsFor } from "../units/bits.ts";
import { channel } from "../units/channel/channel.ts";
import { embeddingWriter } from "../units/channel/embedding.ts";
import type { ChannelSizes } from "../units/channel/parameters.ts";
import { commandShape, INTO, requestShape, responseShape } from "../units/channel/shapes.ts";
import { windowOf } from "../units/matrix/matrix-unit.ts";
import { resized } from "../units/resized.ts";
import { activityCounters } from "../units/sequencer/activity.ts";
import type { instructionShape } from "../units/sequencer/instruction-reader.ts";
import { programPorts } from "../units/sequencer/program-memory.ts";
import { programmedSequencer } from "../units/sequencer/programmed-sequencer.ts";
import { unitName } from "../units/sequencer/sequencer.ts";
import { COMMAND, TEMPERATURE } from "../units/vector/command.ts";
import { vectorUnit } from "../units/vector/vector-unit.ts";
import { byteMemory } from "./byte-memory.ts";
import { type CodeMemoryParameters, codeMemory } from "./code-memory.ts";
import { descriptorFile } from "./descriptor-file.ts";
import { matrixPath } from "./matrix-path.ts";
import type { DecoderSizes } from "./parameters.ts";
import { wordMemory, wordsShape } from "./word-memory.ts";

/** Numbers of the units in the sequencer's lists. */
const MATRIX = 0;
const VECTOR = 1;
const CHANNELS = 2;

/** What the host says of a token; it stays while the token is computed. */
export const tokenShape = ({ limits }: DecoderSizes) => ({
  token: unsigned(limits.tokenBits),
  position: unsigned(limits.positionBits),
  // Its logits are wanted: a token is picked.
  sampling: bit,
  // It is drawn at a temperature.
  draws: bit,
  temperature: TEMPERATURE,
});

/** Signals whose cycles are counted, in the order of the counters' addresses from 1 on. */
export const countedSignals = ({ channels }: DecoderSizes): readonly string[] => [
  "matrix",
  "vector",
  ...channels.map(({ name }) => name),
];

/** Who reads how many codes of activations at a time. */
export const codeMemoryOf = ({
  machine,
  channels,
  keyValueChannel,
  matrix,
}: DecoderSizes): CodeMemoryParameters => ({
  lanes: machine.vector.lanes,
  bytes: machine.vector.codeBytes,
  matrixCodes: windowOf(matrix),
  storedCodes: channels[keyValueChannel]?.storedCodes ?? 1,
});

/** A port for each channel, by its number. */
const each = <S>(channels: readonly ChannelSizes[], shape: (sizes: ChannelSizes) => S): Record<string, S> =>
  Object.fromEntries(channels.map((sizes, i) => [portName(i), shape(sizes)]));

export const portName = (channelIndex: number): string => `memory_${channelIndex}`;

/**
 * The whole decoder: reads a program, and computes a token at a time. `begin` in a cycle starts a token in the next one;
 * `finished` is its last cycle. `requests` go to the memories, which answer as their descriptions say.
 */
export function decoder(sizes: DecoderSizes) {
  const {
    machine,
    channels,
    limits,
    sequencer: program,
    weightsChannel,
    tablesChannel,
    keyValueChannel,
  } = sizes;
  const { lanes, words, codeBytes, exponentBytes } = machine.vector;
  const counted = countedSignals(sizes);
  const memoryOfCodes = codeMemoryOf(sizes);
  const units = CHANNELS + channels.length;
  return module(
    "decoder",
    {
      description: `A decoder of language models: machine ${machine.name}.`,
      inputs: {
        begin: bit,
        token: tokenShape(sizes),
        // The generator of random numbers begins with another seed.
        seeds: bit,
        seed: unsigned(32),
        program: programPorts(program),
        responses: each(channels, responseShape),
        counter: unsigned(bitsFor(counted.length)),
      },
      outputs: {
        running: bit,
        finished: bit,
        picked: bit,
        picked_token: unsigned(limits.tokenBits),
        requests: each(channels, requestShape),
        count: unsigned(32),
        // For a cycle, some cycles after each token: its counts stand.
        counted: bit,
        // Units as they are started, and as they are done, for whoever watches.
        starts: array(units, bit),
        dones: array(units, bit),
        layer: unsigned(limits.layerBits),
      },
    },
    (io) => {
      const { token } = io;
      const free = wire("free", array(units, bit));
      const done = wire("done", array(units, bit));
      const order = instance("sequencer", programmedSequencer(program), {
        begin: io.begin,
        sampling: token.sampling,
        free,
        done,
        program: io.program,
      });
      const commandOf = (unit: number): Command => {
        const command = order.commands[unitName(unit)];
        if (command === undefined) throw new RangeError(`there is no unit ${unit}`);
        return command;
      };
      const startOf = (unit: number): Unsigned => order.start[unit] ?? unsignedConstant(0, 1);
      const registers = { token: token.token, position: token.position, layer: order.layer };

      // Channels; words for the matrix unit wait in their buffers.
      const wordWanted = channels.map((_, i) => wire(`pop_${i}`, bit));
      const codesStored = wire("codes_stored", array(memoryOfCodes.storedCodes, { code: unsigned(8) }));
      const exponentStored = wire("exponent_stored", unsigned(8));
      const exponentGiven = wire("exponent_given", bit);
      const ports = channels.map((sizesOf, i) => {
        const command = fitted(commandOf(CHANNELS + i), commandShape(sizesOf));
        const port = instance(`channel_${i}`, channel(sizesOf), {
          begin: io.begin,
          coming: order.coming[unitName(CHANNELS + i)] ?? missing(),
          start: startOf(CHANNELS + i),
          command,
          registers,
          pop: wordWanted[i] ?? 0,
          response: io.responses[portName(i)] ?? missing(),
          stored: {
            codes: Array.from(
              { length: sizesOf.storedCodes },
              (_, n) => codesStored[n]?.code.asSigned() ?? 0,
            ),
            exponent: exponentStored.asSigned(),
            given: exponentGiven,
          },
        });
        free[CHANNELS + i]?.set(port.free);
        done[CHANNELS + i]?.set(port.done);
        assign(io.requests[portName(i)] ?? missing(), port.request);
        return { ...port, command };
      });
      const sourceChannels = [...new Set([weightsChannel, keyValueChannel])];
      const widest = Math.max(...sourceChannels.map((index) => ports[index]?.word.width ?? 8));
      const tables = ports[tablesChannel] ?? missing();
      const cache = ports[keyValueChannel] ?? missing();

      // The matrix unit.
      const matrixCodes = wire("matrix_codes", array(memoryOfCodes.matrixCodes, { code: unsigned(8) }));
      const sourceExponent = wire("source_exponent", unsigned(16));
      const matrix = instance("matrix", matrixPath(sizes), {
        start: startOf(MATRIX),
        command: commandOf(MATRIX),
        position: token.position,
        offers: sourceChannels.map((index) => {
          const { word, word_valid } = ports[index] ?? missing();
          return { word: word.extend(widest), valid: word_valid };
        }),
        codes: matrixCodes.map(({ code }) => code.asSigned()),
        source_exponent: sourceExponent.asSigned(),
      });
      free[MATRIX]?.set(matrix.free);
      done[MATRIX]?.set(matrix.done);
      for (const [i, wanted] of wordWanted.entries()) {
        const source = sourceChannels.indexOf(i);
        wanted.set(source < 0 ? 0 : (matrix.pops[source] ?? 0));
      }

      // The vector unit.
      const wordsRead = wire("words_read", array(lanes, unsigned(32)));
      const exponentsRead = wire("exponents_read", unsigned(16 * lanes));
      const anglesRead = wire("angles_read", unsigned(lanes === 1 ? 16 : 32 * lanes));
      const described = wire("described", { exponent: unsigned(16), peak: unsigned(32) });
      const sine = wire("sine", bit);
      const vector = instance("vector", vectorUnit(sizes.vector), {
        start: startOf(VECTOR),
        command: fitted(commandOf(VECTOR), COMMAND),
        position: resized(token.position, 16),
        draws: token.draws,
        temperature: token.temperature,
        seed: io.seed,
        seeds: io.seeds,
        words: wordsRead.map((word) => word.asSigned()),
        exponents: Array.from({ length: lanes }, (_, i) => ({
          key: exponentsRead.bits(16 * i + 7, 16 * i).asSigned(),
          value: exponentsRead.bits(16 * i + 15, 16 * i + 8).asSigned(),
        })),
        angles: Array.from({ length: lanes }, (_, i) =>
          lanes === 1
            ? anglesRead.asSigned()
            : mux(
                sine,
                anglesRead.bits(32 * i + 31, 32 * i + 16),
                anglesRead.bits(32 * i + 15, 32 * i),
              ).asSigned(),
        ),
        descriptor: { exponent: described.exponent.asSigned(), peak: described.peak },
      });
      free[VECTOR]?.set(vector.busy.not());
      done[VECTOR]?.set(vector.done);

      // A row of the embedding.
      const embeds = tables.arrival.into.eq(INTO.words);
      const embedding = instance("embedding", embeddingWriter(channels[tablesChannel] ?? missing()), {
        start: startOf(CHANNELS + tablesChannel),
        arrival: { ...tables.arrival, valid: tables.arrival.valid.and(embeds) },
        // Rows of one-byte words end with their exponent: nobody needs to know how long they are.
        size: resized(tables.command.x, channels[tablesChannel]?.operandBits ?? 1),
      });

      // Memories.
      const placeBits = wordsShape(lanes, words).place.width;
      const memory = instance("words", wordMemory(lanes, words), {
        read_address: vector.word_address,
        from_vector: {
          valid: vector.word_writes,
          place: vector.word_place,
          values: vector.words_written,
        },
        from_matrix: matrix.words,
        from_embedding: {
          valid: Array.from({ length: lanes }, (_, i) => embedding.words[i]?.valid ?? 0),
          place: resized(embedding.place, placeBits),
          values: Array.from({ length: lanes }, (_, i) => embedding.words[i]?.value.extend(32) ?? 0),
        },
      });
      for (const [i, word] of wordsRead.entries()) word.set(memory.words[i]?.asUnsigned() ?? 0);
      const codesMemory = codeMemory(memoryOfCodes);
      const storedGroup = codesMemory.ports.inputs.stored_group;
      const codes = instance("codes", codesMemory, {
        valid: vector.code_writes,
        place: resized(vector.code_place, bitsFor(codeBytes - 1)),
        values: vector.codes_written,
        matrix_reads: matrix.code_read,
        matrix_group: matrix.code_group,
        stored_group: resized(cache.code_group, storedGroup.width),
      });
      for (const [i, { code }] of matrixCodes.entries()) code.set(codes.matrix_codes[i]?.asUnsigned() ?? 0);
      for (const [i, { code }] of codesStored.entries()) code.set(codes.stored_codes[i]?.asUnsigned() ?? 0);
      const exponentMemory = byteMemory({
        name: "exponent_memory",
        bytes: exponentBytes,
        writeBytes: channels[keyValueChannel]?.wordBytes ?? 1,
        readBytes: 2 * lanes,
      });
      const exponentPlace = exponentMemory.ports.inputs.place.width;
      const exponents = instance("exponents", exponentMemory, {
        write: cache.arrival.valid.and(cache.arrival.into.eq(INTO.codes)),
        place: resized(cache.arrival.place, exponentPlace),
        data: cache.arrival.word,
        read_address: resized(vector.exponent_address, exponentPlace),
      });
      exponentsRead.set(exponents.read);
      const angleMemory = byteMemory({
        name: "angle_memory",
        bytes: 2 * sizes.mostAngles,
        writeBytes: channels[tablesChannel]?.wordBytes ?? 1,
        // A cosine and a sine for each lane; one of them, where there is one lane.
        readBytes: lanes === 1 ? 2 : 4 * lanes,
      });
      const anglePlace = angleMemory.ports.inputs.place.width;
      const angles = instance("angles", angleMemory, {
        write: tables.arrival.valid.and(tables.arrival.into.eq(INTO.angles)),
        place: resized(tables.arrival.place, anglePlace),
        data: tables.arrival.word,
        read_address: resized(
          lanes === 1
            ? concat(vector.angle_index, vector.angle_sine, unsignedConstant(0, 1))
            : vector.angle_index.shl(Math.log2(4 * lanes)),
          anglePlace,
        ),
      });
      anglesRead.set(angles.read);
      sine.set(register("sine_read", bit, { next: vector.angle_sine }));

      // Descriptors.
      const descriptors = instance("descriptors", descriptorFile(machine.matrix.maxTokens === 1), {
        address: vector.descriptor_address,
        source_address: matrix.source,
        // A pass may be done in the cycle after.
        source_needed: matrix.words.valid.reduce((some, one) => some.or(one)),
        stored_address: cache.descriptor,
        from_vector: {
          valid: vector.descriptor_writes,
          number: vector.descriptor_place,
          value: vector.descriptor_written,
        },
        from_matrix: matrix.describing,
        from_embedding: {
          valid: embedding.described,
          number: resized(commandOf(CHANNELS + tablesChannel).d, 8),
          value: { exponent: embedding.exponent.extend(16), peak: embedding.peak.extend(32) },
        },
      });
      described.exponent.set(descriptors.read.exponent.asUnsigned());
      described.peak.set(descriptors.read.peak);
      sourceExponent.set(descriptors.source_exponent.asUnsigned());
      exponentGiven.set(descriptors.stored_given);
      exponentStored.set(descriptors.stored_exponent.asUnsigned());

      // For the host.
      const counters = instance("counters", activityCounters(counted.length), {
        begin: io.begin,
        running: order.running,
        active: [matrix.busy, vector.busy, ...ports.map(({ request }) => request.valid)],
        address: resized(io.counter, bitsFor(counted.length)),
      });
      io.count.set(counters.count);
      io.counted.set(counters.counted);
      io.running.set(order.running);
      io.finished.set(order.finished);
      io.picked.set(vector.token_picked);
      io.picked_token.set(resized(vector.token, limits.tokenBits));
      io.layer.set(order.layer);
      for (const [i, start] of io.starts.entries()) start.set(startOf(i));
      for (const [i, one] of io.dones.entries()) one.set(done[i] ?? 0);
    },
  );
}

type Command = ValueOf<ReturnType<typeof instructionShape>>;

/** The fields of an instruction in the widths that a unit wants. */
function fitted<S extends Record<string, { readonly width: number }>>(
  command: Command,
  shape: S,
): { readonly [K in keyof S]: Unsigned } {
  const of = (name: string): Unsigned =>
    Object.entries(command).find(([field]) => field === name)?.[1] ?? missing();
  return Object.fromEntries(
    Object.entries(shape).map(([name, { width }]) => [name, resized(of(name), width)]),
  ) as { readonly [K in keyof S]: Unsigned };
}

function missing(): never {
  throw new RangeError("a part of the decoder is missing");
}
