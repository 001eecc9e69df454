import { assign, instance, module, unsigned, wire } from "../../builder/index.ts";
import type { SequencerSizes } from "./parameters.ts";
import { programMemory, programPorts } from "./program-memory.ts";
import { sequencer } from "./sequencer.ts";

/** A sequencer with its program memory. */
export function programmedSequencer(sizes: SequencerSizes) {
  const core = sequencer(sizes);
  const { begin, sampling, free, done } = core.ports.inputs;
  const { program_address: _, ...outputs } = core.ports.outputs;
  return module(
    "programmed_sequencer",
    {
      description: `${core.description ?? ""} With its program.`,
      inputs: { begin, sampling, free, done, program: programPorts(sizes) },
      outputs,
    },
    (io) => {
      const word = wire("program_word", unsigned(8 * sizes.pieceBytes));
      const { program_address, ...made } = instance("sequencer", core, {
        begin: io.begin,
        sampling: io.sampling,
        free: io.free,
        done: io.done,
        program_word: word,
      });
      word.set(
        instance("program", programMemory(sizes), { program: io.program, address: program_address }).word,
      );
      assign(io.start, made.start);
      assign(io.commands, made.commands);
      assign(io.coming, made.coming);
      io.layer.set(made.layer);
      io.finished.set(made.finished);
      io.running.set(made.running);
    },
  );
}
