import { bitLength } from "../../models/decoder/integer/arithmetic.ts";
import type { BoardRun, BoardToken, SimulatedBoard, UnitEvent } from "./board.ts";
import type { Difference } from "./difference.ts";
import type { Expected, ExpectedToken } from "./expectation.ts";

export interface TokenCheck {
  readonly cycles: number;
  readonly instructions: number;
  readonly words: number;
  readonly difference: Difference | null;
}

/** Stops a run at the first difference. */
class Differs extends Error {
  readonly difference: Difference;
  constructor(difference: Difference) {
    super("the circuit differs");
    this.difference = difference;
  }
}

/**
 * Runs a token on the circuit and holds every instruction to what the simulator says: the cycle in which it starts, that in which
 * it is done, and every word and code that it leaves.
 */
export function checkToken(
  board: SimulatedBoard,
  token: BoardToken,
  { result, byUnit }: ExpectedToken,
  unitNames: readonly string[],
): TokenCheck {
  const started = byUnit.map(() => 0);
  const ended = byUnit.map(() => 0);
  let [instructions, words] = [0, 0];
  const differs = (
    what: Difference["what"],
    unit: number | null,
    one: Expected | null,
    cycle: number,
    numbers: Pick<Difference, "element" | "expected" | "got">,
  ): Differs =>
    new Differs({
      what,
      unit: unit === null ? "decoder" : (unitNames[unit] ?? `unit ${unit}`),
      instruction: one?.index ?? null,
      operation: one?.instruction.operation ?? null,
      operator: one?.operator ?? null,
      position: token.position,
      cycle,
      ...numbers,
    });
  const happened = ({ unit, kind, cycle }: UnitEvent): void => {
    const all = byUnit[unit] ?? [];
    const counts = kind === "start" ? started : ended;
    const due = kind === "start" ? all : all.filter(({ end }) => end !== null);
    const number = counts[unit] ?? 0;
    const one = due[number] ?? null;
    const expected = kind === "start" ? (one?.start ?? null) : (one?.end ?? null);
    if (expected !== cycle)
      throw differs(kind === "start" ? "start" : "end", unit, one, cycle, {
        element: null,
        expected,
        got: cycle,
      });
    counts[unit] = number + 1;
    if (kind === "done") instructions++;
  };
  const settled = ({ unit, kind, cycle }: UnitEvent, number: number): void => {
    if (kind === "start") return;
    const one = (byUnit[unit] ?? []).filter(({ end }) => end !== null)[number];
    for (const { space, from, values } of one?.left ?? []) {
      for (const [element, expected] of values.entries()) {
        const got = space === "words" ? board.word(from + element) : board.code(from + element);
        words++;
        if (got !== expected)
          throw differs(space === "words" ? "word" : "code", unit, one ?? null, cycle, {
            element,
            expected,
            got,
          });
      }
    }
    for (const { number, exponent, peakBits } of one?.described ?? []) {
      const got = board.descriptor(number);
      const told = (what: "exponent" | "peak bits", expected: number, is: number): void => {
        if (is !== expected)
          throw differs(what, unit, one ?? null, cycle, { element: number, expected, got: is });
      };
      told("exponent", exponent, got.exponent);
      if (peakBits !== null) told("peak bits", peakBits, bitLength(got.peak));
    }
  };
  const numbers = byUnit.map(() => 0);
  try {
    const run: BoardRun = board.run(token, {
      happened,
      settled: (event) => {
        if (event.kind === "start") return;
        const number = numbers[event.unit] ?? 0;
        numbers[event.unit] = number + 1;
        settled(event, number);
      },
    });
    for (const [unit, all] of byUnit.entries()) {
      if (all === undefined) continue;
      const missing = all[started[unit] ?? 0];
      if (missing !== undefined)
        throw differs("start", unit, missing, run.cycles, {
          element: null,
          expected: missing.start,
          got: null,
        });
    }
    if (run.cycles !== result.cycles)
      throw differs("cycles", null, null, run.cycles, {
        element: null,
        expected: result.cycles,
        got: run.cycles,
      });
    if (run.next !== result.next)
      throw differs("token", null, null, run.cycles, { element: null, expected: result.next, got: run.next });
  } catch (error) {
    if (error instanceof Differs)
      return { cycles: result.cycles, instructions, words, difference: error.difference };
    throw error;
  }
  return { cycles: result.cycles, instructions, words, difference: null };
}
