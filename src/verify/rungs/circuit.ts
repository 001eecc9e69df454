import { MemoryImage } from "../../../sim/effects/memory-image.ts";
import { Simulator } from "../../../sim/simulator.ts";
import { generatorState, samplerOf } from "../../experiment/generate.ts";
import { type Fault, SimulatedBoard } from "../board.ts";
import type { Circuit } from "../circuit.ts";
import { differenceText } from "../difference.ts";
import { expectToken } from "../expectation.ts";
import type { Rung } from "../rung.ts";
import { boardTokens, type Session } from "../session.ts";
import { checkToken, type TokenCheck } from "../token-check.ts";

const WHAT = "circuit, compiled simulation = simulator";
/** Cycles that are shown before and behind a difference. */
const BEFORE = 200;
const BEHIND = 40;

export interface CircuitRungOptions {
  readonly fault?: Fault | null;
  /** File for waveforms around the first difference; null: none. */
  readonly vcd: string | null;
  readonly progress?: (position: number) => void;
}

/** Every word, descriptor and cycle of every instruction of the session's tokens. */
export function circuitRung(circuit: Circuit, session: Session, options: CircuitRungOptions): Rung {
  const { fault = null, vcd, progress } = options;
  const { program, images, unitNames } = circuit;
  const simulator = new Simulator(
    program,
    images.map((bytes) => new MemoryImage(bytes.slice())),
  );
  const sampler = samplerOf(session.sampling);
  const board = boardOf(circuit, session, { fault });
  let [compared, cycles] = [0, 0];
  const counted: Record<string, number> = {};
  for (const token of boardTokens(session)) {
    progress?.(token.position);
    const expected = expectToken(simulator, {
      token: token.token,
      position: token.position,
      sampler: token.sampling ? sampler : null,
      drawing: token.temperature !== null,
    });
    const from = board.simulation.cycle;
    const check: TokenCheck = checkToken(board, token, expected, unitNames);
    compared += check.words;
    cycles += check.cycles;
    if (check.difference === null) {
      for (const [name, count] of Object.entries(board.counters()))
        counted[name] = (counted[name] ?? 0) + count;
      continue;
    }
    const { difference } = check;
    if (vcd !== null) record(circuit, session, token.position, from + difference.cycle, vcd, fault);
    return {
      rung: 3,
      what: WHAT,
      compared,
      cycles,
      equal: false,
      why: differenceText(difference),
      difference,
      ...(vcd === null ? {} : { vcd }),
    };
  }
  const shares = sharesOf(counted, circuit);
  const why = Object.entries(shares)
    .map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`)
    .join(", ");
  return {
    rung: 3,
    what: WHAT,
    compared,
    cycles,
    equal: true,
    why: `busy by the circuit's own counters: ${why}`,
    shares,
  };
}

/** Of all cycles, those in which a unit worked, or in which a memory's port moved a word. */
function sharesOf(
  { cycles = 1, ...counted }: Readonly<Record<string, number>>,
  { sizes: { machine } }: Circuit,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counted).map(([name, count]) => {
      const memory = machine.memories.find((one) => one.name === name);
      return [name, (count * (memory?.cyclesPerWord ?? 1)) / cycles];
    }),
  );
}

function boardOf(
  circuit: Circuit,
  { sampling }: Session,
  options: ConstructorParameters<typeof SimulatedBoard>[1],
): SimulatedBoard {
  const board = new SimulatedBoard(circuit, options);
  if (sampling !== null) board.seed(generatorState(sampling.seed));
  return board;
}

/** Runs the session once more up to a difference, and writes down all signals around it. */
function record(
  circuit: Circuit,
  session: Session,
  position: number,
  cycle: number,
  file: string,
  fault: Fault | null,
): void {
  const board = boardOf(circuit, session, {
    fault,
    record: { file, from: Math.max(0, cycle - BEFORE), to: cycle + BEHIND },
  });
  const stop = new Error("far enough");
  try {
    for (const token of boardTokens(session).slice(0, position + 1))
      board.run(token, {
        happened: () => {
          if (board.simulation.cycle > cycle + BEHIND) throw stop;
        },
      });
  } catch (error) {
    if (error !== stop) throw error;
  } finally {
    board.simulation.close();
  }
}
