import { IntegerMatrix } from "../../../models/decoder/integer/linear.ts";
import { encodeMatrix } from "../../../models/formats/stream.ts";
import type { QuantizedMatrix } from "../../../models/formats/quantized-matrix.ts";
import type { Random } from "../../../models/llama-tiny/corpus.ts";
import { formatCircuit } from "../../../hdl/formats/library.ts";
import { matrixUnit } from "../../../hdl/units/matrix/matrix-unit.ts";
import type { MultiplierKind } from "../../../hdl/units/matrix/parameters.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { optimise } from "../../../hdl/simulate/optimise.ts";
import { alignmentOf, type Machine, type Memory } from "../../../src/compile/machine.ts";

/** A matrix, as a circuit is to multiply it. */
export interface Job {
  readonly matrix: QuantizedMatrix;
  readonly activations: Int8Array;
}

export function randomActivations(random: Random, count: number): Int8Array {
  return Int8Array.from({ length: count }, () => random.pick([-128, 127, random.below(256) - 128]));
}

export function circuitOf(machine: Machine, memory: Memory, matrices: readonly QuantizedMatrix[], multiplier: MultiplierKind = "soft") {
  const formats = new Map(matrices.map(({ bits, pattern }) => [JSON.stringify([bits, pattern.kind === "n:16" ? "n:16" : pattern]), formatCircuit(bits, pattern)]));
  return matrixUnit({
    ...machine.matrix,
    outputLanes: machine.vector.lanes,
    wordBytes: memory.wordBytes,
    dotBits: 32,
    rowBits: 10,
    columnBits: 8,
    formats: [...formats.values()],
    multiplier,
  });
}

export function streamOf(matrix: QuantizedMatrix, tileBlocks: number, memory: Memory): Uint8Array {
  const bytes = encodeMatrix(matrix, new IntegerMatrix(matrix).places, tileBlocks);
  const alignment = alignmentOf(memory);
  const padded = new Uint8Array(Math.ceil(bytes.length / alignment) * alignment);
  padded.set(bytes);
  return padded;
}

export interface CircuitRun {
  readonly words: Int32Array;
  /** Cycle from which the last word is written. */
  readonly done: number;
}

/**
 * Runs a circuit over a stream whose word i stands in the buffer from cycle `arrivals[i]` on; the command counts from
 * cycle 0 on.
 */
export function runCircuit(
  circuit: ReturnType<typeof circuitOf>,
  { matrix, activations }: Job,
  stream: Uint8Array,
  wordBytes: number,
  arrivals: readonly number[],
): CircuitRun {
  const simulation = new Interpreter(optimise(flatten(circuit), () => false));
  const set = (name: string, value: number | bigint): void => simulation.set(name, BigInt(value));
  const get = (name: string): number => Number(simulation.get(name));
  const words = new Int32Array(matrix.rows);
  const written = new Uint8Array(matrix.rows);
  const lanes = circuit.outputs.filter(({ name }) => /^words_\d+_value$/.test(name)).length;
  const columns = Math.ceil(matrix.cols / 16);
  set("reset", 1);
  simulation.step();
  set("reset", 0);
  set("start", 1);
  set("command_rows", matrix.rows);
  set("command_column_blocks", columns);
  set("command_weights", 1);
  let position = 0;
  let block = 0;
  for (let cycle = -1; cycle < 1e5; cycle++) {
    const there = position < arrivals.length && arrivals[position]! <= cycle;
    set("word_valid", there ? 1 : 0);
    let word = 0n;
    for (let i = wordBytes - 1; i >= 0 && there; i--) word = (word << 8n) | BigInt(stream[position * wordBytes + i]!);
    set("word", word);
    for (let i = 0; i < 16; i++) set(`activations_${i}`, activations[block * 16 + i] ?? 0);
    const pops = get("pop") === 1;
    const asked = get("block_read") === 1 ? get("block") : block;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(`words_${lane}_valid`) === 0) continue;
      const row = get("row") + lane;
      words[row] = get(`words_${lane}_value`);
      written[row]!++;
    }
    if (get("done") === 1) {
      if (written.some((count) => count !== 1)) throw new Error(`rows are not written once: ${written.join(" ")}`);
      return { words, done: cycle + 1 };
    }
    simulation.step();
    set("start", 0);
    if (pops) position++;
    block = asked;
  }
  throw new Error("the circuit does not end");
}
