import type {
  OperatorFigures,
  ReportData,
  SpanKind,
  TimelineSpan,
  TimelineTrack,
} from "../../src/report/data.ts";

const CLOCK_MHZ = 24;
const FLASH_BYTES_PER_CYCLE = 0.5;
const SPRAM_BYTES_PER_CYCLE = 2;
const MATRIX_OPS_PER_CYCLE = 64;
const VECTOR_OPS_PER_CYCLE = 4;
/** A page of flash, after which the loader sends a new address. */
const PAGE_BYTES = 256;
const ADDRESS_CYCLES = 14;
/** Chunks that the loader may be ahead of the matrix unit. */
const BUFFERS = 2;
const PROGRAM_BYTES = 16;

/** An operator before anyone has timed it. */
type Step = Pick<OperatorFigures, "name" | "kind" | "layer" | "operations" | "bytes">;

/**
 * Figures as a simulation of a small model gives them, from a toy schedule of its operators. They agree with each
 * other: the timeline, the stalls and the operators tell of the same cycles.
 * @param chunkBytes bytes that the loader hands over at a time: 160 make 3,000 spans, 20 make 19,000
 */
export function reportFixture(chunkBytes = 160): ReportData {
  const steps = decoderSteps(5);
  const { tracks, operatorCycles } = schedule(steps, chunkBytes);
  const cycles = operatorCycles.reduce((a, b) => a + b, 0);
  // The mean over shorter sequences is a little less than the last token's.
  const cyclesPerToken = Math.round(0.99 * cycles);
  const stalls = tracks.map(unitCycles);
  const busyShare = (unit: string): number => (stalls.find((one) => one.unit === unit)?.busy ?? 0) / cycles;

  const sum = (source: "weights" | "metadata" | "keysAndValues"): number =>
    steps.reduce((total, { bytes }) => total + bytes[source], 0);
  const [weights, metadata, keysAndValues] = [sum("weights"), sum("metadata"), sum("keysAndValues")];
  const program = PROGRAM_BYTES * steps.length;
  return {
    title: {
      model: "llama-tiny",
      machine: "up5k-flash",
      machineSummary: "weights streamed from flash, keys and values in SPRAM",
      device: "Lattice iCE40 UP5K",
      compression: "2:4 + w4g32, kv8",
      prompt: "Once the miller had",
      text: " counted the sacks, she wrote the number on the door. There were nine of rye and four of oats.",
    },
    headline: {
      tokens: 32,
      cyclesPerToken,
      tokensPerSecond: (CLOCK_MHZ * 1e6) / cyclesPerToken,
      clockMHz: CLOCK_MHZ,
      bytesPerToken: {
        weights,
        metadata,
        keysAndValues,
        program,
        total: weights + metadata + keysAndValues + program,
      },
      bitsPerWeight: (8 * (weights + metadata)) / 278_528,
      bound: { kind: "memory", resource: "SPI flash" },
      utilisation: {
        "SPI flash": busyShare("loader"),
        "matrix unit": busyShare("matrix unit"),
        "vector unit": busyShare("vector unit"),
        sequencer: busyShare("sequencer"),
        SPRAM: keysAndValues / SPRAM_BYTES_PER_CYCLE / cycles,
      },
      rooflineShare: (weights + metadata) / FLASH_BYTES_PER_CYCLE / cycles,
      quality: {
        perplexity: 5.482,
        answers: 0.865,
        densePerplexity: 5.306,
        denseAnswers: 0.9,
        note: "2,048 held-out tokens, 200 questions",
      },
      wordsCompared: 1_204_416,
      wordsEqual: 1_204_416,
    },
    provenance: {
      speed: "simulated",
      clock: "quoted",
      bytes: "simulated",
      utilisation: "simulated",
      quality: "measured",
      roofline: "estimated",
      operators: "simulated",
      timeline: "simulated",
    },
    roofline: {
      computeCeilings: [
        { name: "matrix unit, int8", opsPerSecond: MATRIX_OPS_PER_CYCLE * CLOCK_MHZ * 1e6 },
        { name: "vector unit", opsPerSecond: VECTOR_OPS_PER_CYCLE * CLOCK_MHZ * 1e6 },
      ],
      memoryCeilings: [
        { name: "SPI flash", bytesPerSecond: FLASH_BYTES_PER_CYCLE * CLOCK_MHZ * 1e6 },
        { name: "SPRAM", bytesPerSecond: SPRAM_BYTES_PER_CYCLE * CLOCK_MHZ * 1e6 },
      ],
    },
    operators: steps.map((step, index) => ({
      ...step,
      count: 1,
      bound: step.kind === "linear" ? "SPI flash" : step.kind === "attention" ? "SPRAM" : "vector unit",
      cycles: operatorCycles[index]!,
      attainableOpsPerSecond: attainableOpsPerSecond(step),
    })),
    timeline: { position: 31, cycles, tracks },
    stalls,
    ladder: [
      { rung: 0, what: "Float decoder against golden logits", equal: true, why: "8e-6 of the largest logit" },
      { rung: 1, what: "Integer decoder against float decoder", equal: true, why: "perplexity within 0.7 %" },
      {
        rung: 2,
        what: "Simulated program against integer decoder",
        equal: true,
        why: "every word of every token",
      },
      {
        rung: 3,
        what: "Circuit against simulator",
        equal: null,
        why: "no circuit was generated in this run",
      },
      { rung: 4, what: "Emitted Verilog against circuit", equal: null, why: "needs rung 3" },
      { rung: 5, what: "Netlist after synthesis against circuit", equal: null, why: "needs rung 3" },
    ],
  };
}

/** A unit that remembers what it did. */
class Unit {
  readonly spans: TimelineSpan[] = [];

  get free(): number {
    return this.spans.at(-1)?.end ?? 0;
  }

  until(end: number, label: string, kind: SpanKind, cause?: string): void {
    if (end <= this.free) return;
    this.spans.push({ start: this.free, end, label, kind, ...(cause === undefined ? {} : { cause }) });
  }
}

/**
 * Runs the steps one after the other: linear ones stream their weights in chunks through the loader, which runs ahead
 * as far as its buffers allow, to the matrix unit; the others run on the vector unit.
 */
function schedule(steps: readonly Step[], chunkBytes: number) {
  const [sequencer, loader, matrix, vector] = [new Unit(), new Unit(), new Unit(), new Unit()];
  const chunkEnds: number[] = [];
  const operatorCycles: number[] = [];
  let streamedBytes = 0;
  let stepEnd = 0;

  const streamChunk = (label: string, bytes: number, operations: number): void => {
    loader.until(chunkEnds.at(-BUFFERS) ?? 0, label, "stall", "buffer full");
    if (streamedBytes % PAGE_BYTES < bytes) {
      loader.until(loader.free + ADDRESS_CYCLES, label, "stall", "flash address");
    }
    streamedBytes += bytes;
    loader.until(loader.free + Math.ceil(bytes / FLASH_BYTES_PER_CYCLE), label, "busy");
    matrix.until(stepEnd, label, "wait", "activations");
    matrix.until(loader.free, label, "stall", "weights");
    matrix.until(matrix.free + Math.ceil(operations / MATRIX_OPS_PER_CYCLE) + 2, label, "busy");
    chunkEnds.push(matrix.free);
  };

  for (const { name, kind, layer, operations, bytes } of steps) {
    const label = layer === null ? name : `layer ${layer} · ${name}`;
    sequencer.until(loader.free, label, "wait", "queue full");
    sequencer.until(sequencer.free + 6, label, "busy");
    if (kind === "linear") {
      const total = bytes.weights + bytes.metadata;
      for (let start = 0; start < total; start += chunkBytes) {
        const chunk = Math.min(chunkBytes, total - start);
        streamChunk(label, chunk, (operations * chunk) / total);
      }
    } else {
      vector.until(stepEnd, label, "wait", "activations");
      const work = operations / VECTOR_OPS_PER_CYCLE + bytes.keysAndValues / SPRAM_BYTES_PER_CYCLE + 4;
      vector.until(vector.free + Math.ceil(work), label, "busy");
    }
    const end = Math.max(stepEnd, (kind === "linear" ? matrix : vector).free);
    operatorCycles.push(end - stepEnd);
    stepEnd = end;
  }

  const units = { sequencer, loader, "matrix unit": matrix, "vector unit": vector };
  const tracks = Object.entries(units).map(([unit, { spans }]) => ({ unit, spans }));
  return { tracks, operatorCycles };
}

/** Operators of one token of a decoder as small as llama-tiny, 2:4 with 4-bit weights, at position 31. */
function decoderSteps(layers: number): Step[] {
  const [hidden, kvWidth, intermediate, vocabulary, length] = [64, 32, 192, 512, 32];
  const linear = (name: string, layer: number | null, rows: number, cols: number): Step => ({
    name,
    kind: "linear",
    layer,
    operations: 2 * rows * cols,
    bytes: { weights: (rows * cols) / 4, metadata: (rows * cols * 3) / 16, keysAndValues: 0 },
  });
  const other = (
    name: string,
    kind: string,
    layer: number | null,
    operations: number,
    bytes: { weights?: number; keysAndValues?: number } = {},
  ): Step => ({
    name,
    kind,
    layer,
    operations,
    bytes: { weights: 0, metadata: 0, keysAndValues: 0, ...bytes },
  });

  const gains = { weights: 2 * hidden };
  const cache = { keysAndValues: length * (kvWidth + 2) };
  const layerSteps = (layer: number): Step[] => [
    other("attention norm", "norm", layer, 4 * hidden, gains),
    linear("q", layer, hidden, hidden),
    linear("k", layer, kvWidth, hidden),
    linear("v", layer, kvWidth, hidden),
    other("rotary embedding", "elementwise", layer, 3 * (hidden + kvWidth)),
    other("scores", "attention", layer, 2 * length * hidden, cache),
    other("softmax", "elementwise", layer, 20 * length),
    other("values", "attention", layer, 2 * length * hidden, cache),
    linear("o", layer, hidden, hidden),
    other("feed-forward norm", "norm", layer, 4 * hidden, gains),
    linear("gate", layer, intermediate, hidden),
    linear("up", layer, intermediate, hidden),
    other("SiLU · up", "elementwise", layer, 4 * intermediate),
    linear("down", layer, hidden, intermediate),
  ];
  return [
    other("embedding", "lookup", null, 0, { weights: 48 }),
    ...Array.from({ length: layers }, (_, layer) => layerSteps(layer)).flat(),
    other("final norm", "norm", null, 4 * hidden, gains),
    linear("head", null, vocabulary, hidden),
    other("argmax", "elementwise", null, vocabulary),
  ];
}

function attainableOpsPerSecond({ operations, bytes, kind }: Step): number {
  const bytesPerCycle = kind === "attention" ? SPRAM_BYTES_PER_CYCLE : FLASH_BYTES_PER_CYCLE;
  const opsPerCycle = kind === "linear" ? MATRIX_OPS_PER_CYCLE : VECTOR_OPS_PER_CYCLE;
  const moved = bytes.weights + bytes.metadata + bytes.keysAndValues;
  const reached = moved === 0 ? opsPerCycle : Math.min(opsPerCycle, (operations / moved) * bytesPerCycle);
  return reached * CLOCK_MHZ * 1e6;
}

function unitCycles({ unit, spans }: TimelineTrack) {
  const stalls: Record<string, number> = {};
  let busy = 0;
  for (const { start, end, kind, cause } of spans) {
    if (kind === "busy") busy += end - start;
    else stalls[cause ?? kind] = (stalls[cause ?? kind] ?? 0) + end - start;
  }
  return { unit, busy, stalls };
}
