import { describe, expect, it } from "vitest";
import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { flatten } from "../../hdl/simulate/flatten.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { MemoryImage } from "../../sim/effects/memory-image.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { type Circuit, circuitFor } from "../../src/verify/circuit.ts";
import { expectToken } from "../../src/verify/expectation.ts";
import { circuitRung } from "../../src/verify/rungs/circuit.ts";
import type { Session } from "../../src/verify/session.ts";
import { randomMachine } from "../support/random-machine.ts";
import { randomModel } from "../support/random-model.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

/** A random model on a random machine; of multipliers no more than can be compiled in a second. */
function randomCircuit(
  seed: number,
  change: Partial<Machine["matrix"]> = {},
): { readonly circuit: Circuit; readonly session: Session } {
  const random = new Random(seed);
  const model = randomModel(random);
  const drawn = randomMachine(random);
  const machine: Machine = {
    ...drawn,
    matrix: { ...drawn.matrix, lanes: Math.min(drawn.matrix.lanes, DEEP ? 512 : 32), ...change },
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
    for (let seed = 0; seed < (DEEP ? 300 : 12); seed++) {
      const { circuit, session } = randomCircuit(seed);
      const { equal, why, compared } = circuitRung(circuit, session, { vcd: null });
      expect(equal, `seed ${seed}: ${why}; ${JSON.stringify(circuit.sizes.machine)}`).toBe(true);
      expect(compared).toBeGreaterThan(100);
    }
  });

  it.each([1, 2])(
    "faults in registers of unit %d are found while it works, and the unit is named",
    { timeout: 300_000 },
    (unit) => {
      const random = new Random(7);
      const { circuit, session } = randomCircuit(9, { lanes: 2, rowsPerBeat: 1, tileBlocks: 1 });
      const once = { ...session, ids: session.ids.slice(0, 1), samplesFrom: 0, sampling: null };
      const name = circuit.unitNames[unit] ?? "";
      const registers = flatten(simulatedBoard(circuit.sizes, circuit.images)).signals.filter(
        ({ path: [decoder, part], register }) => register && decoder === "decoder" && part === name,
      );
      const images = circuit.images.map((bytes) => new MemoryImage(bytes.slice()));
      const { byUnit } = expectToken(new Simulator(circuit.program, images), {
        token: once.ids[0] ?? 0,
        position: 0,
        sampler: greedy,
      });
      const work = byUnit[unit] ?? [];
      const named: string[] = [];
      for (const { path } of random.sample(registers, DEEP ? 60 : 6)) {
        const { start, end } = random.pick(work);
        const cycle = start + random.below((end ?? start) - start);
        const fault = { register: path.join("."), position: 0, cycle };
        const { difference } = circuitRung(circuit, once, { fault, vcd: null });
        // Some are without effect: what was flipped was not used any more.
        if (difference !== undefined) named.push(difference.unit);
      }
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((one) => one === name).length).toBeGreaterThanOrEqual(named.length / 2);
    },
  );
});
