import { describe, expect, it } from "vitest";
import { simulate } from "../../../hdl/simulate/index.ts";
import { activityCounters } from "../../../hdl/units/sequencer/activity.ts";
import { sequencerSizes } from "../../../hdl/units/sequencer/parameters.ts";
import { programmedSequencer } from "../../../hdl/units/sequencer/programmed-sequencer.ts";
import { releasesOf, tokenBitsFor } from "../../../hdl/units/sequencer/token-bits.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import type { Span } from "../../../sim/accounting.ts";
import { greedy } from "../../../sim/effects/effects.ts";
import { Simulator } from "../../../sim/simulator.ts";
import type { InstructionTime } from "../../../sim/token-result.ts";
import { compile } from "../../../src/compile/compile.ts";
import { planModel } from "../../../src/compile/image.ts";
import { type Instruction, MATRIX, OPERATIONS, VECTOR } from "../../../src/compile/instruction.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { randomModel } from "../../support/random-model.ts";
import { isStream } from "./channel-bench.ts";
import { SequencerBench, type Work } from "./sequencer-bench.ts";

const SEEDS = Number(process.env.SEEDS ?? 12);

/** Instructions by unit, in the order of their starts, and how long each unit worked on them. */
function replayed(times: readonly InstructionTime[], spans: readonly Span[], units: number) {
  const passes = spans.filter(({ unit, kind }) => unit === "matrix" && kind === "busy");
  return Array.from({ length: units }, (_, i) => {
    const unit = i + 1;
    const ofUnit = times
      .filter(({ instruction }) => instruction.unit === unit)
      .sort((a, b) => a.start - b.start);
    const work = ofUnit.map(({ instruction, start, end }, n): Work => {
      if (unit === MATRIX) return { busy: passes[n]!.end - start, done: end - start };
      if (unit === VECTOR) return { busy: end - start, done: end - start };
      // A stream is over a cycle after its last word has left the port.
      return isStream(instruction)
        ? { busy: end - start + 1, done: null }
        : { busy: end - start, done: end - start };
    });
    return { ofUnit, work };
  });
}

const fieldsOf = (instruction: Instruction) => {
  const { a, b, c, d, w, x, y, z } = instruction;
  return { operation: OPERATIONS[instruction.operation] & 63, a, b, c, d, w, x, y, z };
};

describe("the sequencer's circuit", () => {
  it("starts every unit's instructions in the simulator's cycles, on random models and machines", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new Random(seed);
      const model = randomModel(random);
      // Some programs lie in SPRAM, which has words of 2 bytes.
      const drawn = randomMachine(random);
      const programMemory = seed % 3 === 0 ? "spram" : "block";
      const machine =
        programMemory === "block"
          ? drawn
          : { ...drawn, sequencer: { ...drawn.sequencer, programBytes: 2 ** 14, bytesPerCycle: 2 } };
      const program = compile(planModel(model, machine), machine);
      const { queueDepth } = machine.sequencer;
      const sizes = sequencerSizes(machine, {
        layerBits: 5,
        tokenBits: tokenBitsFor(program.instructions, queueDepth),
        releases: releasesOf(program.instructions, 2 + machine.memories.length),
        programMemory,
      });
      const bench = new SequencerBench(programmedSequencer(sizes), sizes, program.bytes);
      const simulator = new Simulator(program, null);
      for (const [position, sampler] of [
        [0, null],
        [random.below(20), greedy],
      ] as const) {
        const times: InstructionTime[] = [];
        const spans: Span[] = [];
        const { cycles } = simulator.run(
          { token: 0, position, sampler },
          { timed: (time) => times.push(time), spans },
        );
        const units = replayed(times, spans, sizes.units);
        const run = bench.run(
          sampler !== null,
          units.map(({ work }) => work),
        );
        const label = `seed ${seed}, ${JSON.stringify(machine.sequencer)}`;
        for (const [i, { ofUnit }] of units.entries())
          expect(run.started[i], `${label}, unit ${i + 1}`).toEqual(
            ofUnit.map(({ start, layer, instruction }) => ({ start, layer, fields: fieldsOf(instruction) })),
          );
        expect(run.cycles, label).toBe(cycles);
      }
    }
  }, 600_000);

  it("counts the cycles of a token and of what is active in it", () => {
    const random = new Random(9);
    const sim = simulate(activityCounters(3, 12));
    for (let token = 0; token < 3; token++) {
      sim.drive({ begin: 1, running: 0 });
      sim.step();
      const counts = [0, 0, 0, 0];
      for (let cycle = 20 + random.below(200); cycle > 0; cycle--) {
        const active = [0, 1, 2].map(() => random.below(2));
        sim.drive({ begin: 0, running: 1, active_0: active[0]!, active_1: active[1]!, active_2: active[2]! });
        sim.step();
        for (const [i, bit] of [1, ...active].entries()) counts[i]! += bit;
      }
      sim.drive({ running: 0, active_0: 1 });
      expect(sim.until("counted")).toBeLessThan(12);
      const shown = counts.map((_, address) => {
        sim.drive({ address });
        sim.step();
        return sim.get("count");
      });
      expect(shown).toEqual(counts);
    }
  });
});
