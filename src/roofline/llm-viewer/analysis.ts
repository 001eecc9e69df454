import { InputError } from "../../../models/errors.ts";
import { type ViewerHardware, viewerPeak } from "./hardware.ts";
import type { ViewerModel } from "./model.ts";
import { roofline, type ViewerRow } from "./roofline.ts";
import { headWork, layerWork, type StageName, stageNamed, type ViewerInput } from "./work.ts";

/** What LLM-Viewer sums over the rows. */
type Sums = Pick<
  ViewerRow,
  | "OPs"
  | "memory_access"
  | "load_weight"
  | "load_act"
  | "store_act"
  | "load_kv_cache"
  | "store_kv_cache"
  | "inference_time"
>;

/** A stage's sums over all layers and the head; `memory_consumption*` in bytes, without the head. */
export interface ViewerTotal extends Sums {
  readonly memory_consumption: number;
  readonly memory_consumption_tmp_act: number;
  readonly memory_consumption_weight: number;
  readonly memory_consumption_kv_cache: number;
}

/** The rows of one layer, the head after them, and the sums. */
export interface ViewerStage {
  readonly layers: readonly ViewerRow[];
  readonly total: ViewerTotal;
}

export type ViewerAnalysis = Readonly<Record<StageName, ViewerStage>>;

/**
 * The analysis that LLM-Viewer at commit 1893e4b makes, its faults included (faults.ts has them with their size).
 * Equal to the last bit: counts are exact and doubles are combined in LLM-Viewer's order.
 * @throws InputError where LLM-Viewer refuses
 */
export function analyze(model: ViewerModel, hardware: ViewerHardware, input: ViewerInput): ViewerAnalysis {
  checkParts(model, input.tp_size);
  const peak = viewerPeak(hardware, input);
  const layerRows = (stage: StageName): readonly ViewerRow[] =>
    layerWork(model, input, stageNamed(stage, input.seqlen), hardware.onchip_buffer).map((work) =>
      roofline(work, peak),
    );
  const rows = { prefill: layerRows("prefill"), decode: layerRows("decode") };
  const inLayers = {
    prefill: sumOver(rows.prefill, model.layers),
    decode: sumOver(rows.decode, model.layers),
  };
  const head = headWork(model, input);
  const headRows = head === null ? [] : [roofline(head, peak)];
  // Weights and cache are those of prefill, for both stages.
  const weight = inLayers.prefill.load_weight;
  const cache = inLayers.prefill.store_kv_cache;
  const stage = (name: StageName): ViewerStage => {
    const activations = rows[name].reduce((sum, row) => sum + row.store_act, 0);
    return {
      layers: [...rows[name], ...headRows],
      total: {
        ...headRows.reduce((total, row) => add(total, row, 1), inLayers[name]),
        memory_consumption: activations + (weight + cache),
        memory_consumption_tmp_act: activations,
        memory_consumption_weight: weight,
        memory_consumption_kv_cache: cache,
      },
    };
  };
  return { prefill: stage("prefill"), decode: stage("decode") };
}

const NOTHING: Sums = {
  OPs: 0n,
  memory_access: 0,
  load_weight: 0,
  load_act: 0,
  store_act: 0,
  load_kv_cache: 0,
  store_kv_cache: 0,
  inference_time: 0,
};

const sumOver = (rows: readonly ViewerRow[], layers: number): Sums =>
  rows.reduce((total, row) => add(total, row, layers), NOTHING);

const add = (total: Sums, row: ViewerRow, times: number): Sums => ({
  OPs: total.OPs + row.OPs * BigInt(times),
  memory_access: total.memory_access + row.memory_access * times,
  load_weight: total.load_weight + row.load_weight * times,
  load_act: total.load_act + row.load_act * times,
  store_act: total.store_act + row.store_act * times,
  load_kv_cache: total.load_kv_cache + row.load_kv_cache * times,
  store_kv_cache: total.store_kv_cache + row.store_kv_cache * times,
  inference_time: total.inference_time + row.inference_time * times,
});

function checkParts({ id, hiddenSize, intermediateSize, kvHeads }: ViewerModel, parts: number): void {
  const sizes = { "hidden size": hiddenSize, "intermediate size": intermediateSize, "key heads": kvHeads };
  const odd = Object.entries(sizes).find(([, size]) => size % parts !== 0);
  if (odd !== undefined)
    throw new InputError(
      `${id} is not split over ${parts} devices: its ${odd[0]} (${odd[1]}) cannot be divided.`,
    );
}
