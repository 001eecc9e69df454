import { bit, module, register, unsigned, when } from "../../builder/index.ts";

/** Marsaglia's xorshift generator (13, 17, 5): another state in the cycle after `advance`. */
export function xorshift() {
  return module(
    "xorshift",
    {
      inputs: { write: bit, seed: unsigned(32), advance: bit },
      outputs: { state: unsigned(32) },
    },
    ({ write, seed, advance, state }) => {
      const held = register("held", unsigned(32));
      const a = held.xor(held.shl(13).truncate(32));
      const b = a.xor(a.shr(17).extend(32));
      const c = b.xor(b.shl(5).truncate(32));
      when(advance, () => held.set(c));
      when(write, () => held.set(seed));
      state.set(held);
    },
  );
}
