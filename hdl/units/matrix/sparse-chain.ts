import {
  array,
  assign,
  delayed,
  instance,
  module,
  named,
  register,
  type Signed,
  signed,
  signedConstant,
  unsigned,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import type { BeatMode } from "./beat.ts";
import { laneShape } from "./dequantizer.ts";
import { multipliers } from "./multiplier.ts";
import type { MatrixSizes } from "./parameters.ts";

/** Cycles from weights and activations to the sums of rows. */
export const CHAIN_CYCLES = 3;

type ChainSizes = Pick<
  MatrixSizes,
  "lanes" | "modes" | "beatRows" | "sumBits" | "multiplier" | "window" | "laneColumns"
>;

/**
 * The sparse chains: for each kept weight a multiplexer picks the activation of its column, among those of the window that
 * the beat's weights can lie in; a multiplier makes the product, and a tree adds neighbours. Its reduction nodes end a row
 * wherever the mode says: after 2, 4, 8 or 16 products, so that many short rows end in a cycle, or a long one goes on in
 * the next.
 *
 * Sums of the rows of a beat follow its weights after 3 cycles.
 */
export function sparseChain(sizes: ChainSizes) {
  const { lanes, modes, beatRows, sumBits, multiplier, window, laneColumns } = sizes;
  return module(
    "sparse_chain",
    {
      description: `${lanes} products a cycle; up to ${beatRows} rows of ${[...new Set(modes.map(({ kept }) => kept))].join(", ")} kept weights end in it.`,
      inputs: {
        weights: array(lanes, laneShape(sizes)),
        activations: array(window, signed(8)),
        mode: unsigned(bitsFor(modes.length - 1)),
      },
      outputs: { sums: array(beatRows, signed(sumBits)) },
    },
    ({ weights, activations, mode, sums }) => {
      const picked = weights.map(({ choice }, lane) => {
        const choices = laneColumns[lane]!.map((column) => activations[column]!);
        return choose(choice.truncate(Math.min(choice.width, bitsFor(choices.length - 1))), choices);
      });
      const { products } = instance("multipliers", multipliers(lanes, multiplier), {
        left: weights.map(({ code }) => code),
        right: picked,
      });
      const modeOfProducts = delayed("mode_of_products", mode, 2);
      const tree = reductionTree(products);
      const rows = modes.map((one) => rowSums(tree, one, beatRows, sumBits));
      assign(sums, register("sum", array(beatRows, signed(sumBits)), { next: choose(modeOfProducts, rows) }));
    },
  );
}

/** Sums of 1, 2, 4, 8 and 16 neighbours. */
function reductionTree(products: readonly Signed[]): readonly (readonly Signed[])[] {
  const levels: (readonly Signed[])[] = [products];
  for (let level = 1; 2 ** level <= Math.min(16, products.length); level++) {
    const below = levels[level - 1]!;
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) =>
        named(`node_${2 ** level}_${i}`, below[2 * i]!.add(below[2 * i + 1]!)),
      ),
    );
  }
  return levels;
}

/** What ends at the tree's nodes in a mode, row by row; behind its rows anything, which nothing takes. */
function rowSums(
  tree: readonly (readonly Signed[])[],
  { kept, weights, rows }: BeatMode,
  beatRows: number,
  bits: number,
): Signed[] {
  const nothing = signedConstant(0, bits);
  const nodes = kept === 0 ? [] : tree[Math.log2(Math.min(kept, weights))]!.slice(0, rows);
  return Array.from({ length: beatRows }, (_, row) => nodes[row]?.extend(bits) ?? nothing);
}
