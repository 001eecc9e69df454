import { describe, expect, it } from "vitest";
import { IntegerMatrix } from "../../../models/decoder/integer/linear.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { Channel } from "../../../sim/units/channel.ts";
import { MatrixUnit } from "../../../sim/units/matrix.ts";
import { weightsPass } from "../../../sim/units/pass.ts";
import { planOf } from "../../../src/compile/stream-plan.ts";
import { randomMachine } from "../../support/random-machine.ts";
import { FORMATS, randomMatrix } from "../../support/random-model.ts";
import { circuitOf, randomActivations, runCircuit, streamOf } from "./matrix-bench.ts";

const DEEP = process.env.ACCEL_DEEP === "1";

describe("the matrix unit's circuit", () => {
  it("gives the integer decoder's words in the simulator's cycles", () => {
    for (let seed = 0; seed < Number(process.env.SEEDS ?? 20); seed++) {
      const random = new Random(seed);
      const drawn = randomMachine(random);
      const format = FORMATS[seed % FORMATS.length]!;
      const machine = {
        ...drawn,
        matrix: { ...drawn.matrix, lanes: Math.min(32, drawn.matrix.lanes), latencyCycles: 6 + random.below(5) },
      };
      const memory = { ...random.pick(machine.memories), refresh: null, bufferWords: 4096 };
      const matrix = randomMatrix(random, 1 + random.below(60), 1 + random.below(80), format);
      const plan = planOf(matrix, Math.min(machine.matrix.tileBlocks, Math.ceil(matrix.rows / 16)));
      const tileBlocks = Math.min(machine.matrix.tileBlocks, Math.ceil(plan.rows / 16));
      if (format.pattern.kind === "n:16" && tileBlocks > 1 && machine.matrix.rowsPerBeat >= tileBlocks && machine.matrix.lanes >= tileBlocks) continue;
      const circuit = circuitOf(machine, memory, [matrix]);
      const stream = streamOf(matrix, tileBlocks, memory);
      const words = stream.length / memory.wordBytes;
      const channel = new Channel(memory);
      channel.reset();
      channel.stream({ address: 0, words, earliest: 0, begun: () => {}, ended: null });
      const time = new MatrixUnit(machine).run(weightsPass(plan, tileBlocks, 1), channel, 0);
      const arrivals = Array.from({ length: words }, (_, i) => memory.commandCycles + (i + 1) * memory.cyclesPerWord + memory.latencyCycles);
      const activations = randomActivations(random, matrix.cols);
      const run = runCircuit(circuit, { matrix, activations }, stream, memory.wordBytes, arrivals);
      const label = `seed ${seed}: ${JSON.stringify({ format, machine: machine.matrix, v: machine.vector.lanes, memory })}`;
      expect(run.words, label).toEqual(new IntegerMatrix(matrix).times(activations, 1));
      expect(run.done, label).toBe(time.done);
    }
  });
});
