import type { NetlistModule } from "../../../hdl/netlist/json.ts";
import type { CacheOptions } from "../cache.ts";
import { runYosys, textFile } from "../yosys.ts";

/** What a proof over two modules of equal ports came to. */
export type Outcome =
  /** All outputs are equal for ever: in the first `depth` cycles, and in each cycle after `depth` equal ones. */
  | { readonly kind: "proved"; readonly depth: number }
  /** These outputs are not equal in this cycle after power-up, the first one being 1. */
  | { readonly kind: "differ"; readonly cycle: number; readonly outputs: readonly string[] }
  /** All outputs are equal in the first `cycles` cycles; these may differ in a cycle after as many equal ones. */
  | { readonly kind: "bounded"; readonly cycles: number; readonly outputs: readonly string[] };

/**
 * Temporal induction by Yosys' SAT solver, over one cycle and then over more. Registers without a value at power-up begin
 * with 0. Cells of the iCE40 do what Yosys' own models (`+/ice40/cells_sim.v`) say.
 * @param options.cycles the longest induction
 * @throws ToolError where a cell has no model; a DOMException called TimeoutError after `options.timeoutSeconds`
 */
export async function prove(
  gold: NetlistModule,
  gate: NetlistModule,
  { cycles, ...options }: CacheOptions & { readonly cycles: number },
): Promise<Outcome> {
  const files = { "gold.json": withName("gold", gold), "gate.json": withName("gate", gate) };
  const sat = async (how: string, ...before: readonly string[]): Promise<string> => {
    const command = `tee -q -o sat.txt sat ${how} -prove trigger 0 -show-outputs miter`;
    return textFile(await runYosys([...MITER, ...before, command], files, options), "sat.txt");
  };
  const log = await sat(`-tempinduct -maxsteps ${cycles} -set-init-zero`);
  const lengths = [...log.matchAll(/^\*\* Trying induction with length (\d+) \*\*$/gm)];
  if (log.includes("Induction step proven: SUCCESS!"))
    return { kind: "proved", depth: Number(lengths.at(-1)?.[1]) };
  if (log.includes("model found for base case: FAIL!")) return { kind: "differ", ...lastDifference(log) };
  if (!log.includes("Reached maximum number of time steps"))
    throw new Error(`the answer of Yosys' sat is not understood: ${log.slice(-500)}`);
  // The same step again, from any state, for what differs in it.
  const equal = Array.from({ length: cycles }, (_, i) => `-set-at ${i + 1} trigger 0`).join(" ");
  const step = await sat(`-seq ${cycles + 1} ${equal} -prove-skip ${cycles}`, "setattr -unset init w:*");
  return { kind: "bounded", cycles, outputs: lastDifference(step).outputs };
}

const MITER = [
  "read_json gold.json",
  "read_json gate.json",
  "techmap -wb -D ICE40_U -D EQUIV -autoproc -map +/ice40/cells_sim.v gate",
  "miter -equiv -flatten -make_outcmp gold gate miter",
  "opt_clean miter",
];

const withName = (name: string, module: NetlistModule): string =>
  JSON.stringify({ creator: "accel", modules: { [name]: { ...module, attributes: {} } } });

/** Of the table of values that a log ends with: a comparison of the miter is 0 where outputs differ. */
function lastDifference(log: string): { readonly cycle: number; readonly outputs: readonly string[] } {
  const rows = [...log.matchAll(/^\s*(\d+) \\cmp_(\S+)\s+0\s+0\s+0$/gm)];
  const cycle = Math.max(...rows.map(([, time]) => Number(time)));
  return { cycle, outputs: rows.filter(([, time]) => Number(time) === cycle).map(([, , name = ""]) => name) };
}
