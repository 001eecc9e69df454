import { decodeSpeedRows } from "./decode-speeds.ts";
import { flightLLMRows } from "./flightllm.ts";
import { gpuRatioRows, utilisationRows } from "./gpu-ratios.ts";
import { KERNEL_SECTIONS, kernelRows } from "./kernels.ts";
import { machineRows } from "./machines.ts";
import { memoryRows } from "./memories.ts";
import { decodePowerRows } from "./published-speeds.ts";
import type { LedgerRow } from "./row.ts";

/** Rows that are computed together, and the sections that they make. */
interface LedgerPart {
  readonly sections: readonly string[];
  readonly rows: () => readonly LedgerRow[];
}

const PARTS: readonly LedgerPart[] = [
  { sections: KERNEL_SECTIONS, rows: kernelRows },
  { sections: ["decode-speeds", "prefill-speeds"], rows: decodeSpeedRows },
  { sections: ["decode-power"], rows: decodePowerRows },
  { sections: ["flightllm", "flightllm-slopes", "flightllm-busy", "flightllm-method"], rows: flightLLMRows },
  { sections: ["gpu-ratios"], rows: gpuRatioRows },
  { sections: ["utilisation"], rows: utilisationRows },
  { sections: ["machines"], rows: machineRows },
  { sections: ["memories"], rows: memoryRows },
];

/** In the order in which they are printed. */
export const ledgerSections = (): readonly string[] => PARTS.flatMap(({ sections }) => sections);

/** Everything that was predicted and that somebody measured, or one section of it; no more is computed than is asked. */
export const ledgerRows = (section?: string): readonly LedgerRow[] =>
  PARTS.filter(({ sections }) => section === undefined || sections.includes(section))
    .flatMap(({ rows }) => rows())
    .filter((row) => section === undefined || row.section === section);
