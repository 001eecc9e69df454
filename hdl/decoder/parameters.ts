import { FIRST_CHANNEL, type Instruction } from "../../src/compile/instruction.ts";
import { alignmentOf, channelHolding, type Machine } from "../../src/compile/machine.ts";
import type { Program } from "../../src/compile/program.ts";
import type { NamedFormat } from "../formats/library.ts";
import { bitsFor } from "../units/bits.ts";
import { type ChannelSizes, channelSizes, type ProgramLimits } from "../units/channel/parameters.ts";
import { channelFields } from "../units/channel/shapes.ts";
import { BLOCK_DOT_BITS, type MatrixParameters, type MultiplierKind } from "../units/matrix/parameters.ts";
import { type FieldBits, type SequencerSizes, sequencerSizes } from "../units/sequencer/parameters.ts";
import { releasesOf, tokenBitsFor } from "../units/sequencer/token-bits.ts";
import type { Source } from "../units/stream-reader.ts";
import type { VectorParameters } from "../units/vector/parameters.ts";

/** What a decoder is built for beyond its machine's description: as much as programs use, and no more. */
export interface DecoderOptions {
  readonly machine: Machine;
  readonly limits: ProgramLimits;
  /** Formats of weights, keys and values. */
  readonly formats: readonly NamedFormat[];
  /** Bits of a row's sum within a scale group. */
  readonly dotBits: number;
  /** Most rows of a matrix, and most columns. */
  readonly mostRows: number;
  readonly mostColumns: number;
  /** Angles of a position: cosines and sines. */
  readonly mostAngles: number;
  /** Bits of a count of tokens on their way from one unit to another. */
  readonly tokenBits: number;
  /** Bits of a descriptor's number. */
  readonly numberBits: number;
  /** For each unit, those that it ever gives tokens to, as a mask. */
  readonly releases: readonly number[];
  readonly multiplier: MultiplierKind;
  /** Tokens can be drawn at a temperature. */
  readonly drawing: boolean;
}

export interface DecoderSizes extends DecoderOptions {
  readonly channels: readonly ChannelSizes[];
  /** Index of the memory that holds weights, tables, keys and values. */
  readonly weightsChannel: number;
  readonly tablesChannel: number;
  readonly keyValueChannel: number;
  readonly matrix: MatrixParameters;
  readonly vector: VectorParameters;
  readonly sequencer: SequencerSizes;
}

export function decoderSizes(options: DecoderOptions): DecoderSizes {
  const { machine, limits, formats, dotBits, mostRows, mostColumns, multiplier, drawing, numberBits } =
    options;
  const { matrix, vector, memories } = machine;
  const channels = memories.map(({ bufferIn }, i) =>
    channelSizes(machine, i, limits, bufferIn === "large" ? "spram" : "block"),
  );
  const wordBits = bitsFor(vector.words - 1);
  const codeBits = bitsFor(vector.codeBytes - 1);
  const sizeBits = bitsFor(Math.max(mostRows, mostColumns, vector.words, vector.codeBytes));
  const matrixFields: FieldBits = {
    ...{ a: 8, b: numberBits, c: Math.max(numberBits, bitsFor(matrix.tileBlocks)), d: 8 },
    w: sizeBits,
    x: sizeBits,
    y: codeBits,
    z: wordBits,
  };
  // Addresses are those of words, codes and exponents; y can be two mantissas.
  const pointerBits = bitsFor(Math.max(vector.words, vector.codeBytes, vector.exponentBytes) - 1);
  const vectorFields: FieldBits = {
    ...{ a: 8, b: numberBits, c: 8, d: numberBits, w: bitsFor(vector.words) },
    ...{ x: pointerBits, y: 32, z: pointerBits },
  };
  // Descriptors' numbers; for keys that are stored, b is a number of row blocks.
  const narrowed = (fields: FieldBits): FieldBits => ({
    ...fields,
    ...(fields.b === undefined ? {} : { b: Math.max(numberBits, bitsFor(matrix.tileBlocks)) }),
    ...(fields.c === undefined ? {} : { c: numberBits }),
    ...(fields.d === undefined ? {} : { d: numberBits }),
  });
  const weightsChannel = channelHolding(machine, "weights");
  const keyValueChannel = channelHolding(machine, "keysAndValues");
  return {
    ...options,
    channels,
    weightsChannel,
    keyValueChannel,
    tablesChannel: channelHolding(machine, "tables"),
    matrix: {
      lanes: matrix.lanes,
      rowsPerBeat: matrix.rowsPerBeat,
      tileBlocks: matrix.tileBlocks,
      maxTokens: matrix.maxTokens,
      outputLanes: vector.lanes,
      sources:
        weightsChannel === keyValueChannel
          ? [sourceOf(machine, weightsChannel)]
          : [
              { ...sourceOf(machine, weightsChannel), carries: "weights" },
              { ...sourceOf(machine, keyValueChannel), carries: "keysAndValues" },
            ],
      accumulatorBits: matrix.accumulatorBits,
      dotBits,
      latencyCycles: matrix.latencyCycles,
      rowBits: bitsFor(Math.max(mostRows, 16 * matrix.tileBlocks)),
      columnBits: bitsFor(Math.ceil(mostColumns / 16)),
      formats,
      multiplier,
    },
    vector: {
      lanes: vector.lanes,
      latencyCycles: vector.latencyCycles,
      words: vector.words,
      codeBytes: Math.max(vector.codeBytes, vector.exponentBytes),
      multiplier,
      drawing,
    },
    sequencer: sequencerSizes(machine, {
      programMemory: machine.sequencer.programIn === "large" ? "spram" : "block",
      layerBits: limits.layerBits,
      tokenBits: options.tokenBits,
      releases: options.releases,
      fields: [matrixFields, vectorFields, ...channels.map((sizes) => narrowed(channelFields(sizes)))],
    }),
  };
}

function sourceOf({ memories }: Machine, index: number): Source {
  const memory = memories[index];
  if (memory === undefined) throw new RangeError(`the machine has no memory ${index}`);
  return { wordBytes: memory.wordBytes, alignment: alignmentOf(memory) };
}

/** What a program asks of a decoder. */
export function optionsFor(
  program: Program,
  formats: readonly NamedFormat[],
  multiplier: MultiplierKind,
): DecoderOptions {
  const { machine, plan, context } = program;
  const { shape } = plan;
  const { layers, vocabSize } = shape;
  const rows = program.instructions.filter(isMatrix).map(({ w }) => w);
  const columns = program.instructions.filter(isMatrix).map(({ x }) => x);
  const sizes = program.instructions
    .filter(({ unit, operation }) => unit >= FIRST_CHANNEL && operation !== "LD.WEIGHTS")
    .map(({ x }) => x);
  const largest = Math.max(
    ...[plan.head, ...plan.layers.flatMap((layer) => Object.values(layer))].map(
      ({ groupSize, cols, bits }) =>
        Math.min(groupSize, Math.ceil(cols / 16) * 16) * 2 ** (bits - 1) * 2 ** 7,
    ),
  );
  return {
    machine,
    formats,
    limits: {
      streamBits: bitsFor(
        Math.max(
          1,
          ...program.instructions.filter(({ operation }) => operation === "LD.WEIGHTS").map(({ x }) => x),
        ),
      ),
      tokenBits: bitsFor(vocabSize - 1),
      positionBits: Math.max(5, bitsFor(context)),
      layerBits: bitsFor(layers),
      sizeBits: Math.max(bitsFor(Math.max(16, ...sizes)), bitsFor(shape.hiddenSize + 1)),
      kvBits: [plan.kvBits],
    },
    dotBits: Math.max(BLOCK_DOT_BITS, 1 + bitsFor(largest)),
    mostRows: Math.max(context, ...rows),
    mostColumns: Math.max(context, ...columns),
    mostAngles: shape.headDim,
    numberBits: bitsFor(
      Math.max(
        ...program.accesses
          .flatMap(({ reads, writes }) => [...reads, ...writes])
          .map(({ space, to }) => (space === "descriptors" ? to - 1 : 1)),
      ),
    ),
    tokenBits: tokenBitsFor(program.instructions, machine.sequencer.queueDepth),
    releases: releasesOf(program.instructions, 2 + machine.memories.length),
    multiplier,
    drawing: true,
  };
}

const isMatrix = ({ operation }: Instruction): boolean =>
  operation.startsWith("M") && !operation.startsWith("MISC");
