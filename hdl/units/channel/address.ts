import {
  bit,
  module,
  mux,
  named,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { resized } from "../resized.ts";
import { comingShape, fieldComes, withField } from "../sequencer/coming.ts";
import { kindShape } from "./kind.ts";
import type { ChannelSizes } from "./parameters.ts";
import { commandShape, registersShape } from "./shapes.ts";

/** Addresses in instructions are in units of 16 bytes. */
const UNIT_BITS = 4;

/** Bytes of a block of 16 × 16 codes, and of a row of it, by whether codes have 8 bits. */
const blockBytes = (wide: Unsigned, bits: number): Unsigned =>
  mux(wide, unsignedConstant(256, bits), unsignedConstant(128, bits));
const rowBytes = (wide: Unsigned, bits: number): Unsigned =>
  mux(wide, unsignedConstant(16, bits), unsignedConstant(8, bits));

/**
 * Where a load or a store begins: products are added up, a bit of a factor a cycle and a cycle more for each; a layer's or a
 * row's offset, then, for stores, those of blocks of tokens and of a token. The adder then moves the address on, too.
 */
export function addressUnit(sizes: ChannelSizes) {
  const { byteBits, wordBytes, positionBits, layerBits, tokenBits, keysAndValues, tables, tiled } = sizes;
  const factorBits = Math.max(
    tables ? Math.max(tokenBits, positionBits) : 0,
    keysAndValues ? positionBits : 0,
    layerBits,
  );
  const number = unsigned(byteBits);
  const constant = (value: number): Unsigned => unsignedConstant(value % 2 ** byteBits, byteBits);
  return module(
    "address_unit",
    {
      description: "Computes a byte address by adding up products, then counts it on.",
      inputs: {
        // An instruction comes, and is begun.
        coming: comingShape(sizes),
        load: bit,
        setup: bit,
        advance: bit,
        kind: kindShape,
        command: commandShape(sizes),
        registers: registersShape(sizes),
      },
      outputs: {
        address: number,
        /** The last product has been added: the cycle after, the address is right. */
        ready: bit,
        /** The first product is computed, or nothing. */
        first: bit,
      },
    },
    ({ coming, load, setup, advance, kind, command, registers, address: out, ready, first }) => {
      const address = register("running", number);
      const multiplicand = register("multiplicand", number);
      const factor = register("factor", unsigned(factorBits));
      const phase = register("phase", unsigned(2), { reset: 0 });
      const exhausted = named("exhausted", factor.eq(0));
      const last = named("last_product", keysAndValues ? isLast() : unsignedConstant(1, 1));

      out.set(address);
      ready.set(setup.and(exhausted).and(last));
      first.set(phase.eq(0));
      when(advance.or(setup.and(factor.bit(0))), () => address.set(address.addWrap(multiplicand)));
      when(setup, () => {
        multiplicand.set(multiplicand.shl(1).truncate(byteBits));
        factor.set(factor.shr(1).extend(factorBits));
        when(exhausted, () => {
          phase.set(mux(last, unsignedConstant(0, 2), phase.addWrap(1)));
          multiplicand.set(constant(wordBytes));
          if (keysAndValues) nextProduct();
        });
      });
      // Both come in units of 16 bytes, while nothing is computed.
      when(fieldComes(coming, "w", byteBits - UNIT_BITS, sizes), () =>
        address.set(withField(coming, "w", address, sizes, UNIT_BITS)),
      );
      when(fieldComes(coming, "y", byteBits - UNIT_BITS, sizes), () =>
        multiplicand.set(withField(coming, "y", multiplicand, sizes, UNIT_BITS)),
      );
      when(load, () => {
        factor.set(resized(registers.layer, factorBits));
        if (!tables) return;
        when(kind.embedding, () => factor.set(resized(registers.token, factorBits)));
        when(kind.angles, () => factor.set(resized(registers.position, factorBits)));
      });

      function isLast(): Unsigned {
        const { storeKey, storeValue, storeExponents } = kind;
        return phase.eq(3).or(storeKey.or(storeValue).or(storeExponents).not());
      }

      /** The multiplicand and the factor of the product after this one, or how addresses go on behind the last. */
      function nextProduct(): void {
        const { storeKey, storeValue, storeExponents, wide } = kind;
        const block = resized(registers.position.shr(4), factorBits);
        const place = resized(registers.position.truncate(4), factorBits);
        const bytes = blockBytes(wide, byteBits);
        const blocks = tiled ? resized(command.b, byteBits) : constant(1);
        const times = (value: Unsigned): Unsigned =>
          mux(wide, resized(value.shl(8), byteBits), resized(value.shl(7), byteBits));
        // b is a power of two where it counts row blocks of keys.
        const within = tiled ? resized(command.b.subWrap(1), factorBits) : unsignedConstant(0, factorBits);
        const dimBlocks = resized(command.x.add(15).shr(4), byteBits);
        when(storeKey, () => {
          when(phase.eq(0), () => {
            multiplicand.set(times(dimBlocks));
            factor.set(block.and(within.not()));
          });
          when(phase.eq(1), () => {
            multiplicand.set(bytes);
            factor.set(block.and(within));
          });
          when(phase.eq(2), () => {
            multiplicand.set(rowBytes(wide, byteBits));
            factor.set(place);
          });
          when(phase.eq(3), () => multiplicand.set(tiled ? times(blocks) : bytes));
        });
        when(storeValue, () => {
          when(phase.eq(0), () => {
            multiplicand.set(times(blocks));
            factor.set(block);
            phase.set(2);
          });
          when(phase.eq(2), () => {
            multiplicand.set(constant(1));
            factor.set(mux(wide, place, resized(place.shr(1), factorBits)));
          });
          when(phase.eq(3), () => multiplicand.set(rowBytes(wide, byteBits)));
        });
        when(storeExponents.and(phase.eq(0)), () => {
          multiplicand.set(constant(2));
          factor.set(resized(registers.position, factorBits));
        });
      }
    },
  );
}
