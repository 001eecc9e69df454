import type { Memory, Node, ReadPort, Register, WritePort } from "../../builder/graph.ts";
import type { FlatDesign, FlatMemory } from "../flat.ts";

export type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** What becomes of a memory's ports when their operands are new. */
export interface PortTranslation {
  /** Null: the port goes. */
  readonly write?: (port: WritePort) => WritePort | null;
  /** Null: it reads every cycle. */
  readonly readEnable?: (enable: Node) => Node | null;
}

/** New registers and memories for those of a design. */
export class StateCopies {
  private readonly registers = new Map<Register, Register>();
  private readonly reads = new Map<ReadPort, Mutable<ReadPort>>();
  private readonly memories = new Map<Memory, MemoryCopy>();

  /** A fresh copy of a register or a read port; other nodes as they are. */
  copy(node: Node): Node {
    if (node.kind === "register") return { ...node };
    return node.kind === "read" ? { ...node, memory: this.memory(node.memory).copy } : node;
  }

  /** Takes a copy into the design. */
  take(old: Node, copy: Node): void {
    if (old.kind === "register" && copy.kind === "register") this.registers.set(old, copy);
    if (old.kind === "read" && copy.kind === "read") this.reads.set(old, copy);
  }

  memory(old: Memory): MemoryCopy {
    const known = this.memories.get(old);
    if (known !== undefined) return known;
    const reads: ReadPort[] = [];
    const writes: WritePort[] = [];
    const made: MemoryCopy = { copy: { ...old, reads, writes }, reads, writes };
    this.memories.set(old, made);
    return made;
  }

  /** Connects everything that was taken to the images of what it was connected to. */
  connect(image: (node: Node) => Node, { write, readEnable }: PortTranslation): void {
    const optional = (node: Node | null): Node | null => (node === null ? null : image(node));
    for (const [old, copy] of this.registers) copy.next = image(old.next);
    for (const [old, copy] of this.reads) {
      copy.address = image(old.address);
      const enable = optional(old.enable);
      copy.enable = enable === null || readEnable === undefined ? enable : readEnable(enable);
    }
    for (const [old, { reads, writes }] of this.memories) {
      reads.push(...old.reads.flatMap((port) => this.reads.get(port) ?? []));
      for (const port of old.writes) {
        const made: WritePort = {
          ...port,
          address: image(port.address),
          data: image(port.data),
          enable: image(port.enable),
          mask: optional(port.mask),
        };
        const result = write === undefined ? made : write(made);
        if (result !== null) writes.push(result);
      }
    }
  }

  registersOf(design: FlatDesign): readonly Register[] {
    return design.registers.flatMap((old) => this.registers.get(old) ?? []);
  }

  memoriesOf(design: FlatDesign): readonly FlatMemory[] {
    return design.memories.map((memory) => {
      const parts = memory.parts?.flatMap((part) => this.memories.get(part)?.copy ?? []) ?? [];
      return { ...memory, parts: parts.length > 0 && parts.length === memory.parts?.length ? parts : null };
    });
  }
}

interface MemoryCopy {
  readonly copy: Memory;
  readonly reads: ReadPort[];
  readonly writes: WritePort[];
}
