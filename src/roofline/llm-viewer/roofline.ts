import type { Work } from "./work.ts";

/** A row as LLM-Viewer prints it: operations (a multiply-add is 2), bytes, operations/s and seconds. */
export interface ViewerRow extends Work {
  readonly memory_access: number;
  readonly arithmetic_intensity: number;
  readonly performance: number;
  readonly bound: "memory" | "compute";
  readonly inference_time: number;
}

/** The peak that LLM-Viewer takes for a row: bytes/s and operations/s. */
export interface ViewerPeak {
  readonly bandwidth: number;
  readonly max_OPS: number;
}

/**
 * time = operations / min(peak, intensity x bandwidth).
 * The order of sums and quotients is LLM-Viewer's: it decides the last bit.
 */
export function roofline(work: Work, { bandwidth, max_OPS }: ViewerPeak): ViewerRow {
  const { name, OPs, load_weight, load_act, store_act, load_kv_cache, store_kv_cache } = work;
  const memory_access = load_weight + load_act + store_act + load_kv_cache + store_kv_cache;
  const arithmetic_intensity = Number(OPs) / memory_access;
  const bound = arithmetic_intensity < max_OPS / bandwidth ? "memory" : "compute";
  const performance = bound === "memory" ? arithmetic_intensity * bandwidth : max_OPS;
  return {
    name,
    OPs,
    memory_access,
    arithmetic_intensity,
    performance,
    bound,
    load_weight,
    load_act,
    store_act,
    load_kv_cache,
    store_kv_cache,
    inference_time: Number(OPs) / performance,
  };
}
