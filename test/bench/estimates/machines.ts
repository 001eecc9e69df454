import type { Module } from "../../../hdl/builder/graph.ts";
import { decoder } from "../../../hdl/decoder/decoder.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { type Machine, type Memory, parseMachine } from "../../../src/compile/machine.ts";
import { machineFrom } from "../../../src/devices/library.ts";
import { type Circuit, circuitFor } from "../../../src/verify/circuit.ts";
import { partFor } from "../../../src/verify/unit-costs.ts";
import { FORMATS, type RandomFormat, randomMatrix, randomModel } from "../../support/random-model.ts";

/** A machine with a small model, as estimates are fitted on them and held against them. */
export interface EstimatedMachine {
  readonly name: string;
  /** What was drawn, for a reader. */
  readonly what: string;
  readonly module: Module;
}

/** Machines that are fitted and held out: fixed before any fit. */
export const MACHINES = 20;

/** Every third machine is held out. */
export const isHeldOut = (index: number): boolean => index % 3 === 2;

/** The same machine for the same number. Every fourth is one of a UP5K with all that is around it on the part. */
export function estimatedMachine(index: number): EstimatedMachine {
  const random = new Random(1000 + index);
  const onPart = index % 4 === 3;
  const formats = random.sample(onPart ? FORMATS.slice(0, 6) : FORMATS, 1 + random.below(onPart ? 2 : 3));
  const kvBits = random.pick([4, 8] as const);
  const multiplier = onPart ? "mac16" : random.pick(["mac16", "soft"] as const);
  const machine = onPart ? partMachine(random, index) : freeMachine(random, index);
  const circuit = circuitFor(modelOf(random, formats, kvBits), machine, { multiplier });
  return {
    name: machine.name,
    what: describe(circuit, onPart, formats),
    module: onPart ? partFor(circuit) : decoder(circuit.sizes),
  };
}

const patternText = ({ bits, pattern }: RandomFormat): string =>
  `${pattern.kind === "n:m" ? `${pattern.n}:${pattern.m}` : pattern.kind} W${bits}`;

function describe({ sizes, model }: Circuit, onPart: boolean, formats: readonly RandomFormat[]): string {
  const { machine, multiplier } = sizes;
  const { matrix, vector } = machine;
  return [
    onPart ? "UP5K" : "decoder",
    `${matrix.lanes} lanes`,
    `${matrix.tileBlocks} blocks`,
    `${matrix.rowsPerBeat} rows a beat`,
    `${vector.lanes} vector lanes`,
    `words of ${machine.memories.map(({ wordBytes }) => wordBytes).join(" and ")} bytes`,
    `${formats.map(patternText).join(", ")}, kv${model.kvBits}`,
    multiplier,
  ].join("; ");
}

function modelOf(random: Random, formats: readonly RandomFormat[], kvBits: 4 | 8) {
  const model = randomModel(random);
  const again = <M extends { readonly rows: number; readonly cols: number }>({ rows, cols }: M) =>
    randomMatrix(random, rows, cols, random.pick(formats));
  const layers = model.layers.map(({ q, k, v, o, gate, up, down }) => ({
    q: again(q),
    k: again(k),
    v: again(v),
    o: again(o),
    gate: again(gate),
    up: again(up),
    down: again(down),
  }));
  return { ...model, kvBits, layers, head: again(model.head) };
}

/** The matrix unit's parameters, within what a small part can hold. */
const matrixOf = (random: Random, lanes: number): Machine["matrix"] => ({
  lanes,
  tileBlocks: random.pick([1, 1, 2, 4]),
  rowsPerBeat: random.pick([1, 1, 2, 4]),
  maxTokens: 1 + random.below(2),
  accumulatorBits: random.pick([32, 40, 48]),
  latencyCycles: 10 + random.below(4),
});

function freeMachine(random: Random, index: number): Machine {
  const origin = { kind: "estimated", source: "drawn at random" } as const;
  const memory = (name: string, holds: Memory["holds"]): Memory => {
    const wordBytes = random.pick([1, 2, 4, 8, 16]);
    return {
      name,
      bytes: 2 ** 24,
      wordBytes,
      cyclesPerWord: random.pick([1, 2]),
      latencyCycles: 2 + random.below(12),
      commandCycles: random.below(20),
      bufferWords: random.pick([32, 64, 100, 512]),
      bufferIn: "block",
      storedIn: "large",
      refresh: random.chance(0.3) ? { intervalCycles: 400, cycles: 20 } : null,
      writeBits: random.pick([4, 8] as const),
      holds,
      origin,
    };
  };
  const memories = random.pick([
    () => [memory("flash", ["weights", "tables"]), memory("spram", ["keysAndValues"])],
    () => [memory("all", ["weights", "tables", "keysAndValues"])],
    () => [memory("tables", ["tables"]), memory("weights", ["weights"]), memory("spram", ["keysAndValues"])],
    () => [memory("flash", ["tables"]), memory("spram", ["weights", "keysAndValues"])],
  ])();
  const name = `drawn-${index}`;
  const description = {
    schema: "accel/machine@1",
    name,
    summary: "A random machine",
    device: "generic",
    clockMHz: 100,
    clockOrigin: origin,
    matrix: matrixOf(random, random.pick([1, 2, 4, 8])),
    vector: {
      lanes: random.pick([1, 2, 4]),
      latencyCycles: 6 + random.below(6),
      words: random.pick([512, 1024, 2048]),
      codeBytes: random.pick([512, 1024, 4096]),
      exponentBytes: random.pick([256, 512]),
    },
    sequencer: {
      programBytes: random.pick([8192, 16384]),
      bytesPerCycle: random.pick([1, 2, 4, 8]),
      queueDepth: 1 + random.below(4),
    },
    memories,
  };
  return parseMachine(description, name);
}

/** A shipped UP5K machine with other sizes. */
function partMachine(random: Random, index: number): Machine {
  const shipped = machineFrom(random.pick(["up5k-flash", "up5k-spram"]));
  return {
    ...shipped,
    name: `up5k-drawn-${index}`,
    matrix: matrixOf(random, random.pick([1, 2, 4, 8])),
    vector: {
      ...shipped.vector,
      lanes: random.pick([1, 2]),
      words: random.pick([512, 1024]),
      codeBytes: random.pick([512, 1024]),
    },
    sequencer: { ...shipped.sequencer, queueDepth: 1 + random.below(3) },
  };
}
