import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../../models/formats/stream.ts";
import { packetBytes } from "../../formats/format.ts";
import type { NamedFormat } from "../../formats/library.ts";
import type { Source } from "../stream-reader.ts";
import { type BeatMode, beatModes } from "./beat.ts";

/** Kept weights of a packet. */
export const PACKET = 8;

/** How products are made: in logic, or two in an SB_MAC16 of an iCE40 UltraPlus. */
export type MultiplierKind = "soft" | "mac16";

/** What a matrix unit is built for; numbers mean what they mean in a machine's description. */
export interface MatrixParameters {
  readonly lanes: number;
  readonly rowsPerBeat: number;
  readonly tileBlocks: number;
  /** Words that can be written in a cycle: lanes of the vector unit. */
  readonly outputLanes: number;
  /** Where streams come from: one of weights, and another one of keys and values if that is another memory. */
  readonly sources: readonly Source[];
  readonly accumulatorBits: number;
  /** Bits of a row's sum within a scale group. */
  readonly dotBits: number;
  readonly latencyCycles: number;
  /** Bits of a number of rows, and of a number of column blocks. */
  readonly rowBits: number;
  readonly columnBits: number;
  /** Formats that its dequantizer reads. */
  readonly formats: readonly NamedFormat[];
  readonly multiplier: MultiplierKind;
}

/** Cycles from a beat to its rows' words, as the pipeline is built. */
export const LEAST_LATENCY = 6;

/** Sizes that follow from the parameters. */
export interface MatrixSizes extends MatrixParameters {
  readonly modes: readonly BeatMode[];
  /** Packets, and weights, that are taken together. */
  readonly packets: number;
  readonly slots: number;
  /** Bytes that are taken together at most. */
  readonly groupBytes: number;
  /** Rows that a cycle works on at most. */
  readonly beatRows: number;
  /** Bits of a row's sum of one beat. */
  readonly sumBits: number;
  /** Scale bytes at hand at most. */
  readonly scales: number;
  readonly tileRows: number;
  /** Memories that the rows of a tile are spread over. */
  readonly banks: number;
}

/** @throws RangeError where such a unit cannot be built */
export function matrixSizes(parameters: MatrixParameters): MatrixSizes {
  const { lanes, rowsPerBeat, tileBlocks, outputLanes, sources, formats, latencyCycles } = parameters;
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
  const modes = beatModes(formats, parameters);
  const packets = Math.max(1, lanes / PACKET);
  const beatRows = Math.max(...modes.map(({ rows }) => rows));
  const tileRows = tileBlocks * BLOCK;
  return {
    ...parameters,
    modes,
    packets,
    slots: packets * PACKET,
    groupBytes: Math.max(HEADER_BYTES, ...formats.map((format) => mostBytes(format, packets))),
    beatRows,
    // 16 bits a product, and one more for each level of the tree.
    sumBits: 16 + Math.log2(Math.max(1, ...modes.map(({ kept, weights }) => Math.min(kept, weights)))),
    scales: Math.max(
      ...formats.map((format) => (format.pattern.counted ? BLOCK : scalesOfGroup(format, packets))),
    ),
    tileRows,
    banks: Math.min(tileRows, Math.max(beatRows, outputLanes)),
  };
}

/** Rows that begin in `packets` packets, one of them at least: each brings a scale byte where a group ends. */
export function scalesOfGroup({ pattern }: NamedFormat, packets: number): number {
  return Math.max(1, (PACKET * packets) / Math.max(...pattern.kept));
}

function mostBytes(format: NamedFormat, packets: number): number {
  const bytes = packets * packetBytes(format);
  return format.pattern.counted ? Math.max(bytes, 1 + BLOCK) : bytes + scalesOfGroup(format, packets);
}
