import { PACKET, pack, signed, unpack } from "./packet.ts";
import {
  BLOCK,
  type Pattern,
  type QuantizedMatrix,
  WEIGHT_BITS,
  type WeightBits,
} from "./quantized-matrix.ts";
import { type KeptColumns, type SparsityFormat, sparsityFormat } from "./sparsity.ts";

/**
 * A matrix as the bytes that a machine streams, in the order in which it uses them (`docs/numerics.md`, "Streams"):
 *
 *     header · for each tile of row blocks · for each column block · for each row block of the tile: block
 *     block  = [kept count] · packets of 8 kept weights, row after row
 *     packet = index bits of 8 weights · code bits of 8 weights
 *
 * In the last column block of each scale group the scale byte of a row stands before the packet in which the row
 * begins; where a block has a count of its own, all 16 scale bytes stand behind the count.
 */
export interface StreamHeader {
  readonly bits: WeightBits;
  readonly pattern: Pattern;
  readonly groupSize: number;
  readonly exponent: number;
  /** Places by which a row's sum is shifted right to become a word. */
  readonly places: number;
}

export const HEADER_BYTES = 4;

/** Patterns by the number that says them in a header. */
const PATTERNS: readonly Pattern[] = [
  { kind: "dense" },
  { kind: "n:16", density: 1 },
  ...[2, 4, 8, 16].flatMap((m) =>
    [1, 2, 4, 8].filter((n) => n < m && (BLOCK / m) * n >= 2).map((n): Pattern => ({ kind: "n:m", n, m })),
  ),
];

/** Patterns that a stream can say, for checks at the door. */
export function patternNumber(pattern: Pattern): number {
  return PATTERNS.findIndex(
    (p) =>
      p.kind === pattern.kind &&
      (p.kind !== "n:m" || (pattern.kind === "n:m" && p.n === pattern.n && p.m === pattern.m)),
  );
}

export function encodeHeader(header: StreamHeader): Uint8Array {
  const pattern = patternNumber(header.pattern);
  if (pattern < 0) throw new RangeError("a stream has no number for this pattern");
  if (header.exponent < -128 || header.exponent > 127) throw new RangeError("matrix exponent leaves int8");
  const format = WEIGHT_BITS.indexOf(header.bits) | (pattern << 3);
  return Uint8Array.of(format, header.groupSize / BLOCK, header.exponent & 0xff, header.places);
}

/** @throws RangeError where the bytes are no header */
export function decodeHeader(bytes: Uint8Array): StreamHeader {
  const bits = WEIGHT_BITS[bytes[0]! & 7];
  const pattern = PATTERNS[bytes[0]! >> 3];
  if (bits === undefined || pattern === undefined || bytes[1] === 0)
    throw new RangeError("not a matrix header");
  return { bits, pattern, groupSize: bytes[1]! * BLOCK, exponent: signed(bytes[2]!, 8), places: bytes[3]! };
}

/** What a walk over a stream visits, in order. `row` and `column` are those of the matrix. */
interface StreamVisitor {
  /** Start of a block; returns the kept weights a row of it has. */
  block(row: number, column: number): number;
  scale(row: number, group: number): void;
  packet(row: number, column: number, firstSlot: number, kept: number): void;
}

/** Walks the blocks, scales and packets of a matrix in stream order. */
function walk(
  rows: number,
  cols: number,
  groupSize: number,
  tileBlocks: number,
  format: SparsityFormat,
  visit: StreamVisitor,
): void {
  for (let tile = 0; tile < rows; tile += tileBlocks * BLOCK) {
    // The last tile holds the row blocks that are left.
    const tileRows = Math.min(tileBlocks, Math.ceil((rows - tile) / BLOCK)) * BLOCK;
    for (let column = 0; column < cols; column += BLOCK) {
      const endsGroup = (column + BLOCK) % groupSize === 0 || column + BLOCK >= cols;
      const group = Math.floor(column / groupSize);
      for (let row = tile; row < tile + tileRows; row += BLOCK) {
        const kept = visit.block(row, column);
        const scalesAhead = format.blockHeaderBytes > 0;
        if (endsGroup && scalesAhead) for (let r = 0; r < BLOCK; r++) visit.scale(row + r, group);
        for (let slot = 0; slot < BLOCK * kept; slot += PACKET) {
          if (endsGroup && !scalesAhead && slot % kept === 0) {
            for (let r = slot / kept; r < Math.max(slot / kept + 1, (slot + PACKET) / kept); r++)
              visit.scale(row + r, group);
          }
          visit.packet(row, column, slot, kept);
        }
      }
    }
  }
}

/**
 * Bytes of the stream of a matrix, header included.
 * @param tileBlocks row blocks that a machine computes side by side
 */
export function encodeMatrix(matrix: QuantizedMatrix, places: number, tileBlocks: number): Uint8Array {
  const { rows, cols, bits, groupSize, codes, scales } = matrix;
  const format = sparsityFormat(matrix.pattern);
  const groups = Math.ceil(cols / groupSize);
  const codeAt = (row: number, col: number): number =>
    row < rows && col < cols ? codes[row * cols + col]! : 0;
  const bytes: number[] = [...encodeHeader({ ...matrix, places })];
  const packet = new Uint8Array(format.indexBits + bits);
  let chosenRow = -1;
  let chosen: KeptColumns = [];
  walk(rows, cols, groupSize, tileBlocks, format, {
    block(row, column) {
      chosenRow = -1;
      const kept = format.keptOf((r, c) => codeAt(row + r, column + c) !== 0);
      if (format.blockHeaderBytes > 0) bytes.push(kept);
      return kept;
    },
    scale(row, group) {
      bytes.push(row < rows ? scales[row * groups + group]! : 0);
    },
    packet(row, column, firstSlot, kept) {
      packet.fill(0);
      for (let i = 0; i < PACKET; i++) {
        const slot = (firstSlot + i) % kept;
        const r = row + Math.floor((firstSlot + i) / kept);
        if (r !== chosenRow) {
          chosenRow = r;
          chosen = format.choose((c) => codeAt(r, column + c) !== 0, kept);
        }
        const c = chosen[slot]!;
        pack(format.indexOf(c, slot), i, format.indexBits, packet, 0);
        pack(codeAt(r, column + c), i, bits, packet, format.indexBits);
      }
      bytes.push(...packet);
    },
  });
  return Uint8Array.from(bytes);
}

/** What a machine computes with, from the bytes that it reads. */
export interface DecodedStream {
  readonly matrix: QuantizedMatrix;
  readonly places: number;
  readonly bytes: number;
  /** Kept weights a row of each block, in stream order; null where all blocks keep equally many. */
  readonly keptOfBlocks: Uint8Array | null;
}

/** The matrix that a stream says. The stream may be longer than the matrix. */
export function decodeMatrix(
  stream: Uint8Array,
  rows: number,
  cols: number,
  tileBlocks: number,
): DecodedStream {
  const header = decodeHeader(stream);
  const { bits, groupSize, pattern, exponent, places } = header;
  const format = sparsityFormat(pattern);
  const groups = Math.ceil(cols / groupSize);
  const codes = new Int8Array(rows * cols);
  const scales = new Uint8Array(rows * groups);
  const keptOfBlocks: number[] = [];
  let at = HEADER_BYTES;
  walk(rows, cols, groupSize, tileBlocks, format, {
    block() {
      const kept = format.blockHeaderBytes > 0 ? stream[at++]! : format.keptOf(() => true);
      keptOfBlocks.push(kept);
      return kept;
    },
    scale(row, group) {
      if (row < rows) scales[row * groups + group] = stream[at]!;
      at++;
    },
    packet(row, column, firstSlot, kept) {
      for (let i = 0; i < PACKET; i++) {
        const slot = firstSlot + i;
        const r = row + Math.floor(slot / kept);
        const c = column + format.columnOf(unpack(stream, at, i, format.indexBits), slot % kept);
        if (r < rows && c < cols)
          codes[r * cols + c] = signed(unpack(stream, at + format.indexBits, i, bits), bits);
      }
      at += format.indexBits + bits;
    },
  });
  return {
    matrix: { rows, cols, bits, groupSize, pattern, codes, scales, exponent },
    places,
    bytes: at,
    keptOfBlocks: format.blockHeaderBytes > 0 ? Uint8Array.from(keptOfBlocks) : null,
  };
}
