import {
  bit,
  delayed,
  instance,
  memory,
  module,
  register,
  select,
  signed,
  stateMachine,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";

const WORDS = 256;

/** A multiply-accumulate lane with its own memory of int8 weights. */
function lane() {
  return module(
    "lane",
    {
      inputs: {
        activation: signed(8),
        address: unsigned(8),
        clear: bit,
        run: bit,
        load: bit,
        weight: signed(8),
      },
      outputs: { sum: signed(32) },
    },
    ({ activation, address, clear, run, load, weight, sum }) => {
      const weights = memory("weights", signed(8), { depth: WORDS });
      when(load, () => weights.write(address, weight));
      const factor = delayed("factor", activation);
      const product = register("product", signed(16), { next: weights.read(address).mul(factor) });
      const total = register("total", signed(32), { reset: 0 });
      const runs = delayed("runs_2", delayed("runs_1", run));
      when(runs, () => total.set(total.add(product).truncate(32)));
      when(clear, () => total.set(0));
      sum.set(total);
    },
  );
}

/** `lanes` multiply-accumulates before memories that fill themselves; one sum after the other goes out. */
export function macArray(lanes: number) {
  const laneBits = Math.log2(lanes);
  return module(
    "mac_array",
    { inputs: { seed: unsigned(16) }, outputs: { result: signed(32), rounds: unsigned(16) } },
    ({ seed, result, rounds }) => {
      const state = stateMachine("state", ["load", "run", "drain", "show"]);
      const random = register("random", unsigned(16), { reset: 1 });
      const address = register("address", unsigned(8), { reset: 0 });
      const chosen = register("chosen", unsigned(laneBits), { reset: 0 });
      const wait = register("wait", unsigned(2), { reset: 0 });
      const done = register("done", unsigned(16), { reset: 0 });
      const activations = memory("activations", signed(8), { depth: WORDS });
      random.set(random.shr(1).extend(16).xor(random.bit(0).repeat(16).and(0xb400)).xor(seed));
      when(state.is("load"), () => activations.write(address, random.bits(7, 0).asSigned()));
      const activation = activations.read(address.addWrap(1));

      const cell = lane();
      const sums = Array.from(
        { length: lanes },
        (_, i) =>
          instance(`lane_${i}`, cell, {
            activation,
            address,
            clear: state.is("load"),
            run: state.is("run"),
            load: state.is("load"),
            weight: random
              .bits((i % 8) + 7, i % 8)
              .xor((i * 37) % 256)
              .asSigned(),
          }).sum,
      );
      state.on({
        load: () => {
          address.set(address.addWrap(1));
          when(address.eq(WORDS - 1), () => state.go("run"));
        },
        run: () => {
          address.set(address.addWrap(1));
          when(address.eq(WORDS - 1), () => state.go("drain"));
        },
        drain: () => {
          wait.set(wait.addWrap(1));
          when(wait.eq(3), () => state.go("show"));
        },
        show: () => {
          chosen.set(chosen.addWrap(1));
          when(chosen.eq(lanes - 1), () => {
            done.set(done.addWrap(1));
            state.go("run");
          });
          when(done.bits(3, 0).eq(15), () => state.go("load"));
        },
      });
      result.set(register("shown", signed(32), { next: select(chosen, sums) }));
      rounds.set(done);
    },
  );
}
