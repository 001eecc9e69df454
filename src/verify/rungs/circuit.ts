import { generatorState } from "../../../models/decoder/integer/sample.ts";
import { MemoryImage } from "../../../sim/effects/memory-image.ts";
import { Simulator } from "../../../sim/simulator.ts";
import { samplerOf } from "../../experiment/generate.ts";
import { type Fault, SimulatedBoard } from "../board.ts";
import type { Circuit } from "../circuit.ts";
import { type Difference, differenceText } from "../difference.ts";
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
  const memories = images.map((bytes) => new MemoryImage(bytes.slice()));
  const simulator = new Simulator(program, memories);
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
  const stored = storedDifference(circuit, board, memories, session.ids.length - 1);
  compared += stored.compared;
  if (stored.difference !== null)
    return {
      rung: 3,
      what: WHAT,
      compared,
      cycles,
      equal: false,
      why: differenceText(stored.difference),
      difference: stored.difference,
    };
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

/** Memories that were written, keys and values, after the last token. */
function storedDifference(
  { sizes }: Circuit,
  board: SimulatedBoard,
  memories: readonly MemoryImage[],
  position: number,
): { readonly compared: number; readonly difference: Difference | null } {
  let compared = 0;
  for (const [index, { writeBits, name }] of sizes.machine.memories.entries()) {
    if (writeBits === null) continue;
    const expected = memories[index]?.bytes ?? new Uint8Array(0);
    const got = board.memory(index);
    compared += expected.length;
    const at = expected.findIndex((byte, i) => byte !== got[i]);
    if (at < 0) continue;
    const place = { instruction: null, operation: null, operator: null, position, cycle: 0, element: at };
    const values = { expected: expected[at] ?? null, got: got[at] ?? null };
    return { compared, difference: { what: "byte", unit: name, ...place, ...values } };
  }
  return { compared, difference: null };
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
