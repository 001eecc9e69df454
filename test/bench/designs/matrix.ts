import {
  bit,
  concat,
  instance,
  module,
  mux,
  register,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../../hdl/builder/index.ts";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import { matrixUnit } from "../../../hdl/units/matrix/matrix-unit.ts";
import { LEAST_LATENCY } from "../../../hdl/units/matrix/parameters.ts";

/** A matrix unit of 64 lanes for int8, int4 and 2:4 weights. */
const unit = () =>
  matrixUnit({
    lanes: 64,
    rowsPerBeat: 8,
    tileBlocks: 4,
    maxTokens: 1,
    outputLanes: 4,
    sources: [{ wordBytes: 16, alignment: 16 }],
    accumulatorBits: 40,
    dotBits: 32,
    latencyCycles: LEAST_LATENCY,
    rowBits: 10,
    columnBits: 8,
    multiplier: "soft",
    formats: [
      formatCircuit(8, { kind: "dense" }),
      formatCircuit(4, { kind: "dense" }),
      formatCircuit(4, { kind: "n:m", n: 2, m: 4 }),
    ],
  });

/** It multiplies random blocks, one matrix after the other; what it gives out is folded into 32 bits. */
export function matrixLoop() {
  return module(
    "matrix_loop",
    { inputs: { seed: unsigned(16), stall: bit }, outputs: { sum: unsigned(32), matrices: unsigned(16) } },
    ({ seed, stall, sum, matrices }) => {
      const random = register("random", unsigned(128), { reset: 1 });
      const feedback = random.bit(127).xor(random.bit(126)).xor(random.bit(101)).xor(random.bit(99));
      random.set(concat(random.bits(126, 0), feedback).xor(seed.extend(128).shl(3).truncate(128)));
      const count = register("count", unsigned(16), { reset: 0 });
      const folded = register("folded", unsigned(32), { reset: 0 });
      const start = wire("start", bit);
      const { words, free, done } = instance("unit", unit(), {
        start,
        command: {
          rows: 128,
          column_blocks: 8,
          weights: 0,
          format: mux(count.bits(1, 0).eq(3), unsignedConstant(0, 2), count.bits(1, 0)),
          source: 0,
          last_vector: 0,
          whole_blocks: 0,
          aligned_tiles: 0,
        },
        offers: [{ valid: stall.not(), word: random }],
        codes: Array.from({ length: 16 }, (_, i) => random.bits(8 * i + 7, 8 * i).asSigned()),
      });
      start.set(free);
      when(done, () => count.set(count.addWrap(1)));
      const terms = words.map(({ valid, value }) => mux(valid, value.asUnsigned(), unsignedConstant(0, 32)));
      folded.set(terms.reduce((all, term) => all.xor(term), concat(folded.bits(30, 0), folded.bit(31))));
      sum.set(folded);
      matrices.set(count);
    },
  );
}
