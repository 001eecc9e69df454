import { bitLength } from "../../models/decoder/integer/arithmetic.ts";
import { BoardHangs, type BoardRun, type BoardToken, type SimulatedBoard, type UnitEvent } from "./board.ts";
import type { Difference } from "./difference.ts";
import type { Expected, ExpectedToken } from "./expectation.ts";

export interface TokenCheck {
  readonly cycles: number;
  readonly instructions: number;
  readonly words: number;
  readonly difference: Difference | null;
}

/** Cycles after which a token that should be over counts as hanging. */
const PATIENCE = 1000;

/**
 * Runs a token on the circuit and holds every instruction to what the simulator says: the cycle in which it starts, that in which
 * it is done, and every word, code and descriptor that it leaves.
 */
export function checkToken(
  board: SimulatedBoard,
  token: BoardToken,
  expected: ExpectedToken,
  unitNames: readonly string[],
): TokenCheck {
  const checker = new TokenChecker(board, token, expected, unitNames);
  const difference = checker.run();
  const { instructions, words } = checker;
  return { cycles: expected.result.cycles, instructions, words, difference };
}

/** Stops a run at the first difference. */
class Differs extends Error {
  readonly difference: Difference;

  constructor(difference: Difference) {
    super("the circuit differs");
    this.difference = difference;
  }
}

/** Instructions of a unit that are still to start, and to be done. */
interface Progress {
  readonly starts: Expected[];
  readonly ends: (Expected & { readonly end: number })[];
  /** Those whose words, and descriptors, are still to be looked at. */
  readonly leave: Expected[];
  readonly describe: Expected[];
}

class TokenChecker {
  instructions = 0;
  words = 0;
  private readonly board: SimulatedBoard;
  private readonly token: BoardToken;
  private readonly expected: ExpectedToken;
  private readonly unitNames: readonly string[];
  private readonly units: readonly Progress[];

  constructor(
    board: SimulatedBoard,
    token: BoardToken,
    expected: ExpectedToken,
    unitNames: readonly string[],
  ) {
    this.board = board;
    this.token = token;
    this.expected = expected;
    this.unitNames = unitNames;
    this.units = Array.from({ length: unitNames.length }, (_, unit): Progress => {
      const all = expected.byUnit[unit] ?? [];
      const ends = all.flatMap((one) => (one.end === null ? [] : [{ ...one, end: one.end }]));
      return { starts: [...all], ends, leave: [...ends], describe: [...ends] };
    });
  }

  run(): Difference | null {
    const { board, token } = this;
    const { result } = this.expected;
    try {
      const run = board.run(token, {
        happened: (event) => this.happened(event),
        settled: (event, what) => (what === "words" ? this.written(event) : this.described(event)),
        limit: result.cycles + PATIENCE,
      });
      this.ended(run);
      return null;
    } catch (error) {
      if (error instanceof Differs) return error.difference;
      if (error instanceof BoardHangs)
        return this.overdue(Number.POSITIVE_INFINITY) ?? this.hang(error.cycle);
      throw error;
    }
  }

  private happened({ unit, kind, cycle }: UnitEvent): void {
    const late = this.overdue(cycle);
    if (late !== null) throw new Differs(late);
    const progress = this.units[unit];
    const one = kind === "start" ? progress?.starts.shift() : progress?.ends.shift();
    const due = kind === "start" ? one?.start : one?.end;
    if (due !== cycle)
      throw this.differs(kind === "start" ? "start" : "end", unit, one, cycle, due ?? null, cycle);
    if (kind === "done") this.instructions++;
  }

  /** What should have happened before a cycle, and has not. */
  private overdue(cycle: number): Difference | null {
    let first: Differs | null = null;
    let earliest = cycle;
    for (const [unit, { starts, ends }] of this.units.entries()) {
      const [start] = starts;
      const [end] = ends;
      if (start !== undefined && start.start < earliest) {
        earliest = start.start;
        first = this.differs("start", unit, start, earliest, earliest, null);
      }
      if (end !== undefined && end.end < earliest) {
        earliest = end.end;
        first = this.differs("end", unit, end, earliest, earliest, null);
      }
    }
    return first?.difference ?? null;
  }

  private written({ unit, cycle }: UnitEvent): void {
    const one = this.units[unit]?.leave.shift();
    const { board } = this;
    for (const { space, from, values } of one?.left ?? [])
      for (const [element, expected] of values.entries()) {
        const got = space === "words" ? board.word(from + element) : board.code(from + element);
        this.words++;
        if (got !== expected)
          throw this.differs(space === "words" ? "word" : "code", unit, one, cycle, expected, got, element);
      }
  }

  private described({ unit, cycle }: UnitEvent): void {
    const one = this.units[unit]?.describe.shift();
    for (const { number, exponent, peakBits } of one?.described ?? []) {
      const { board } = this;
      const got = board.descriptor(number);
      if (got.exponent !== exponent)
        throw this.differs("exponent", unit, one, cycle, exponent, got.exponent, number);
      if (peakBits !== null && bitLength(got.peak) !== peakBits)
        throw this.differs("peak bits", unit, one, cycle, peakBits, bitLength(got.peak), number);
    }
  }

  private ended({ cycles, next }: BoardRun): void {
    const late = this.overdue(Number.POSITIVE_INFINITY);
    if (late !== null) throw new Differs(late);
    const { result } = this.expected;
    if (cycles !== result.cycles)
      throw this.differs("cycles", null, undefined, cycles, result.cycles, cycles);
    if (next !== result.next) throw this.differs("token", null, undefined, cycles, result.next, next);
  }

  private hang(cycle: number): Difference {
    return this.differs("hang", null, undefined, cycle, null, null).difference;
  }

  private differs(
    what: Difference["what"],
    unit: number | null,
    one: Expected | undefined,
    cycle: number,
    expected: number | null,
    got: number | null,
    element: number | null = null,
  ): Differs {
    return new Differs({
      what,
      unit: unit === null ? "decoder" : (this.unitNames[unit] ?? `unit ${unit}`),
      instruction: one?.index ?? null,
      operation: one?.instruction.operation ?? null,
      operator: one?.operator ?? null,
      position: this.token.position,
      cycle,
      element,
      expected,
      got,
    });
  }
}
