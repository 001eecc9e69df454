import { Random } from "../../models/llama-tiny/corpus.ts";
import type { Memory, NumberType } from "../builder/graph.ts";
import { wrap } from "../builder/type.ts";
import { wordOf } from "./linear-memory.ts";
import type { Machine } from "./machine.ts";

/**
 * Gives registers, read ports and memories what they hold at power-up. What has no initial value gets random bits, so that
 * nothing comes to rely on zeros; they follow the seed and the name alone. Without a seed they are zero, as in Verilator.
 */
export function powerUp({ program, memory }: Machine, seed: number | null): void {
  const { layout, registers, reads, memories } = program;
  for (const register of registers)
    memory.write(
      layout.cellOf(register),
      register.initial ?? anything(register.type, bitsFor(register.name, seed)),
    );
  for (const port of reads) memory.write(layout.cellOf(port), anything(port.type, bitsFor(port.name, seed)));
  for (const one of memories)
    fill(one, bitsFor(one.name, seed), (word, value) =>
      memory.write(wordOf(layout.areaOf(one), word), value),
    );
}

function fill(
  { depth, initial, type }: Memory,
  bits: Random | null,
  write: (word: number, value: bigint) => void,
): void {
  for (let word = 0; word < depth; word++)
    write(word, initial === null ? anything(type, bits) : (initial[word] ?? 0n));
}

function anything(type: NumberType, bits: Random | null): bigint {
  if (bits === null) return 0n;
  let value = 0n;
  for (let have = 0; have < type.width; have += 32) value = (value << 32n) | BigInt(bits.next());
  return wrap(value, type);
}

/** Random bits for what has this name. */
function bitsFor(name: string, seed: number | null): Random | null {
  if (seed === null) return null;
  let hash = seed | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  return new Random(hash >>> 0);
}
