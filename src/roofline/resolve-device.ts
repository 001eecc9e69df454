import type { Device } from "../devices/device.ts";
import {
  deviceNamed,
  deviceNames,
  fpgaNamed,
  machineFrom,
  machineNameOf,
  machineNames,
} from "../devices/library.ts";
import type { DeviceMemory, Performance } from "../devices/performance.ts";
import { kernelConstantsOf, kernelModelOf } from "./calibration/constants.ts";
import { machineAsDevice } from "./machine-device.ts";
import { memoryShareByAccess } from "./memory-shares.ts";
import type { KernelConstants, RooflineDevice, RooflineMemory } from "./predict/roofline-device.ts";

/** A device of the library or of a file, or a machine of the library, as the roofline sees it. */
export function rooflineDeviceNamed(nameOrFile: string): RooflineDevice {
  const machineName = machineNameOf(nameOrFile);
  if (machineName === undefined) return rooflineDevice(deviceNamed(nameOrFile));
  const machine = machineFrom(machineName);
  return machineAsDevice(machine, fpgaNamed(machine.device));
}

/** The whole library. */
export const rooflineDevices = (): RooflineDevice[] =>
  [...deviceNames(), ...machineNames()].map(rooflineDeviceNamed);

/**
 * Of what the board may draw. A V100S draws about 220 of its 250 W while it decodes (FlightLLM, figure 1); idle power and its
 * memory's bytes are some 60 of these. An estimate from that one point, for all GPUs.
 */
const GPU_ACTIVE_SHARE = 0.6;

export function rooflineDevice({ name, title, kind, performance }: Device): RooflineDevice {
  const isFpga = kind === "fpga" || kind === "hypothetical";
  const { compute, memories, onChip, link, power, priceUsd, measuredKernels } = performance;
  return {
    name,
    title,
    kind: isFpga ? "fpga" : "gpu",
    peaks: compute.map(({ numbers, operationsPerSecond, sparse24, picojoulesPerOperation }) => ({
      numbers,
      operationsPerSecond: operationsPerSecond.value,
      sparse24PerSecond: sparse24?.value ?? null,
      oneVectorPerSecond: null,
      picojoulesPerOperation: picojoulesPerOperation?.value ?? 0,
    })),
    vectorOperationsPerSecond: laneInstructions(performance),
    memories: memories.map(rooflineMemory),
    onChip: { kind: isFpga ? "scratchpad" : "cache", bytes: onChip.bytes.value },
    hasDecoder: isFpga,
    skipsZeros: isFpga,
    link:
      link === null
        ? null
        : {
            bytesPerSecond: link.bytesPerSecond.value,
            startSeconds: link.startSeconds.value,
            stepSeconds: link.stepSeconds.value,
          },
    kernelModel: measuredKernels === null ? null : kernelModelOf(measuredKernels),
    kernel: measuredKernels === null ? uncalibrated(performance) : kernelConstantsOf(measuredKernels),
    gapSeconds: 0,
    idleWatts: power.idleWatts?.value ?? 0,
    activeWatts: isFpga ? 0 : GPU_ACTIVE_SHARE * (power.boardWatts?.value ?? 0),
    boardWatts: power.boardWatts?.value ?? null,
    priceUsd: priceUsd?.value ?? null,
  };
}

/** Data sheets count a fused multiply and add as two operations; other instructions of a lane do one. */
const laneInstructions = ({ vectorOperationsPerSecond: peak }: Performance): number | null =>
  peak === null ? null : peak.value / 2;

const rooflineMemory = (memory: DeviceMemory): RooflineMemory => ({
  name: memory.name,
  type: memory.type,
  bytes: memory.bytes.value,
  bytesPerSecond: memory.bytesPerSecond.value,
  writable: memory.writable,
  picojoulesPerByte: memory.picojoulesPerByte.value,
  channels: memory.channels?.value ?? 1,
  shareByAccess: memoryShareByAccess(memory.type, memory.accessBytes),
});

/**
 * Of a device without measured kernels: the library's shares of the peaks. An FPGA streams while it computes; a
 * processor's share of its memory's peak is one of whole steps, which has in it what the overlap lacks.
 */
function uncalibrated({ efficiency, launchSeconds }: Performance): KernelConstants {
  const { memory, compute } = efficiency;
  return {
    t0Seconds: launchSeconds?.value ?? 0,
    memoryShare: memory.value,
    computeShare: compute.value,
    p: null,
    uncertainty: Math.max(memory.uncertainty, compute.uncertainty),
    origin: `not measured: memory ${memory.kind} (${memory.source}); compute ${compute.kind} (${compute.source})`,
  };
}
