import type { Span } from "../../sim/accounting.ts";
import { channelHolding, coresOf, type Machine } from "../compile/machine.ts";
import type { Fpga } from "../devices/device.ts";
import type { ReportData, Rung, TimelineSpan, TimelineTrack } from "../report/data.ts";
import { ceilingsOf } from "../roofline/roofline.ts";
import { operatorFigures } from "./operator-figures.ts";
import { CODES_ONLY, type SimulationResult } from "./result.ts";
import type { Simulation } from "./simulate.ts";

/** A simulation as the HTML report shows it. */
export function reportData(simulation: Simulation, device: Fpga): ReportData {
  const { result, program, generation } = simulation;
  const { machine } = program;
  const last = generation.results.at(-1)!;
  const { weights, sparsity, keysAndValues, codesOnly } = result.compression;
  return {
    title: {
      model: result.model,
      machine: machine.name,
      machineSummary: machine.summary,
      cores: coresOf(machine),
      device: device.title,
      compression: `${sparsity} + ${weights}, kv${keysAndValues}${codesOnly ? ` (${CODES_ONLY})` : ""}`,
      prompt: result.prompt,
      text: result.text,
    },
    headline: headline(result),
    provenance: {
      speed: "simulated",
      clock: machine.clockOrigin.kind === "data sheet" ? "quoted" : machine.clockOrigin.kind,
      bytes: "simulated",
      utilisation: "simulated",
      quality: "measured",
      roofline: "estimated",
      operators: "simulated",
      timeline: "simulated",
    },
    roofline: rooflineOf(machine),
    operators: operatorFigures(simulation),
    timeline: {
      position: last.position,
      cycles: last.cycles,
      tracks: tracksOf(generation.spans, machine, last.cycles),
    },
    stalls: last.units.map(({ unit, busy, stalls }) => ({ unit, busy, stalls })),
    ladder: ladderOf(result),
  };
}

function headline(result: SimulationResult): ReportData["headline"] {
  const {
    tokens,
    cyclesPerToken,
    tokensPerSecond,
    clockMHz,
    bitsPerWeight,
    bound,
    utilisation,
    rooflineShare,
    wordsCompared,
    wordsEqual,
  } = result;
  const { weights, metadata, keysAndValues, tables, program, vectors, total } = result.bytesPerToken;
  return {
    tokens,
    cyclesPerToken,
    tokensPerSecond,
    clockMHz,
    bytesPerToken: {
      weights,
      metadata: metadata + tables,
      keysAndValues,
      ...(vectors === 0 ? {} : { activations: vectors }),
      program,
      total,
    },
    bitsPerWeight,
    bound,
    utilisation,
    rooflineShare,
    quality: result.quality,
    wordsCompared,
    wordsEqual,
  };
}

/** The ceiling of the matrix units of all cores, and of each memory in all of them; the one that holds the weights is drawn first. */
function rooflineOf(machine: Machine): ReportData["roofline"] {
  const cores = coresOf(machine);
  const { operationsPerSecond, bytesPerSecond } = ceilingsOf(machine);
  const ceiling = (index: number) => ({
    name: machine.memories[index]!.name,
    bytesPerSecond: cores * bytesPerSecond[index]!,
  });
  const weights = channelHolding(machine, "weights");
  const others = machine.memories.flatMap((_, index) => (index === weights ? [] : [ceiling(index)]));
  const matrix = `matrix unit, ${machine.matrix.lanes} multipliers`;
  return {
    computeCeilings: [
      { name: cores === 1 ? matrix : `${cores} x ${matrix}`, opsPerSecond: cores * operationsPerSecond },
    ],
    memoryCeilings: [ceiling(weights), ...others],
  };
}

/** Spans of each unit, in order and apart: what a unit waited for is cut out of what it worked on. */
function tracksOf(spans: readonly Span[], machine: Machine, cycles: number): TimelineTrack[] {
  const units = ["matrix", "vector", ...machine.memories.map((memory) => memory.name)];
  return units.map((unit) => {
    const own = spans
      .filter((span) => span.unit === unit && span.start < cycles)
      .sort((a, b) => a.start - b.start);
    const pauses = own
      .filter(({ kind }) => kind !== "busy")
      .map(
        (span): TimelineSpan => ({
          start: span.start,
          end: span.end,
          label: span.label,
          kind: span.kind,
          cause: span.label,
        }),
      );
    const work = own.filter(({ kind }) => kind === "busy").flatMap((span) => without(span, pauses));
    return {
      unit,
      spans: separate(
        [...work, ...pauses].sort((a, b) => a.start - b.start),
        cycles,
      ),
    };
  });
}

/** What is left of a stretch of work when the pauses within it are cut out. */
function without({ start, end, label }: Span, pauses: readonly TimelineSpan[]): TimelineSpan[] {
  const parts: TimelineSpan[] = [];
  let from = start;
  for (const pause of pauses) {
    if (pause.end <= from || pause.start >= end) continue;
    if (pause.start > from) parts.push({ start: from, end: pause.start, label, kind: "busy" });
    from = Math.max(from, pause.end);
  }
  if (from < end) parts.push({ start: from, end, label, kind: "busy" });
  return parts;
}

/** Cuts what would overlap the span before it, or the token's end. */
function separate(spans: readonly TimelineSpan[], cycles: number): TimelineSpan[] {
  const apart: TimelineSpan[] = [];
  let reached = 0;
  for (const span of spans) {
    const start = Math.max(span.start, reached);
    const end = Math.min(span.end, cycles);
    if (start >= end) continue;
    apart.push({ ...span, start, end });
    reached = end;
  }
  return apart;
}

/** The rungs of the ladder of proof; those that need a circuit have not been climbed here. */
function ladderOf(result: SimulationResult): Rung[] {
  const { quality, wordsCompared, wordsEqual } = result;
  const notHere = (rung: number, what: string): Rung => ({
    rung,
    what,
    equal: null,
    why: "not climbed: a simulation has no circuit",
  });
  return [
    {
      rung: 0,
      what: "float decoder against golden logits",
      equal: null,
      why: "not climbed in a simulation: the test suite does",
    },
    {
      rung: 1,
      what: "integer decoder against float decoder",
      equal: null,
      why:
        quality === null
          ? "no text to measure on"
          : `both are printed: perplexity ${quality.perplexity.toFixed(4)} against ${quality.densePerplexity.toFixed(4)}`,
    },
    {
      rung: 2,
      what: "program in the simulator against integer decoder",
      equal: wordsCompared === 0 ? null : wordsEqual === wordsCompared,
      why:
        wordsCompared === 0
          ? "only time was simulated: the model has no weights here"
          : `${wordsEqual} of ${wordsCompared} words equal`,
    },
    notHere(3, "circuit in compiled simulation against simulator"),
    notHere(4, "Verilog in Icarus and Verilator against compiled simulation"),
    notHere(5, "netlist after synthesis against circuit"),
    notHere(6, "bitstream, unpacked again, against circuit"),
  ];
}
