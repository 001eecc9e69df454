import type { Input, Memory, Node, ReadPort, Register, WritePort } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { PART_BITS } from "../flat.ts";
import type { Mutable } from "../rewrite/state.ts";
import { type Bits, partTypes, splitValue, type Wide } from "./wide.ts";

/** Inputs, registers and memories of one part each in place of wider ones, or a copy of what has one part. */
export class State {
  private readonly registers = new Map<Register, readonly Register[]>();
  private readonly reads = new Map<ReadPort, readonly Mutable<ReadPort>[]>();
  private readonly memories = new Map<Memory, readonly SplitMemory[]>();

  input(input: Input): readonly Input[] {
    const types = partTypes(input.type);
    return types.length === 1
      ? [input]
      : types.map((type, i) => ({ ...input, type, name: named(input.name, type, i) }));
  }

  register(old: Register): readonly Register[] {
    const types = partTypes(old.type);
    const initial = old.initial === null ? null : splitValue(old.initial, old.type);
    const parts = types.map((type, i) => ({
      ...old,
      type,
      name: types.length === 1 ? old.name : named(old.name, type, i),
      initial: initial?.[i] ?? null,
      labels: types.length === 1 ? old.labels : null,
    }));
    this.registers.set(old, parts);
    return parts;
  }

  read(old: ReadPort): readonly ReadPort[] {
    const memories = this.memory(old.memory);
    const parts = memories.map(({ memory, reads }, i) => {
      const port = {
        ...old,
        memory,
        type: memory.type,
        name: memories.length === 1 ? old.name : named(old.name, memory.type, i),
      };
      reads.push(port);
      return port;
    });
    this.reads.set(old, parts);
    return parts;
  }

  memory(old: Memory): readonly SplitMemory[] {
    const known = this.memories.get(old);
    if (known !== undefined) return known;
    const types = partTypes(old.type);
    const words =
      types.length === 1 ? null : (old.initial?.map((word) => splitValue(word, old.type)) ?? null);
    const parts = types.map((type, i): SplitMemory => {
      const reads: ReadPort[] = [];
      const writes: WritePort[] = [];
      const name = types.length === 1 ? old.name : named(old.name, type, i);
      const initial = words?.map((word) => word[i] ?? 0n) ?? (types.length === 1 ? old.initial : null);
      return { memory: { ...old, name, type, initial, reads, writes }, reads, writes };
    });
    this.memories.set(old, parts);
    return parts;
  }

  /** The parts of a register that was met before. */
  registersOf(old: Register): readonly Register[] {
    return this.registers.get(old) ?? [];
  }

  memoriesOf(old: Memory): readonly Memory[] {
    return this.memories.get(old)?.map(({ memory }) => memory) ?? [];
  }

  /** Connects everything to the parts of what it was connected to. */
  connect(of: (node: Node) => Wide, bits: Bits): void {
    for (const [old, parts] of this.registers) {
      const next = of(old.next);
      for (const [i, part] of parts.entries()) part.next = next.parts[i]!;
    }
    for (const [old, parts] of this.reads)
      for (const part of parts) {
        part.address = bits.clamp(of(old.address));
        part.enable = old.enable === null ? null : bits.clamp(of(old.enable));
      }
    for (const [old, parts] of this.memories)
      for (const port of old.writes) {
        const [address, enable] = [bits.clamp(of(port.address)), bits.clamp(of(port.enable))];
        const data = of(port.data);
        for (const [i, { memory, writes }] of parts.entries()) {
          const lanes =
            port.mask === null
              ? { enable, mask: null }
              : partMask(of(port.mask), old, i, memory, enable, bits);
          writes.push({ ...port, address, data: data.parts[i]!, ...lanes });
        }
      }
  }
}

interface SplitMemory {
  readonly memory: Memory;
  readonly reads: ReadPort[];
  readonly writes: WritePort[];
}

const named = (name: string, { width }: { readonly width: number }, i: number): string =>
  `${name}[${i * PART_BITS + width - 1}:${i * PART_BITS}]`;

/** The lanes of part `i`, as wide as divides both a lane of the word and the part; a part within one lane has an enable. */
function partMask(
  mask: Wide,
  word: Memory,
  i: number,
  { type }: Memory,
  enable: Node,
  bits: Bits,
): Pick<WritePort, "enable" | "mask"> {
  const { make } = bits;
  const lane = word.type.width / mask.type.width;
  const laneAt = (low: number): number => Math.floor((i * PART_BITS + low) / lane);
  if (laneAt(0) === laneAt(type.width - 1))
    return { enable: make(op.bitwise("and", enable, bits.at(mask, laneAt(0), 1))), mask: null };
  const step = greatestCommonDivisor(lane, greatestCommonDivisor(PART_BITS, type.width));
  const lanes: Node[] = [];
  for (let low = 0; low < type.width; low += step) lanes.unshift(bits.at(mask, laneAt(low), 1));
  return { enable, mask: make(op.concat(lanes)) };
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
