import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../../models/formats/stream.ts";
import { packetBytes } from "../../formats/format.ts";
import type { NamedFormat } from "../../formats/library.ts";
import type { Source } from "../stream-reader.ts";
import { type BeatMode, beatsOf, laneColumns, PACKET } from "./beat.ts";

/** How products are made: in logic, or two in an SB_MAC16 of an iCE40 UltraPlus. */
export type MultiplierKind = "soft" | "mac16";

/** A channel of which streams are read. */
export interface MatrixSource extends Source {
  /** Streams of weights, of keys and values, or both if not given. */
  readonly carries?: "weights" | "keysAndValues";
}

/** What a matrix unit is built for; numbers mean what they mean in a machine's description. */
export interface MatrixParameters {
  readonly lanes: number;
  readonly rowsPerBeat: number;
  readonly tileBlocks: number;
  readonly maxTokens: number;
  /** Words that can be written together: lanes of the vector unit. */
  readonly outputLanes: number;
  /** Where streams come from: one of weights, and another one of keys and values if that is another memory. */
  readonly sources: readonly MatrixSource[];
  readonly accumulatorBits: number;
  /** Bits of a row's sum within a scale group; keys and values need those of a block (`BLOCK_DOT_BITS`). */
  readonly dotBits: number;
  readonly latencyCycles: number;
  /** Bits of a number of rows, and of a number of column blocks. */
  readonly rowBits: number;
  readonly columnBits: number;
  /** Formats that its dequantizer reads. */
  readonly formats: readonly NamedFormat[];
  readonly multiplier: MultiplierKind;
}

/** Bits of a sum of products of int8 activations with codes: each is 2^(bits + 6) at most, which needs a bit more and a sign. */
export const dotBitsFor = (products: number, codeBits: number): number =>
  Math.ceil(Math.log2(products)) + codeBits + 8;

/** Bits of a block's part of a row of keys or values: 16 products of int8 numbers. */
export const BLOCK_DOT_BITS = dotBitsFor(BLOCK, 8);

/** Cycles from a beat to its rows' words, as the pipeline is built. */
export const LEAST_LATENCY = 10;

/** Sizes that follow from the parameters. */
export interface MatrixSizes extends MatrixParameters {
  readonly modes: readonly BeatMode[];
  /** Activations that are read for a beat. */
  readonly window: number;
  /** Which of them each lane can be asked to pick, by number. */
  readonly laneColumns: readonly (readonly number[])[];
  /** Packets, and weights, that are taken together. */
  readonly packets: number;
  readonly slots: number;
  /** Bytes that can stand before the first packet of a group, and from it on. */
  readonly prefixBytes: number;
  readonly bodyBytes: number;
  /** Rows that a cycle works on at most. */
  readonly beatRows: number;
  /** Bits of a row's sum of one beat. */
  readonly sumBits: number;
  /** Scale bytes at hand at most. */
  readonly scales: number;
  readonly tileRows: number;
  /** Memories that the rows of a tile are spread over. */
  readonly banks: number;
  /** A part of a row that is added to what stands in memory: what a group holds of it, or all of it. */
  readonly segment: "row" | "row of a group";
  /** Cycles after which the same row is added to again at the earliest: parts within a scale group, and scaled sums. */
  readonly groupDistance: number;
  readonly sumDistance: number;
  /** Largest number of places by which sums can have to be shifted. */
  readonly mostPlaces: number;
}

/** @throws RangeError where such a unit cannot be built */
export function matrixSizes(parameters: MatrixParameters): MatrixSizes {
  const { lanes, tileBlocks, outputLanes, sources, formats, accumulatorBits, maxTokens } = parameters;
  check(parameters);
  const beats = beatsOf(formats, parameters);
  const { modes, window } = beats;
  const packets = Math.max(1, lanes / PACKET);
  const beatRows = Math.max(...modes.map(({ rows }) => rows));
  const tileRows = tileBlocks * BLOCK;
  const prefixBytes = Math.max(...formats.map((format) => prefixOf(format)));
  const sumDistance = Math.min(
    ...modes.map(({ rows, beatsPerRow }) => (BLOCK / Math.min(BLOCK, rows)) * beatsPerRow),
  );
  const splitRows = modes.filter(({ kept }) => kept > packets * PACKET);
  const groupDistance =
    maxTokens === 1
      ? sumDistance
      : Math.min(sumDistance, ...splitRows.map(({ weights }) => (packets * PACKET) / weights));
  return {
    ...parameters,
    sources,
    modes,
    window,
    laneColumns: laneColumns(beats, formats, lanes),
    packets,
    slots: packets * PACKET,
    prefixBytes,
    bodyBytes: Math.max(HEADER_BYTES, ...formats.map((format) => bodyOf(format, packets))),
    beatRows,
    // 16 bits a product, and one more for each level of the tree.
    sumBits: 16 + Math.log2(Math.max(1, ...modes.map(({ kept, weights }) => Math.min(kept, weights)))),
    scales: Math.max(
      ...formats.map((format) => (format.pattern.counted ? BLOCK : scalesOfGroup(format, packets))),
    ),
    tileRows,
    banks: Math.min(tileRows, Math.max(beatRows, outputLanes)),
    segment: maxTokens === 1 ? "row" : "row of a group",
    groupDistance,
    sumDistance,
    mostPlaces: Math.max(0, accumulatorBits - 31),
  };
}

function check({
  lanes,
  rowsPerBeat,
  tileBlocks,
  outputLanes,
  sources,
  formats,
  latencyCycles,
}: MatrixParameters): void {
  for (const [name, value] of Object.entries({ lanes, rowsPerBeat, tileBlocks, outputLanes }))
    if (!Number.isInteger(Math.log2(value)))
      throw new RangeError(`${name} is ${value}; a matrix unit needs a power of two`);
  for (const { wordBytes, alignment } of sources)
    if (!Number.isInteger(Math.log2(wordBytes)) || !Number.isInteger(Math.log2(alignment)))
      throw new RangeError(
        `a source has words of ${wordBytes} bytes, aligned to ${alignment}; a matrix unit needs powers of two`,
      );
  if (sources.length === 0) throw new RangeError("a matrix unit reads one source at least");
  if (formats.length === 0) throw new RangeError("a matrix unit reads one format at least");
  if (latencyCycles < LEAST_LATENCY)
    throw new RangeError(
      `latencyCycles is ${latencyCycles}; a matrix unit's pipeline takes ${LEAST_LATENCY}`,
    );
}

/** Rows that begin in `packets` packets, one of them at least: each brings a scale byte where a group ends. */
export function scalesOfGroup({ pattern }: NamedFormat, packets: number): number {
  return Math.max(1, (PACKET * packets) / Math.max(...pattern.kept));
}

/** Bytes that can stand before a format's first packet: scales, or a count and scales. */
export const prefixOf = (format: NamedFormat): number =>
  format.pattern.counted ? 1 + BLOCK : scalesOfGroup(format, 1);

/** Bytes from the first packet on, with the scales between packets. */
function bodyOf(format: NamedFormat, packets: number): number {
  const bytes = packets * packetBytes(format);
  return format.pattern.counted ? bytes : bytes + scalesOfGroup(format, packets) - scalesOfGroup(format, 1);
}

/** The formats of keys and values: dense codes without scales. */
export const isCacheFormat = ({ bits, pattern }: NamedFormat): boolean =>
  pattern.name === "dense" && (bits === 4 || bits === 8);
