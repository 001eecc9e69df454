import { simulate } from "../../../hdl/simulate/index.ts";
import type { SequencerSizes } from "../../../hdl/units/sequencer/parameters.ts";
import type { programmedSequencer } from "../../../hdl/units/sequencer/programmed-sequencer.ts";
import { INSTRUCTION_BYTES } from "../../../src/compile/instruction.ts";
import { PROGRAM_HEADER_BYTES } from "../../../src/compile/program.ts";
import { wordOf } from "./channel-bench.ts";

/** How long a unit is busy with an instruction, counted from its start; null: it does not say when it is done. */
export interface Work {
  readonly busy: number;
  readonly done: number | null;
}

export interface Started {
  readonly start: number;
  readonly layer: number;
  readonly fields: Readonly<Record<string, number>>;
}

export interface SequencerRun {
  readonly cycles: number;
  /** By unit, in order. */
  readonly started: readonly (readonly Started[])[];
}

const FIELD_NAMES = ["operation", "a", "b", "c", "d", "w", "x", "y", "z"] as const;

export class SequencerBench {
  private readonly sim: ReturnType<typeof simulate>;
  private readonly sizes: SequencerSizes;

  /** Writes a program through the port that the host has for it. */
  constructor(circuit: ReturnType<typeof programmedSequencer>, sizes: SequencerSizes, program: Uint8Array) {
    this.sizes = sizes;
    this.sim = simulate(circuit as Parameters<typeof simulate>[0]);
    const { sim } = this;
    const { pieces, pieceBytes } = sizes;
    sim.reset();
    sim.set("program_write", 1);
    const count = (program.length - PROGRAM_HEADER_BYTES) / INSTRUCTION_BYTES;
    for (let i = 0; i < count * pieces; i++) {
      const at = PROGRAM_HEADER_BYTES + i * pieceBytes;
      sim.set("program_instruction", Math.floor(i / pieces));
      sim.set("program_piece", i % pieces);
      sim.set("program_data", wordOf(program.subarray(at, at + pieceBytes)));
      sim.step();
    }
    sim.set("program_write", 0);
  }

  /** Runs one token before units that work as long as they are told. */
  run(sampling: boolean, work: readonly (readonly Work[])[]): SequencerRun {
    const { sim } = this;
    const { units } = this.sizes;
    const started = Array.from({ length: units }, (): Started[] => []);
    const freeAt = new Array<number>(units).fill(0);
    const ends = Array.from({ length: units }, (): number[] => []);
    sim.set("sampling", sampling ? 1 : 0);
    for (let cycle = -1; cycle < 1e7; cycle++) {
      sim.set("begin", cycle === -1 ? 1 : 0);
      for (let unit = 0; unit < units; unit++) {
        sim.set(`free_${unit}`, cycle >= freeAt[unit]! ? 1 : 0);
        sim.set(`done_${unit}`, ends[unit]![0] === cycle + 1 ? 1 : 0);
        if (ends[unit]![0] === cycle + 1) ends[unit]!.shift();
      }
      if (cycle >= 0 && sim.get("finished") === 1) {
        sim.step();
        return { cycles: cycle + 1, started };
      }
      for (let unit = 0; unit < units; unit++) {
        if (sim.get(`start_${unit}`) === 0) continue;
        const start = cycle + 1;
        const of = work[unit]![started[unit]!.length];
        if (of === undefined)
          throw new Error(`unit ${unit + 1} is started once too often, in cycle ${cycle}`);
        started[unit]!.push({
          start,
          layer: sim.get("layer"),
          fields: Object.fromEntries(
            FIELD_NAMES.map((name) => [name, sim.get(`commands_unit_${unit + 1}_${name}`)]),
          ),
        });
        freeAt[unit] = start + of.busy;
        if (of.done !== null) ends[unit]!.push(start + of.done);
      }
      sim.step();
    }
    throw new Error("the program does not end");
  }
}
