import type { Machine } from "../../../src/compile/machine.ts";
import { HardwareError } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { type Pieces, piecesFor } from "../sequencer/parameters.ts";
import { SPRAM_BUFFER_CYCLES } from "./spram-buffer.ts";
import { BLOCK_BUFFER_CYCLES } from "./word-buffer.ts";

/** How far the numbers go that programs use on a machine; the fewer, the smaller the circuit. */
export interface ProgramLimits {
  /** Bits of a token's number, of a position and of a layer. */
  readonly tokenBits: number;
  readonly positionBits: number;
  readonly layerBits: number;
  /** Bits of the sizes of rows, in bytes or codes, and of tiles of keys and values, in units of 16 bytes. */
  readonly sizeBits: number;
  /** Bits of the sizes of streams of weights, in units of 16 bytes; as many as the memory's, if not given. */
  readonly streamBits?: number;
  /** Bits of keys' and values' codes that programs ask for. */
  readonly kvBits: readonly (4 | 8)[];
}

export const WIDEST: ProgramLimits = {
  tokenBits: 17,
  positionBits: 16,
  layerBits: 8,
  sizeBits: 20,
  kvBits: [4, 8],
};

/** What a buffer is made of: block RAM, or an SB_SPRAM256KA of the iCE40 UltraPlus. */
export type BufferMemory = "block" | "spram";

/** What a channel is built for; numbers mean what they mean in a machine's description. */
export interface ChannelSizes extends ProgramLimits, Pieces {
  readonly name: string;
  readonly wordBytes: number;
  readonly cyclesPerWord: number;
  readonly latencyCycles: number;
  readonly commandCycles: number;
  readonly bufferWords: number;
  readonly bufferMemory: BufferMemory;
  /** Cycles from a request until the memory's answer: what is left of a word's time in the buffer. */
  readonly answerCycles: number;
  readonly refresh: { readonly intervalCycles: number; readonly cycles: number } | null;
  readonly writeBits: number | null;
  /** What it loads or stores. */
  readonly weights: boolean;
  readonly tables: boolean;
  readonly keysAndValues: boolean;
  /** Row blocks of keys lie side by side. */
  readonly tiled: boolean;
  readonly vectorLanes: number;
  /** Bits of a byte's address, of a word's, and of an address in units of 16 bytes. */
  readonly byteBits: number;
  readonly addressBits: number;
  readonly unitBits: number;
  /** Bits of the operand x: of a size, or, of a stream of weights, of the memory's. */
  readonly operandBits: number;
  /** Bits of an address in the vector unit's memories. */
  readonly placeBits: number;
  /**
   * Whether the size x, and the place z, have to be kept while an instruction is worked off: stores and tiles go on asking for
   * them. Otherwise they only go into counters.
   */
  readonly keepsSize: boolean;
  readonly keepsPlace: boolean;
  /** Codes that stores read at a time: as many of keys as a word holds. */
  readonly storedCodes: number;
}

/** Bytes in which sizes of streams are counted. */
export const UNIT_BYTES = 16;

/** Cycles in which a memory answers at least. */
const LEAST_ANSWER_CYCLES = 1;

/** Cycles that a word takes to the buffer and through it, less than which no circuit does. */
export const LEAST_CYCLES = LEAST_ANSWER_CYCLES + BLOCK_BUFFER_CYCLES;

/** @throws HardwareError where such a channel cannot be built */
export function channelSizes(
  machine: Machine,
  index: number,
  limits: ProgramLimits = WIDEST,
  bufferMemory: BufferMemory = "block",
): ChannelSizes {
  const memory = machine.memories[index];
  if (memory === undefined)
    throw new HardwareError(
      `machine ${machine.name} has no memory ${index}; it has ${machine.memories.length}`,
    );
  const { name, wordBytes, cyclesPerWord, latencyCycles } = memory;
  const bufferCycles = bufferMemory === "block" ? BLOCK_BUFFER_CYCLES : SPRAM_BUFFER_CYCLES;
  const answerCycles = cyclesPerWord + latencyCycles - bufferCycles;
  if (answerCycles < LEAST_ANSWER_CYCLES)
    throw new HardwareError(
      `${name} gives words after ${cyclesPerWord + latencyCycles} cycles (cyclesPerWord and latencyCycles); a channel takes ${LEAST_ANSWER_CYCLES + bufferCycles}`,
    );
  const keysAndValues = memory.holds.includes("keysAndValues");
  if (bufferMemory === "spram" && keysAndValues)
    throw new HardwareError(
      `${name} holds keys and values; a buffer in SPRAM is built for what is only read`,
    );
  // A stretch of keys or values begins with a word of its own.
  if (wordBytes > 128)
    throw new HardwareError(`${name} has words of ${wordBytes} bytes; a channel is built for 128 at most`);
  const byteBits = Math.max(bitsFor(memory.bytes - 1), 5);
  return {
    ...limits,
    ...piecesFor(machine),
    name,
    wordBytes,
    cyclesPerWord,
    latencyCycles,
    commandCycles: memory.commandCycles,
    bufferWords: memory.bufferWords,
    bufferMemory,
    answerCycles,
    refresh: memory.refresh,
    writeBits: memory.writeBits,
    weights: memory.holds.includes("weights"),
    tables: memory.holds.includes("tables"),
    keysAndValues,
    tiled: machine.matrix.tileBlocks > 1,
    vectorLanes: machine.vector.lanes,
    byteBits,
    addressBits: byteBits - Math.log2(wordBytes),
    unitBits: byteBits - 4,
    operandBits: memory.holds.includes("weights")
      ? Math.max(Math.min(byteBits - 3, limits.streamBits ?? byteBits), limits.sizeBits)
      : limits.sizeBits,
    placeBits: bitsFor(Math.max(machine.vector.words, machine.vector.codeBytes) - 1),
    keepsSize: keysAndValues || (memory.holds.includes("tables") && wordBytes > 1) || wordBytes > UNIT_BYTES,
    keepsPlace: keysAndValues,
    storedCodes: Math.min(16, (8 * wordBytes) / Math.min(...limits.kvBits)),
  };
}
