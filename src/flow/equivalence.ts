import type { Module } from "../../hdl/builder/graph.ts";
import { parseNetlist, topOf } from "../../hdl/netlist/json.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import type { CacheOptions } from "./cache.ts";
import { cutOpen, describePort } from "./equivalence/cut.ts";
import { readDesign } from "./equivalence/design.ts";
import { type Outcome, prove } from "./equivalence/prove.ts";
import { type CellCounts, countCells, synthesizeIce40 } from "./synthesize.ts";
import { ToolTimeout } from "./tool-error.ts";

export interface EquivalenceOptions extends CacheOptions {
  /** The longest induction, in cycles. Default 3. */
  readonly cycles?: number;
}

/** What is known of a netlist and the Verilog that it was made from. */
export interface Equivalence {
  readonly verdict: Verdict;
  /** Of the netlist. */
  readonly cells: CellCounts;
  /** What the proof takes as given. */
  readonly given: Given;
}

export interface Given {
  /** Blocks of the part on both sides: equal ones that give the same for equal inputs. How many of each type. */
  readonly boxes: Readonly<Record<string, number>>;
  /** Memories of the design that are block RAMs on both sides, by the same commands of Yosys. */
  readonly memories: readonly string[];
  /** Bits of registers that were compared, those of equal names. */
  readonly registerBits: number;
}

export type Verdict =
  /** Equal for ever, by an induction over `depth` cycles from power-up. */
  | { readonly kind: "proved"; readonly depth: number }
  /** Equal in the first cycles alone; `maybe` names what no induction holds for. */
  | { readonly kind: "bounded"; readonly cycles: number; readonly maybe: readonly string[] }
  /** Not equal: these outputs, registers or inputs of blocks in this cycle after power-up, the first one being 1. */
  | { readonly kind: "different"; readonly cycle: number; readonly at: readonly string[] }
  /** Nothing is known; a sentence says why. */
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Proves that the netlist which `synthesizeIce40` makes of a module does what the module's Verilog says.
 * @throws ToolError where Yosys refuses the Verilog
 */
export async function equivalenceOf(module: Module, options: EquivalenceOptions = {}): Promise<Equivalence> {
  const { text, data, modules } = writeVerilog(module, { sources: false });
  const [top] = modules;
  if (top === undefined) throw new Error(`no Verilog was written for ${module.name}`);
  const files = Object.fromEntries(data.map((file) => [file.name, file.text]));
  // The time limit is for the proof.
  const { timeoutSeconds: _, ...synthesis } = options;
  const { netlist } = await synthesizeIce40(text, top.moduleName, { ...synthesis, data: files });
  return compareNetlist({ verilog: text, top: top.moduleName, data: files }, netlist, options);
}

/** Verilog with the files that it reads. */
export interface VerilogDesign {
  readonly verilog: string;
  readonly top: string;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Proves that a netlist of iCE40 cells, as JSON of Yosys, does what a Verilog design says.
 * @param options.timeoutSeconds of each run of Yosys
 * @throws ToolError where Yosys refuses the Verilog
 */
export async function compareNetlist(
  { verilog, top, data = {} }: VerilogDesign,
  netlist: string,
  { cycles = 3, ...options }: EquivalenceOptions = {},
): Promise<Equivalence> {
  const parsed = parseNetlist(JSON.parse(netlist));
  const cells = countCells(parsed);
  const nothing: Given = { boxes: {}, memories: [], registerBits: 0 };
  const unknown = (reason: string): Equivalence => ({
    verdict: { kind: "unknown", reason },
    cells,
    given: nothing,
  });
  try {
    const design = await readDesign(verilog, top, { ...options, data });
    const cut = cutOpen(design.module, topOf(parsed, top).module);
    if (cut.kind === "uncut") return unknown(cut.reason);
    const given = {
      boxes: countTypes(cut.boxes.map(({ gate }) => gate.type)),
      memories: design.memories,
      registerBits: cut.registerBits,
    };
    const outcome = await prove(cut.gold, cut.gate, { ...options, cycles });
    return { verdict: verdictOf(outcome, cut.choices), cells, given };
  } catch (error) {
    if (!(error instanceof ToolTimeout)) throw error;
    return unknown(`no answer in ${options.timeoutSeconds} s`);
  }
}

function verdictOf(outcome: Outcome, choices: number): Verdict {
  if (outcome.kind === "proved") return outcome;
  const at = outcome.outputs.map(describePort);
  if (outcome.kind === "bounded") return { kind: "bounded", cycles: outcome.cycles, maybe: at };
  if (choices === 0) return { kind: "different", cycle: outcome.cycle, at };
  return {
    kind: "unknown",
    reason: `${at.join(", ")} would differ in cycle ${outcome.cycle} if all that the design leaves open were 0; the netlist may have chosen otherwise`,
  };
}

function countTypes(types: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
