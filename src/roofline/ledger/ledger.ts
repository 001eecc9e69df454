import { decodeSpeedRows } from "./decode-speeds.ts";
import { kernelRows } from "./kernels.ts";
import type { LedgerRow } from "./row.ts";

/** Everything that was predicted and that somebody measured, section by section. */
export const ledgerRows = (): readonly LedgerRow[] => [...kernelRows(), ...decodeSpeedRows()];
