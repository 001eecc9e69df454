import { InputError } from "../../models/errors.ts";
import { analyze, type ViewerAnalysis } from "../roofline/llm-viewer/analysis.ts";
import { type Fault, faults } from "../roofline/llm-viewer/faults.ts";
import { viewerHardwareNamed } from "../roofline/llm-viewer/hardware.ts";
import { viewerModelNamed } from "../roofline/llm-viewer/models.ts";
import { STAGES } from "../roofline/llm-viewer/work.ts";
import { line, print, printJson, short, table } from "./output.ts";

export interface AsLlmViewerOptions {
  readonly model: string;
  readonly device: string;
  readonly batch: number;
  readonly context: number;
  readonly weightBits: number;
  readonly activationBits: number;
  readonly kvBits?: number;
  readonly tensorParallel: number;
  readonly flashAttention?: boolean;
  readonly faults?: boolean;
  readonly json?: boolean;
}

/** `accel roofline --as llm-viewer`: the rows and sums that LLM-Viewer prints, its faults included; or its faults. */
export function runAsLlmViewer(options: AsLlmViewerOptions): void {
  if (options.faults === true) {
    if (options.json === true) printJson({ schema: "accel/llm-viewer-faults@1", faults: faults() });
    else print(table(faultRows(faults())));
    return;
  }
  if (!Number.isInteger(options.activationBits) || options.activationBits < 1 || options.activationBits > 64)
    throw new InputError("--activation-bits must be a whole number from 1 to 64.");
  const model = viewerModelNamed(options.model);
  const hardware = viewerHardwareNamed(options.device);
  const analysis = analyze(model, hardware, {
    seqlen: options.context,
    batchsize: options.batch,
    w_bit: options.weightBits,
    a_bit: options.activationBits,
    kv_bit: options.kvBits ?? options.activationBits,
    use_flashattention: options.flashAttention === true,
    tp_size: options.tensorParallel,
  });
  if (options.json === true) printJson(analysis);
  else print(pages(`${model.id} on ${hardware.id}, as LLM-Viewer counts it (quoted formulas)`, analysis));
}

function pages(title: string, analysis: ViewerAnalysis): string {
  const stages = STAGES.map((name) => {
    const { layers, total } = analysis[name];
    const cells = (row: (typeof layers)[number] | typeof total) => [
      short(Number(row.OPs) / 1e9),
      short(row.memory_access / 1e6),
      short(row.inference_time * 1e6),
    ];
    return [
      table([
        [name, "Gop", "MB", "us", "op/byte", "bound"],
        ...layers.map((row) => [row.name, ...cells(row), short(row.arithmetic_intensity), row.bound]),
        ["total", ...cells(total), "", ""],
      ]),
      line("memory", `${short(total.memory_consumption / 1e9)} GB without the head`),
    ].join("\n");
  });
  return [title, ...stages].join("\n\n");
}

function faultRows(all: readonly Fault[]): string[][] {
  return [
    ["fault", "case", "LLM-Viewer", "right", "unit", "times"],
    ...all.map(({ fault, of, unit, counted, rightful }) => [
      fault,
      of,
      short(counted),
      short(rightful),
      unit,
      (counted / rightful).toFixed(2),
    ]),
  ];
}
