import { PACKET, signed, unpack } from "../../models/formats/packet.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { UNIT } from "../../src/compile/emit.ts";
import type { Instruction } from "../../src/compile/instruction.ts";
import type { Chip, Registers } from "../chip.ts";
import type { MemoryImage } from "./memory-image.ts";

type Bits = 4 | 8;

const blockBytes = (bits: Bits): number => (BLOCK * BLOCK * bits) / 8;

/** Address of a stretch of the current layer. */
export function layerAddress({ w, y }: Instruction, { layer }: Registers): number {
  return UNIT * (w + layer * y);
}

/** Tiles, or blocks, of `z` tokens each that the tokens up to the position fill. */
export function stretches({ z }: Instruction, { position }: Registers): number {
  return Math.floor(position / z) + 1;
}

/** ST.KEY: a row of a block for each 16 elements. */
export function storeKey(
  instruction: Instruction,
  chip: Chip,
  registers: Registers,
  memory: MemoryImage,
): void {
  const { x: headDim, z: from, b: tileBlocks } = instruction;
  const bits = instruction.a as Bits;
  const block = Math.floor(registers.position / BLOCK);
  const dimBlocks = Math.ceil(headDim / BLOCK);
  const tile = Math.floor(block / tileBlocks) * tileBlocks * dimBlocks;
  for (let i = 0; i < headDim; i++) {
    const at = tile + Math.floor(i / BLOCK) * tileBlocks + (block % tileBlocks);
    const address = layerAddress(instruction, registers) + at * blockBytes(bits);
    writeCode(
      memory,
      address,
      (registers.position % BLOCK) * BLOCK + (i % BLOCK),
      bits,
      chip.codes[from + i]!,
    );
  }
}

/** ST.VALUE: a column of the blocks of one tile; values are stored transposed. */
export function storeValue(
  instruction: Instruction,
  chip: Chip,
  registers: Registers,
  memory: MemoryImage,
): void {
  const { x: count, z: from, b: tileBlocks } = instruction;
  const bits = instruction.a as Bits;
  const column = Math.floor(registers.position / BLOCK) * tileBlocks;
  for (let i = 0; i < count; i++) {
    const address =
      layerAddress(instruction, registers) + (column + Math.floor(i / BLOCK)) * blockBytes(bits);
    writeCode(
      memory,
      address,
      (i % BLOCK) * BLOCK + (registers.position % BLOCK),
      bits,
      chip.codes[from + i]!,
    );
  }
}

/** ST.EXPONENTS: two bytes, the key's and the value's. */
export function storeExponents(
  instruction: Instruction,
  chip: Chip,
  registers: Registers,
  memory: MemoryImage,
): void {
  const address = layerAddress(instruction, registers) + 2 * registers.position;
  memory.write(address, 0, 8, chip.descriptors[instruction.b]!.exponent);
  memory.write(address + 1, 0, 8, chip.descriptors[instruction.c]!.exponent);
}

function writeCode(memory: MemoryImage, block: number, index: number, bits: Bits, code: number): void {
  if (bits === 8) memory.write(block + index, 0, 8, code);
  else memory.write(block + (index >> 1), (index & 1) as 0 | 1, 4, code);
}

/** Codes of a block of 16 × 16, row-major. */
function readBlock(
  bytes: Uint8Array,
  at: number,
  bits: Bits,
  into: Int8Array,
  row: number,
  col: number,
  cols: number,
): void {
  for (let i = 0; i < BLOCK * BLOCK; i++) {
    const packet = at + Math.floor(i / PACKET) * bits;
    into[(row + Math.floor(i / BLOCK)) * cols + col + (i % BLOCK)] = signed(
      unpack(bytes, packet, i % PACKET, bits),
      bits,
    );
  }
}

/**
 * The codes of a streamed matrix of keys or values: tiles of row blocks, column block by column block.
 * @param tiles bytes of each tile
 * @returns [16 · row blocks × cols]
 */
export function readTiles(
  tiles: readonly Uint8Array[],
  tileBlocks: number,
  cols: number,
  bits: Bits,
): Int8Array {
  const blocksOfTile = tiles.map((tile) => Math.floor(tile.length / blockBytes(bits) / (cols / BLOCK)));
  const rows = blocksOfTile.reduce((sum, blocks) => sum + Math.min(blocks, tileBlocks) * BLOCK, 0);
  const codes = new Int8Array(rows * cols);
  let row = 0;
  for (const [index, tile] of tiles.entries()) {
    const blocks = Math.min(blocksOfTile[index]!, tileBlocks);
    let at = 0;
    for (let col = 0; col < cols; col += BLOCK) {
      for (let block = 0; block < blocks; block++, at += blockBytes(bits)) {
        readBlock(tile, at, bits, codes, row + block * BLOCK, col, cols);
      }
    }
    row += blocks * BLOCK;
  }
  return codes;
}
