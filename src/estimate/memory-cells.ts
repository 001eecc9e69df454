import type { Memory } from "../../hdl/builder/graph.ts";

/** Shapes of an SB_RAM40_4K: bits of a word, and words. */
const SHAPES = [
  { bits: 16, words: 256 },
  { bits: 8, words: 512 },
  { bits: 4, words: 1024 },
  { bits: 2, words: 2048 },
] as const;

/** What a block costs beside logic, where a bit of a memory in logic costs 1, and one that is never written a 16th (`memory_libmap`). */
const BLOCK_COST = 64;
const READ_ONLY = 1 / 16;

/** How a memory lies in the part. */
export type MemoryPlan =
  | { readonly kind: "logic" }
  | {
      readonly kind: "blocks";
      /** For all read ports together. */
      readonly blocks: number;
      /** Blocks one behind the other, to be chosen between by the address's bits from `rowBit` on. */
      readonly rows: number;
      readonly rowBit: number;
    };

/** What `memory_libmap` makes of a memory: block RAMs where these are cheaper, one set of them for each read port. */
export function memoryPlan({ type, depth, writes, reads }: Memory): MemoryPlan {
  if (writes.length > 1 || reads.length === 0) return { kind: "logic" };
  const lanes = writes[0]?.mask?.type.width ?? 1;
  const laneBits = type.width / lanes;
  const plans = SHAPES.map(({ bits, words }) => {
    // Words of 16 bits have a mask for each bit; of others each lane takes blocks of its own.
    const columns = bits === 16 ? Math.ceil(type.width / bits) : lanes * Math.ceil(laneBits / bits);
    const rows = Math.ceil(depth / words);
    return { blocks: columns * rows, rows, rowBit: Math.log2(words) };
  });
  const best = plans.reduce((a, b) =>
    b.blocks < a.blocks || (b.blocks === a.blocks && b.rows < a.rows) ? b : a,
  );
  const inLogic = type.width * depth * (writes.length === 0 ? READ_ONLY : 1);
  const blocks = best.blocks * reads.length;
  return blocks * BLOCK_COST < inLogic ? { kind: "blocks", ...best, blocks } : { kind: "logic" };
}
