import { coresOf, type Machine, type Memory, memoryHolding } from "../compile/machine.ts";
import type { Fpga } from "../devices/device.ts";
import type { RooflineDevice, RooflineMemory } from "./predict/roofline-device.ts";

/** Relative; how far the simulator's tokens are from these predictions (`accel validate --section machines`). */
const UNCERTAINTY = 0.3;
const LARGEST_ACCESS = 1 << 20;

/**
 * A machine as the roofline sees it, from its description alone: multipliers, ports, latencies. What it does not
 * know is in what order operators wait for each other: that is what the simulator is for.
 */
export function machineAsDevice(machine: Machine, { performance }: Fpga): RooflineDevice {
  const { matrix, vector, memories, cluster } = machine;
  const hertz = machine.clockMHz * 1e6;
  const cores = coresOf(machine);
  const weights = memoryHolding(machine, "weights");
  const caches = memoryHolding(machine, "keysAndValues");
  const oneVector = 2 * matrix.lanes * cores * hertz;
  const picojoules = performance.compute[0]!.picojoulesPerOperation?.value ?? 0;
  const perByte = performance.memories[0]!.picojoulesPerByte.value;
  const used = [weights, ...(caches === weights ? [] : [caches])];
  const fillCycles =
    weights.latencyCycles + weights.commandCycles + matrix.latencyCycles + vector.latencyCycles;
  const meetingCycles = cluster === undefined ? 0 : cluster.exchangeLatencyCycles + cluster.syncCycles;
  return {
    name: machine.name,
    title: machine.summary,
    kind: "fpga",
    peaks: [
      {
        numbers: "int8",
        operationsPerSecond:
          matrix.launch === undefined ? oneVector : 2 * matrix.launch.together.lanes * cores * hertz,
        sparse24PerSecond: null,
        oneVectorPerSecond: oneVector,
        picojoulesPerOperation: picojoules,
      },
    ],
    vectorOperationsPerSecond: vector.lanes * cores * hertz,
    memories: used.map((memory) => portOf(memory, cores, hertz, perByte)),
    onChip: { kind: "scratchpad", bytes: cores * (4 * vector.words + vector.codeBytes) },
    hasDecoder: true,
    skipsZeros: true,
    link: null,
    kernelModel: null,
    gapSeconds: 0,
    kernel: {
      t0Seconds: (fillCycles + meetingCycles) / hertz,
      memoryShare: 1,
      computeShare: 1,
      p: null,
      uncertainty: UNCERTAINTY,
      origin: `the description of ${machine.name}: ports, multipliers and latencies at ${machine.clockMHz} MHz; memories ${memories.map(({ origin }) => origin.kind).join(", ")}`,
    },
    idleWatts: performance.power.idleWatts?.value ?? 0,
    activeWatts: 0,
    boardWatts: performance.power.boardWatts?.value ?? null,
    priceUsd: performance.priceUsd?.value ?? null,
  };
}

/** The ports of all cores to their parts of a memory, without what refresh takes. */
function portOf(memory: Memory, cores: number, hertz: number, picojoulesPerByte: number): RooflineMemory {
  const { burst, refresh, wordBytes, cyclesPerWord, commandCycles } = memory;
  const resting = refresh === null ? 0 : refresh.cycles / refresh.intervalCycles;
  const bytesPerCycle =
    burst === undefined ? wordBytes / cyclesPerWord : burst.bytesPerCycle * burst.readEfficiency.value;
  const smallest = burst?.accessBytes ?? wordBytes;
  const sizes = Array.from({ length: Math.log2(LARGEST_ACCESS / smallest) + 1 }, (_, i) => smallest * 2 ** i);
  return {
    name: memory.name,
    type: memory.name,
    bytes: cores * memory.bytes,
    bytesPerSecond: cores * bytesPerCycle * (1 - resting) * hertz,
    writable: memory.holds.includes("keysAndValues"),
    picojoulesPerByte,
    channels: 1,
    // Each access waits for its command.
    shareByAccess: sizes.map((bytes) => {
      const cycles = bytes / bytesPerCycle;
      return { bytes, share: cycles / (cycles + commandCycles) };
    }),
  };
}
