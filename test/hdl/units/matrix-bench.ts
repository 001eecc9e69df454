import { formatCircuit, type NamedFormat } from "../../../hdl/formats/library.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { matrixUnit, windowOf } from "../../../hdl/units/matrix/matrix-unit.ts";
import {
  BLOCK_DOT_BITS,
  dotBitsFor,
  type MatrixParameters,
  type MatrixSource,
  type MultiplierKind,
} from "../../../hdl/units/matrix/parameters.ts";
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
  readonly memory: Memory;
  readonly stream: Uint8Array;
  readonly command: { readonly weights: 0 | 1; readonly whole_blocks: number; readonly aligned_tiles: 0 | 1 };
  readonly format: { readonly bits: WeightBits; readonly pattern: Pattern };
  /** For each activation vector: its codes, and the words that come of them. */
  readonly activations: readonly Int8Array[];
  readonly words: readonly Int32Array[];
  readonly exponent: number;
}

/** Of 1 to `maxTokens` vectors. */
function randomActivations(random: Random, count: number, { matrix }: Machine): Int8Array[] {
  return Array.from({ length: 1 + random.below(matrix.maxTokens) }, () =>
    Int8Array.from({ length: count }, () => random.pick([-128, 127, random.below(256) - 128])),
  );
}

export function weightsJob(random: Random, matrix: QuantizedMatrix, machine: Machine, memory: Memory): Job {
  const tileBlocks = tileBlocksOf(matrix.rows, machine);
  const integer = new IntegerMatrix(matrix);
  const activations = randomActivations(random, matrix.cols, machine);
  return {
    pass: weightsPass(planOf(matrix, tileBlocks), tileBlocks, activations.length),
    memory,
    stream: aligned([encodeMatrix(matrix, integer.places, tileBlocks)], memory),
    command: { weights: 1, whole_blocks: 0, aligned_tiles: 0 },
    format: matrix,
    activations,
    words: activations.map((vector) => integer.times(vector, 1)),
    exponent: integer.exponent,
  };
}

/** Keys: whole tiles of 16 tokens by 16 dimensions. Values: 16 dimensions by 16 tokens, a stretch for each tile. */
export function cacheJob(random: Random, kind: "keys" | "values", machine: Machine, memory: Memory): Job {
  const bits = random.pick([4, 8] as const);
  const rows = kind === "keys" ? 1 + random.below(70) : BLOCK * (1 + random.below(3));
  const cols = BLOCK * (1 + random.below(3));
  const tileBlocks =
    kind === "keys"
      ? 2 ** random.below(Math.log2(machine.matrix.tileBlocks) + 1)
      : tileBlocksOf(rows, machine);
  const limit = 2 ** (bits - 1);
  const codes = Int8Array.from({ length: rows * cols }, () => random.below(2 * limit) - limit);
  const activations = randomActivations(random, cols, machine);
  const pass =
    kind === "keys"
      ? keysPass(rows, cols, tileBlocks, bits, activations.length)
      : valuesPass(rows, cols, tileBlocks, bits, activations.length);
  const words = activations.map((vector) =>
    Int32Array.from({ length: rows }, (_, row) =>
      vector.reduce((sum, activation, col) => sum + activation * codes[row * cols + col]!, 0),
    ),
  );
  const blocks = Math.ceil(rows / BLOCK);
  const tiles = Array.from({ length: Math.ceil(blocks / tileBlocks) }, (_, tile) => {
    const count = kind === "keys" ? tileBlocks : Math.min(tileBlocks, blocks - tile * tileBlocks);
    return tileBytes(codes, rows, cols, bits, tile * tileBlocks, count);
  });
  return {
    pass,
    memory,
    stream: aligned(tiles, memory),
    command: { weights: 0, whole_blocks: kind === "keys" ? tileBlocks : 0, aligned_tiles: 1 },
    format: { bits, pattern: { kind: "dense" } },
    activations,
    words,
    exponent: 0,
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

/** A job whose command counts from cycle `start` on; its stream comes from source `source`. */
export interface PlacedJob {
  readonly job: Job;
  readonly source: number;
  readonly start: number;
}

/** What a circuit did with a job. */
export interface CircuitRun {
  readonly words: readonly Int32Array[];
  /** Cycle from which another command may be given. */
  issued: number;
  /** Cycle from which all is written. */
  done: number;
}

/** Bytes of one source, of which word i stands in the buffer from cycle `arrivals[i]` on. */
export interface SourceBytes {
  readonly bytes: Uint8Array;
  readonly arrivals: readonly number[];
}

/** A matrix unit's circuit behind the buffers of its sources. */
export class MatrixBench {
  private readonly formats: readonly NamedFormat[];
  private readonly wordBytes: readonly number[];
  private readonly simulation: Simulation;
  private readonly window: number;
  private readonly lanes: number;

  constructor(
    machine: Machine,
    memories: readonly Memory[],
    jobs: readonly Job[],
    multiplier: MultiplierKind = "soft",
  ) {
    const formats = new Map(
      jobs.map(({ format: { bits, pattern } }) => [keyOf({ bits, pattern }), formatCircuit(bits, pattern)]),
    );
    this.formats = [...formats.values()];
    this.wordBytes = memories.map(({ wordBytes }) => wordBytes);
    this.lanes = machine.vector.lanes;
    const parameters: MatrixParameters = {
      ...machine.matrix,
      outputLanes: machine.vector.lanes,
      sources: memories.map((memory) => ({
        wordBytes: memory.wordBytes,
        alignment: alignmentOf(memory),
        ...carriedBy(memory, jobs),
      })),
      dotBits: Math.max(...jobs.map(dotBitsOf)),
      rowBits: 10,
      columnBits: 8,
      formats: this.formats,
      multiplier,
    };
    this.window = windowOf(parameters);
    this.simulation = simulate(matrixUnit(parameters));
  }

  /** Resets the circuit and runs jobs, each with its command in the cycle before its start; cycle 0 follows the reset. */
  run(jobs: readonly PlacedJob[], sources: readonly SourceBytes[]): readonly CircuitRun[] {
    const { simulation } = this;
    simulation.reset();
    const runs: CircuitRun[] = jobs.map(({ job }) => ({
      words: job.words.map(({ length }) => new Int32Array(length)),
      issued: -1,
      done: -1,
    }));
    const written = jobs.map(({ job }) => job.words.map(({ length }) => new Uint8Array(length)));
    const positions = sources.map(() => 0);
    let started = 0;
    let ended = 0;
    let lastWritten = -2;
    for (let cycle = 0; ended < jobs.length; cycle++) {
      const last = runs[started - 1];
      const free = simulation.get("free") === 1;
      if (last !== undefined && last.issued < 0 && free) last.issued = cycle;
      const next = jobs[started];
      const begins = next !== undefined && cycle === next.start - 1;
      simulation.set("start", begins ? 1 : 0);
      if (begins) {
        if (!free) throw new Error(`the circuit is not free in cycle ${cycle}`);
        this.command(next);
        started++;
      }
      if (cycle > 1e5) throw new Error("the circuit does not end");
      for (const [i, source] of sources.entries()) this.offer(i, source, positions[i]!, cycle);
      for (let lane = 0; lane < this.lanes; lane++) {
        if (simulation.get(`words_${lane}_valid`) === 0) continue;
        if (lane === 0 && cycle < lastWritten + 2)
          throw new Error("words in two cycles, one after the other");
        lastWritten = cycle;
        if (simulation.get("pass") !== ended % 4) throw new Error("words of another pass");
        const row = simulation.get("row") + lane;
        const vector = simulation.get("vector");
        runs[ended]!.words[vector]![row] = simulation.get(`words_${lane}_value`);
        written[ended]![vector]![row]!++;
      }
      if (simulation.get("done") === 1) {
        if (simulation.get("exponent") !== jobs[ended]!.job.exponent) throw new Error("a wrong exponent");
        runs[ended]!.done = cycle + 1;
        if (written[ended]!.some((rows) => rows.some((count) => count !== 1)))
          throw new Error(`words are not written once: ${written[ended]!.join(" ")}`);
        ended++;
      }
      const codes = this.codesAskedFor(jobs[begins ? started - 2 : started - 1]?.job);
      for (const i of positions.keys()) positions[i]! += simulation.get(`pops_${i}`);
      simulation.step();
      simulation.drive(codes);
    }
    return runs;
  }

  private command({ job, source }: PlacedJob): void {
    const { headerByte } = formatCircuit(job.format.bits, job.format.pattern);
    this.simulation.drive({
      command_format: this.formats.findIndex((format) => format.headerByte === headerByte),
      command_source: source,
      command_rows: job.pass.rows,
      command_last_vector: job.activations.length - 1,
      command_column_blocks: Math.ceil(job.pass.cols / BLOCK),
    });
    for (const [name, bit] of Object.entries(job.command)) this.simulation.set(`command_${name}`, bit);
  }

  /** What a code memory gives in the next cycle: anything if it is not asked. */
  private codesAskedFor(job: Job | undefined): Record<string, number> {
    const { simulation, window } = this;
    const asked = simulation.get("code_read") === 1;
    const codes = job?.activations[simulation.get("code_vector")];
    const first = simulation.get("code_block") * BLOCK + simulation.get("code_window") * window;
    if (asked && codes === undefined) throw new Error("activations of no vector are asked for");
    return Object.fromEntries(
      Array.from({ length: window }, (_, i) => [`codes_${i}`, asked ? (codes?.[first + i] ?? 0) : 85]),
    );
  }

  private offer(source: number, { bytes, arrivals }: SourceBytes, position: number, cycle: number): void {
    const arrival = arrivals[position];
    const there = arrival !== undefined && arrival <= cycle;
    const { [source]: wordBytes = 1 } = this.wordBytes;
    let word = 0n;
    for (let i = wordBytes - 1; i >= 0 && there; i--)
      word = (word << 8n) | BigInt(bytes[position * wordBytes + i]!);
    this.simulation.drive({ [`offers_${source}_valid`]: there ? 1 : 0, [`offers_${source}_word`]: word });
  }
}

/** The least that will do. */
const dotBitsOf = ({ pass }: Job): number =>
  pass.groupSize === null ? BLOCK_DOT_BITS : dotBitsFor(pass.groupSize, pass.bits);

/** A memory whose streams are all of one kind makes a smaller circuit. */
function carriedBy(memory: Memory, jobs: readonly Job[]): Pick<MatrixSource, "carries"> {
  const ours = jobs.filter((job) => job.memory === memory);
  if (ours.every(({ command }) => command.weights === 1)) return { carries: "weights" };
  return ours.some(({ command }) => command.weights === 1) ? {} : { carries: "keysAndValues" };
}

const keyOf = ({ bits, pattern }: Job["format"]): string =>
  JSON.stringify([bits, pattern.kind, pattern.kind === "n:m" ? [pattern.n, pattern.m] : null]);
