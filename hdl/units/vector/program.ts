import { PROGRAMS, type ProgramName } from "./programs.ts";
import { type Step, step } from "./step.ts";

/** Words of microcode: 0 waits for an instruction, 1 looks at it. */
const WORDS: Step[] = [step(), step()];

/** Places a program's words; returns the first one's address. */
function place(program: readonly Step[]): number {
  // Blocks begin at multiples of their spans: the first one by where the program begins, others behind a pause.
  const first = program.findIndex(({ span }) => span > 1);
  while (first >= 0 && (WORDS.length + first) % (program[first]?.span ?? 1) !== 0) WORDS.push(step());
  const entry = WORDS.length;
  let open = 1;
  for (const one of program) {
    if (one.span > open) while (WORDS.length % one.span !== 0) WORDS.push(step());
    open = one.wraps ? 1 : one.span;
    WORDS.push(one);
    // A pass is left at the end of its block.
    if (one.wraps) while (WORDS.length % one.span !== 0) WORDS.push(step());
  }
  return entry;
}

/** First words of the instructions. */
export const ENTRIES = Object.fromEntries(
  Object.entries(PROGRAMS).map(([name, program]) => [name, place(program)]),
) as Readonly<Record<ProgramName, number>>;

export const PROGRAM: readonly Step[] = WORDS;
