import { formatCircuit, type NamedFormat } from "../../../hdl/formats/library.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { matrixUnit } from "../../../hdl/units/matrix/matrix-unit.ts";
import type { MultiplierKind } from "../../../hdl/units/matrix/parameters.ts";
import { IntegerMatrix } from "../../../models/decoder/integer/linear.ts";
import { PACKET, pack } from "../../../models/formats/packet.ts";
import {
  BLOCK,
  type Pattern,
  type QuantizedMatrix,
  type WeightBits,
} from "../../../models/formats/quantized-matrix.ts";
import { encodeMatrix } from "../../../models/formats/stream.ts";
import type { Random } from "../../../models/llama-tiny/corpus.ts";
import { keysPass, type Pass, valuesPass, weightsPass } from "../../../sim/units/pass.ts";
import { alignmentOf, type Machine, type Memory } from "../../../src/compile/machine.ts";
import { planOf } from "../../../src/compile/stream-plan.ts";

/** A matrix instruction, as simulator and circuit are told it, with what has to come out. */
export interface Job {
  readonly pass: Pass;
  readonly stream: Uint8Array;
  readonly command: { readonly weights: 0 | 1; readonly whole_tiles: 0 | 1; readonly aligned_tiles: 0 | 1 };
  readonly format: { readonly bits: WeightBits; readonly pattern: Pattern };
  readonly activations: Int8Array;
  readonly words: Int32Array;
}

function randomActivations(random: Random, count: number): Int8Array {
  return Int8Array.from({ length: count }, () => random.pick([-128, 127, random.below(256) - 128]));
}

export function weightsJob(random: Random, matrix: QuantizedMatrix, machine: Machine, memory: Memory): Job {
  const tileBlocks = tileBlocksOf(matrix.rows, machine);
  const integer = new IntegerMatrix(matrix);
  const activations = randomActivations(random, matrix.cols);
  return {
    pass: weightsPass(planOf(matrix, tileBlocks), tileBlocks, 1),
    stream: aligned([encodeMatrix(matrix, integer.places, tileBlocks)], memory),
    command: { weights: 1, whole_tiles: 0, aligned_tiles: 0 },
    format: matrix,
    activations,
    words: integer.times(activations, 1),
  };
}

/** Keys: whole tiles of 16 tokens by 16 dimensions. Values: 16 dimensions by 16 tokens, a stretch for each tile. */
export function cacheJob(random: Random, kind: "keys" | "values", machine: Machine, memory: Memory): Job {
  const bits = random.pick([4, 8] as const);
  const rows = kind === "keys" ? 1 + random.below(70) : BLOCK * (1 + random.below(3));
  const cols = BLOCK * (1 + random.below(3));
  const tileBlocks = kind === "keys" ? machine.matrix.tileBlocks : tileBlocksOf(rows, machine);
  const limit = 2 ** (bits - 1);
  const codes = Int8Array.from({ length: rows * cols }, () => random.below(2 * limit) - limit);
  const activations = randomActivations(random, cols);
  const pass =
    kind === "keys" ? keysPass(rows, cols, tileBlocks, bits, 1) : valuesPass(rows, cols, tileBlocks, bits, 1);
  const words = Int32Array.from({ length: rows }, (_, row) =>
    activations.reduce((sum, activation, col) => sum + activation * codes[row * cols + col]!, 0),
  );
  const blocks = Math.ceil(rows / BLOCK);
  const tiles = Array.from({ length: Math.ceil(blocks / tileBlocks) }, (_, tile) => {
    const count = kind === "keys" ? tileBlocks : Math.min(tileBlocks, blocks - tile * tileBlocks);
    return tileBytes(codes, rows, cols, bits, tile * tileBlocks, count);
  });
  return {
    pass,
    stream: aligned(tiles, memory),
    command: { weights: 0, whole_tiles: kind === "keys" ? 1 : 0, aligned_tiles: 1 },
    format: { bits, pattern: { kind: "dense" } },
    activations,
    words,
  };
}

const tileBlocksOf = (rows: number, { matrix }: Machine): number =>
  Math.min(matrix.tileBlocks, Math.ceil(rows / BLOCK));

function tileBytes(
  codes: Int8Array,
  rows: number,
  cols: number,
  bits: number,
  firstBlock: number,
  blocks: number,
): Uint8Array {
  const bytes = new Uint8Array((blocks * BLOCK * cols * bits) / 8);
  let at = 0;
  for (let col = 0; col < cols; col += BLOCK)
    for (let slot = 0; slot < blocks * BLOCK * BLOCK; slot++) {
      const row = firstBlock * BLOCK + Math.floor(slot / BLOCK);
      const code = row < rows ? codes[row * cols + col + (slot % BLOCK)]! : 0;
      pack(code, slot % PACKET, bits, bytes, at);
      if (slot % PACKET === PACKET - 1) at += bits;
    }
  return bytes;
}

/** Stretches one after the other, each filled up to the memory's alignment. */
function aligned(stretches: readonly Uint8Array[], memory: Memory): Uint8Array {
  const alignment = alignmentOf(memory);
  const sizes = stretches.map(({ length }) => Math.ceil(length / alignment) * alignment);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [i, stretch] of stretches.entries()) {
    bytes.set(stretch, at);
    at += sizes[i]!;
  }
  return bytes;
}

/** What a circuit did with a job. */
export interface CircuitRun {
  readonly words: Int32Array;
  /** Cycle from which the last word is written. */
  readonly done: number;
  /** Cycles in which the multipliers worked. */
  readonly busy: number;
}

/** A matrix unit's circuit behind a buffer whose word i stands in it from cycle `arrivals[i]` on. */
export class MatrixBench {
  private readonly formats: readonly NamedFormat[];
  private readonly wordBytes: number;
  private readonly simulation: Simulation;
  private readonly lanes: number;
  private stream: Uint8Array = new Uint8Array(0);
  private arrivals: readonly number[] = [];
  private position = 0;
  /** The cycle that comes next. */
  private cycle = 0;

  constructor(machine: Machine, memory: Memory, jobs: readonly Job[], multiplier: MultiplierKind = "soft") {
    const formats = new Map(
      jobs.map(({ format: { bits, pattern } }) => [keyOf({ bits, pattern }), formatCircuit(bits, pattern)]),
    );
    this.formats = [...formats.values()];
    this.wordBytes = memory.wordBytes;
    this.lanes = Math.min(machine.vector.lanes, machine.matrix.tileBlocks * BLOCK);
    this.simulation = simulate(
      matrixUnit({
        ...machine.matrix,
        outputLanes: machine.vector.lanes,
        wordBytes: memory.wordBytes,
        dotBits: 32,
        rowBits: 10,
        columnBits: 8,
        formats: this.formats,
        multiplier,
      }),
    );
  }

  /** Resets the circuit and fills its buffer; `cycle` 0 is the one after the reset. */
  begin(stream: Uint8Array, arrivals: readonly number[]): void {
    this.stream = stream;
    this.arrivals = arrivals;
    this.position = 0;
    this.simulation.reset();
    this.cycle = 0;
  }

  /** Runs a job whose command counts from cycle `start` on. */
  run(job: Job, start: number): CircuitRun {
    const { simulation } = this;
    const format = this.formats.findIndex(
      ({ headerByte }) => headerByte === formatCircuit(job.format.bits, job.format.pattern).headerByte,
    );
    const words = new Int32Array(job.words.length);
    const written = new Uint8Array(job.words.length);
    let block = 0;
    let busy = 0;
    for (; ; this.cycle++) {
      if (this.cycle > start + 1e5) throw new Error("the circuit does not end");
      const begins = this.cycle === start - 1;
      if (begins && simulation.get("free") === 0) throw new Error("the circuit is not free");
      simulation.set("start", begins ? 1 : 0);
      if (begins) {
        simulation.drive({ command_format: format, command_rows: job.pass.rows });
        simulation.drive({ command_column_blocks: Math.ceil(job.pass.cols / BLOCK) });
        for (const [name, bit] of Object.entries(job.command)) simulation.set(`command_${name}`, bit);
      }
      this.offerWord();
      for (let i = 0; i < BLOCK; i++)
        simulation.set(`activations_${i}`, job.activations[block * BLOCK + i] ?? 0);
      for (let lane = 0; lane < this.lanes; lane++) {
        if (simulation.get(`words_${lane}_valid`) === 0) continue;
        const row = simulation.get("row") + lane;
        words[row] = simulation.get(`words_${lane}_value`);
        written[row]!++;
      }
      busy += simulation.get("busy");
      const done = simulation.get("done") === 1;
      const asked = simulation.get("block_read") === 1 ? simulation.get("block") : block;
      this.position += simulation.get("pop");
      simulation.step();
      block = asked;
      if (done) {
        if (written.some((count) => count !== 1))
          throw new Error(`rows are not written once: ${written.join(" ")}`);
        this.cycle++;
        return { words, done: this.cycle, busy };
      }
    }
  }

  private offerWord(): void {
    const arrival = this.arrivals[this.position];
    const there = arrival !== undefined && arrival <= this.cycle;
    let word = 0n;
    for (let i = this.wordBytes - 1; i >= 0 && there; i--)
      word = (word << 8n) | BigInt(this.stream[this.position * this.wordBytes + i]!);
    this.simulation.drive({ word_valid: there ? 1 : 0, word });
  }
}

const keyOf = ({ bits, pattern }: Job["format"]): string =>
  JSON.stringify([bits, pattern.kind, pattern.kind === "n:m" ? [pattern.n, pattern.m] : null]);
