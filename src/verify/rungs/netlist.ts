import type { Module } from "../../../hdl/builder/graph.ts";
import { circuitOf, type Netlist, parseNetlist, unpackPlaced } from "../../../hdl/netlist/index.ts";
import { ICE40_LIBRARY } from "../../../hdl/primitives/ice40/index.ts";
import { IntegerDecoder } from "../../../models/decoder/integer/decoder.ts";
import { generate } from "../../experiment/generate.ts";
import type { CacheOptions } from "../../flow/cache.ts";
import { LinkError } from "../../host/errors.ts";
import type { Circuit } from "../circuit.ts";
import type { FlashContents } from "../part/bench.ts";
import { comparePins, type PinComparison } from "../part/compare.ts";
import { FlashFault, type PinTrace } from "../part/recording.ts";
import { traceToken } from "../part/trace.ts";
import { comparePinsInVerilator } from "../part/verilated.ts";
import { notClimbed, type Rung } from "../rung.ts";

/** A machine's circuit with all that is around it, as it is synthesised. */
export interface ProvedPart {
  readonly circuit: Circuit;
  /** The part, or the part on its board: with a serial line `rx`, `tx` and the pads of a flash. */
  readonly top: Module;
  /** What stands in the flash at the pads. */
  readonly flash: FlashContents;
  readonly clockHz: number;
  readonly cyclesPerBit: number;
}

const PINS = "part at its pins = simulator";

/**
 * Loads the part's program over its serial line and has it make a token from another, with a flash at its pins: the token
 * and the cycles that it takes have to be the simulator's. All that stands on the pins meanwhile is what netlists are held to.
 * @param token that goes in
 */
export async function pinsRung(
  { circuit, top, flash, clockHz, cyclesPerBit }: ProvedPart,
  token: number,
): Promise<{ readonly rung: Rung; readonly trace: PinTrace | null }> {
  const { program, model } = circuit;
  const options = { prompt: [token], tokens: 1, endTokens: [], sampling: null };
  const { ids, results } = generate(program, new IntegerDecoder(model), options);
  const failed = (why: string): { readonly rung: Rung; readonly trace: null } => ({
    rung: { rung: 5, what: PINS, compared: 0, cycles: 0, equal: false, why },
    trace: null,
  });
  try {
    const line = { flash, clockHz, cyclesPerBit };
    const { trace, picked, cycles } = await traceToken(top, { ...line, program: program.bytes, token });
    const expected = { token: ids[0], cycles: results[0]?.cycles };
    if (picked !== expected.token)
      return failed(`token ${picked} was picked, and ${expected.token} was expected`);
    if (cycles !== expected.cycles)
      return failed(`the token took ${cycles} cycles, and ${expected.cycles} were expected`);
    const why = `token ${token} gave ${picked} in ${cycles} cycles`;
    return { rung: { rung: 5, what: PINS, compared: 2, cycles: trace.cycles, equal: true, why }, trace };
  } catch (error) {
    if (error instanceof FlashFault || error instanceof LinkError) return failed(error.message);
    throw error;
  }
}

export interface NetlistForms {
  /** Yosys' JSON, after synthesis. */
  readonly netlist: string;
  /** What place and route wrote of it; null: it was not placed. */
  readonly placed: string | null;
  /** Chooses what stands in memories without a power-up value, once each. */
  readonly seeds?: readonly number[];
  readonly tools?: CacheOptions;
}

const SYNTHESISED = "netlist after synthesis = circuit";
const PLACED = "netlist after place and route = circuit";

/** Netlists against the circuit, at every output in both halves of every cycle of a trace. */
export async function* netlistRungs(
  trace: PinTrace,
  { netlist, placed, seeds = [1, 2], tools = {} }: NetlistForms,
  told: (what: string) => void = () => {},
): AsyncGenerator<Rung> {
  const forms: readonly (readonly [string, Netlist | null])[] = [
    [SYNTHESISED, parseNetlist(JSON.parse(netlist))],
    [PLACED, placed === null ? null : unpackPlaced(parseNetlist(JSON.parse(placed)))],
  ];
  for (const [what, form] of forms) {
    if (form === null) {
      yield notClimbed(5, what, "it was not placed");
      continue;
    }
    told(what);
    yield comparedOverSeeds(5, what, form, trace, seeds);
    const inVerilator = `${what}, in Verilator with Yosys' cells`;
    told(inVerilator);
    const comparison = await comparePinsInVerilator(form, trace, tools);
    yield comparison === null
      ? notClimbed(5, inVerilator, "verilator and g++ are not on the PATH")
      : comparedRung(5, inVerilator, comparison, null);
  }
}

/** A netlist of library cells against a trace, up to the first difference, with several power-up contents of memories. */
export function comparedOverSeeds(
  rung: number,
  what: string,
  netlist: Netlist,
  trace: PinTrace,
  seeds: readonly number[],
): Rung {
  const circuit = circuitOf(netlist, { library: ICE40_LIBRARY });
  let cycles = 0;
  for (const seed of seeds) {
    const comparison = comparePins(circuit, trace, seed);
    cycles += comparison.cycles;
    if (comparison.difference !== null || seed === seeds.at(-1))
      return comparedRung(rung, what, { ...comparison, cycles }, `${seeds.length} power-up contents`);
  }
  return notClimbed(rung, what, "no power-up contents were given");
}

/** What a comparison says. */
export function comparedRung(
  rung: number,
  what: string,
  { cycles, compared, missing, difference }: PinComparison,
  note: string | null,
): Rung {
  const notes = [note, missing.length === 0 ? null : `it has no output ${missing.join(", ")}`];
  const why =
    difference === null
      ? notes.filter((text) => text !== null).join("; ")
      : `cycle ${difference.cycle}, ${difference.half} half: ${difference.output} is ${difference.got}, and ${difference.expected} was expected`;
  return {
    rung,
    what,
    compared: 2 * cycles * compared.length,
    cycles,
    equal: difference === null,
    why: why === "" ? null : why,
  };
}
