import { wrap } from "../builder/type.ts";
import type { Area, Cell, CellBytes, Layout } from "./lower/layout.ts";
import type { Numbers } from "./play.ts";

const PAGE_BYTES = 65_536;

/** Where a value lies: a cell, or a word of an area. */
export type Place = Pick<Cell, "address" | "bytes" | "type">;

/** The memory that compiled code works on, as JavaScript sees it. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  u8 = new Uint8Array();
  i8 = new Int8Array();
  u16 = new Uint16Array();
  i16 = new Int16Array();
  u32 = new Uint32Array();
  i32 = new Int32Array();
  u64 = new BigUint64Array();
  i64 = new BigInt64Array();
  private readonly layout: Layout;

  constructor(layout: Layout) {
    this.layout = layout;
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.look();
    this.fit();
  }

  get pages(): number {
    return this.u8.length / PAGE_BYTES;
  }

  /** Makes room for all that the layout has by now, and fills in its tables. */
  fit(): void {
    const missing = Math.ceil(this.layout.bytes / PAGE_BYTES) - this.pages;
    if (missing > 0) {
      this.memory.grow(missing);
      this.look();
    }
    for (const { area, words } of this.layout.takeTables())
      for (const [i, word] of words.entries()) this.write(wordOf(area, i), word);
  }

  read({ address, bytes, type }: Place): bigint {
    if (bytes === 8) return type.signed ? this.i64[address >> 3]! : this.u64[address >> 3]!;
    return BigInt(this.readNumber({ address, bytes, type }));
  }

  /** @param value taken modulo the type's range */
  write(place: Place, value: bigint): void {
    const integer = wrap(value, place.type);
    if (place.bytes === 8) this.i64[place.address >> 3] = integer;
    else this.writeNumber(place, Number(integer));
  }

  /** Exact for types of up to 53 bits. */
  readNumber({ address, bytes, type }: Place): number {
    if (bytes === 1) return type.signed ? this.i8[address]! : this.u8[address]!;
    if (bytes === 2) return type.signed ? this.i16[address >> 1]! : this.u16[address >> 1]!;
    if (bytes === 4) return type.signed ? this.i32[address >> 2]! : this.u32[address >> 2]!;
    const high = (address >> 2) + 1;
    return (type.signed ? this.i32[high]! : this.u32[high]!) * 2 ** 32 + this.u32[address >> 2]!;
  }

  /** @param value a whole number within the type's range and within 53 bits */
  writeNumber(
    { address, bytes }: { readonly address: number; readonly bytes: CellBytes },
    value: number,
  ): void {
    if (bytes === 1) this.u8[address] = value;
    else if (bytes === 2) this.u16[address >> 1] = value;
    else if (bytes === 4) this.u32[address >> 2] = value;
    else {
      this.u32[address >> 2] = value % 2 ** 32;
      this.i32[(address >> 2) + 1] = Math.floor(value / 2 ** 32);
    }
  }

  /** The words of a row of at most 32 bits each. */
  wordsOf({ address, bytes, type, cells }: Area): Exclude<Numbers, Float64Array> {
    const { buffer } = this.memory;
    if (bytes === 1)
      return type.signed ? new Int8Array(buffer, address, cells) : new Uint8Array(buffer, address, cells);
    if (bytes === 2)
      return type.signed ? new Int16Array(buffer, address, cells) : new Uint16Array(buffer, address, cells);
    return type.signed ? new Int32Array(buffer, address, cells) : new Uint32Array(buffer, address, cells);
  }

  private look(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }
}

export const wordOf = ({ address, bytes, stride, type }: Area, word: number): Place => ({
  address: address + word * stride,
  bytes,
  type,
});
