import type { Circuit } from "../circuit.ts";
import { type NativeSimulator, runNative, SIMULATORS } from "../native.ts";
import { notClimbed, type Rung } from "../rung.ts";
import { boardTokens, type Session } from "../session.ts";
import { testBench } from "../test-bench.ts";
import { vectorsOf } from "../vectors.ts";

const what = (simulator: NativeSimulator): string => `Verilog in ${simulator} = compiled simulation`;

/**
 * Every output in every cycle of one token, in each simulator that is there.
 * @param cycles that the token takes
 */
export async function* verilogRungs(
  circuit: Circuit,
  session: Session,
  cycles: number,
  progress: (simulator: NativeSimulator) => void,
): AsyncGenerator<Rung> {
  const [first] = boardTokens({ ...session, samplesFrom: 0, sampling: null });
  if (first === undefined) return;
  const vectors = vectorsOf(circuit, first, cycles);
  const bench = testBench(circuit, vectors);
  for (const simulator of SIMULATORS) {
    progress(simulator);
    const run = await runNative(simulator, bench);
    if (run.kind === "missing") {
      yield notClimbed(4, what(simulator), run.why);
      continue;
    }
    const compared =
      run.kind === "equal" ? run.cycles * vectors.outputs.length : run.cycle * vectors.outputs.length;
    yield {
      rung: 4,
      what: what(simulator),
      compared,
      cycles: run.kind === "equal" ? run.cycles : run.cycle,
      equal: run.kind === "equal",
      why:
        run.kind === "equal"
          ? run.unknown === 0
            ? null
            : `unknown bits were left out in ${run.unknown} cycles`
          : `cycle ${run.cycle}: ${run.output} is ${run.got}, and ${run.expected} was expected`,
    };
  }
}
