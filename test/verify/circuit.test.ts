import { describe, expect, it } from "vitest";
import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { flatten } from "../../hdl/simulate/flatten.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { type Circuit, circuitFor } from "../../src/verify/circuit.ts";
import { circuitRung } from "../../src/verify/rungs/circuit.ts";
import type { Session } from "../../src/verify/session.ts";
import { randomMachine } from "../support/random-machine.ts";
import { randomModel } from "../support/random-model.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

/** A random model on a random machine; of multipliers no more than can be compiled in a second. */
function randomCircuit(seed: number): { readonly circuit: Circuit; readonly session: Session } {
  const random = new Random(seed);
  const model = randomModel(random);
  const drawn = randomMachine(random);
  const machine: Machine = {
    ...drawn,
    matrix: { ...drawn.matrix, lanes: Math.min(drawn.matrix.lanes, DEEP ? 512 : 64) },
  };
  const count = 3 + random.below(3);
  const session = {
    ids: Array.from({ length: count }, () => random.below(model.shape.vocabSize)),
    samplesFrom: random.below(count),
    sampling: random.chance(0.5)
      ? { temperature: 0.3 + random.next() / 2 ** 31, seed: random.below(1000) }
      : null,
  };
  return { circuit: circuitFor(model, machine), session };
}

describe("the decoder's circuit", () => {
  it("gives every word and takes every cycle of the simulator, on random models and machines", {
    timeout: 600_000,
  }, () => {
    for (let seed = 0; seed < (DEEP ? 300 : 16); seed++) {
      const { circuit, session } = randomCircuit(seed);
      const { equal, why, compared } = circuitRung(circuit, session, { vcd: null });
      expect(why, `seed ${seed}: ${JSON.stringify(circuit.sizes.machine)}`).toBeNull();
      expect(equal).toBe(true);
      expect(compared).toBeGreaterThan(100);
    }
  });

  it.each(["matrix", "vector"])(
    "faults in registers of the %s unit are found, and the unit is named",
    (unit) => {
      const random = new Random(7);
      const { circuit, session } = randomCircuit(3);
      const board = simulatedBoard(circuit.sizes, circuit.images);
      const registers = flatten(board).signals.filter(
        ({ path: [decoder, part], register }) => register && decoder === "decoder" && part === unit,
      );
      const named: string[] = [];
      for (const { path } of random.sample(registers, DEEP ? 60 : 8)) {
        const fault = { register: path.join("."), position: 0, cycle: 500 + random.below(1500) };
        const { difference } = circuitRung(circuit, session, { fault, vcd: null });
        // Some are without effect: what was flipped was not used any more.
        if (difference !== undefined) named.push(difference.unit);
      }
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((name) => name === unit).length).toBeGreaterThan(named.length / 2);
    },
  );
});
