import type { Input, Memory, NumberType, ReadPort, Register } from "../../builder/graph.ts";

/** Bytes of linear memory that hold one value: as few as its type needs, extended by its sign. */
export interface Cell {
  readonly name: string;
  readonly type: NumberType;
  readonly address: number;
  readonly bytes: CellBytes;
}

export type CellBytes = 1 | 2 | 4 | 8;

/** Cells at equal distances. */
export interface Area {
  readonly name: string;
  readonly type: NumberType;
  readonly address: number;
  readonly bytes: CellBytes;
  /** From one cell to the next, in bytes. */
  readonly stride: number;
  /** Words that an address may reach. */
  readonly depth: number;
  /** Cells that are there, at least one more than the depth unless no address goes beyond; those beyond stay zero. */
  readonly cells: number;
}

/** Nodes whose value lies in a cell. */
export type Stored = Input | Register | ReadPort;

export const cellBytes = ({ width }: NumberType): CellBytes =>
  width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : 8;

/** A memory is filled up to its address range where that makes it at most so many times larger: then reads need no check. */
const FILL_FACTOR = 2;

/** Where everything lies in linear memory. It grows: code made later takes what it needs behind the rest. */
export class Layout {
  private readonly cells = new Map<Stored, Cell>();
  private readonly areas = new Map<Memory, Area>();
  private readonly tables = new Map<string, Area>();
  private readonly contents: { readonly area: Area; readonly words: readonly bigint[] }[] = [];
  /** First byte that nothing lies in. */
  private end = 16;

  /** Size so far, in bytes. */
  get bytes(): number {
    return this.end;
  }

  cellOf(node: Stored): Cell {
    const cell = this.cells.get(node);
    if (cell === undefined) throw new Error(`${node.kind} ${node.name} has no place in memory`);
    return cell;
  }

  areaOf(memory: Memory): Area {
    const area = this.areas.get(memory);
    if (area === undefined) throw new Error(`memory ${memory.name} has no place in memory`);
    return area;
  }

  /** Gives nodes their cells, side by side if their types need equally many bytes. */
  place(nodes: readonly Stored[]): void {
    this.allocate(0, 16);
    for (const node of nodes) this.cells.set(node, this.cell(node.name, node.type));
  }

  has(place: Stored | Memory): boolean {
    return place.kind === "memory" ? this.areas.has(place) : this.cells.has(place);
  }

  /** Gives memories of one type and depth their places: the first words side by side, then the second ones, and so on. */
  placeMemories(memories: readonly Memory[]): void {
    const [first] = memories;
    if (first === undefined) return;
    const { depth, type } = first;
    const bytes = cellBytes(type);
    const addresses = memories.flatMap(({ reads }) => reads.map(({ address }) => address));
    const reach = Math.max(1, ...addresses.map((address) => 2 ** Math.min(address.type.width, 40)));
    const cells = reach <= FILL_FACTOR * depth ? Math.max(reach, depth) : depth + 1;
    const stride = bytes * memories.length;
    const start = this.allocate(stride * cells, 16);
    for (const [i, memory] of memories.entries())
      this.areas.set(memory, {
        name: memory.name,
        type,
        bytes,
        stride,
        depth,
        cells,
        address: start + i * bytes,
      });
  }

  /** A cell of its own. */
  cell(name: string, type: NumberType): Cell {
    const bytes = cellBytes(type);
    return { name, type, bytes, address: this.allocate(bytes, bytes) };
  }

  /** Cells in a row. */
  row(name: string, type: NumberType, cells: number): Area {
    const bytes = cellBytes(type);
    return {
      name,
      type,
      bytes,
      stride: bytes,
      address: this.allocate(bytes * cells, bytes),
      depth: cells,
      cells,
    };
  }

  /** A table of constants; equal ones share their place. */
  table(type: NumberType, words: readonly bigint[]): Area {
    const key = `${type.width} ${type.signed} ${words.join()}`;
    const known = this.tables.get(key);
    if (known !== undefined) return known;
    const area = this.row("table", type, words.length);
    this.tables.set(key, area);
    this.contents.push({ area, words });
    return area;
  }

  /** Tables made since the last call, to be written into memory. */
  takeTables(): readonly { readonly area: Area; readonly words: readonly bigint[] }[] {
    return this.contents.splice(0);
  }

  /** Bytes that nothing else lies in. */
  allocate(bytes: number, alignment: number): number {
    const address = Math.ceil(this.end / alignment) * alignment;
    this.end = address + bytes;
    return address;
  }
}
