import { openShape } from "../../models/shapes/library.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import type { TransformerShape } from "../../models/shapes/transformer.ts";
import { chooseMachine } from "../devices/library.ts";
import { LaunchTiming } from "../experiment/launch-timing.ts";
import { packagedFormats } from "../experiment/shape-formats.ts";
import { type Framework, frameworkNamed, frameworkStep } from "../roofline/calibration/framework-step.ts";
import type { FrameworkName } from "../roofline/calibration/measured-steps.ts";
import type { RooflineDevice } from "../roofline/predict/roofline-device.ts";
import { predictStep } from "../roofline/predict/step-prediction.ts";
import { rooflineDeviceNamed } from "../roofline/resolve-device.ts";
import { parseStoredWeights } from "../roofline/workload/format-words.ts";
import type { Formats, Step } from "../roofline/workload/step.ts";

/** A step on a platform. */
export interface PlatformStep {
  readonly seconds: number;
  readonly joules: number;
  /** Of weights alone, as they are stored; of a decode step. */
  readonly weightBytes: number;
  /** All that passes the memory's ports in a decode step. */
  readonly bytes: number;
}

/** Something that runs a model, and what a whole request takes there. */
export interface Platform {
  readonly name: string;
  readonly step: (asked: Step) => PlatformStep;
  /** Relative, one standard deviation, of seconds. */
  readonly uncertainty: number;
  readonly peakBytesPerSecond: number;
  readonly priceUsd: number;
}

/** Relative, of simulated times: about what board and profiler differ by (section flightllm). */
const SIMULATION_UNCERTAINTY = 0.05;

const stored = (weights: string, activationBits: number, keysAndValuesBits: number): Formats => ({
  weights: parseStoredWeights({ weights, sparsity: "dense" }),
  head: parseStoredWeights({ weights, sparsity: "dense" }),
  activationBits,
  keysAndValuesBits,
  flashAttention: true,
  tensorParallel: 1,
});

/** A step in a framework: kernels cost what they cost; between them the device is idle. */
export function frameworkRun(
  device: RooflineDevice,
  framework: Framework,
  shape: TransformerShape,
  formats: Formats,
  step: Step,
) {
  const { seconds, uncertaintySeconds } = frameworkStep(device, framework, shape, formats, step);
  const kernels = predictStep(shape, device, formats, step);
  const joules = kernels.joules + device.idleWatts * (seconds - kernels.seconds);
  const uncertaintyJoules = (kernels.uncertaintyJoules / kernels.joules) * joules;
  return { seconds, uncertaintySeconds, joules, uncertaintyJoules, kernels };
}

/** A GPU with a framework, everything in fp16. */
export function gpuPlatform(deviceName: string, framework: FrameworkName, model: string): Platform {
  const device = rooflineDeviceNamed(deviceName);
  const { shape } = openShape(model);
  const formats = stored("w16", 16, 16);
  const program = frameworkNamed(framework);
  const [memory] = device.memories;
  return {
    name: `${deviceName} with ${framework}`,
    step: (asked) => {
      const { seconds, joules, kernels } = frameworkRun(device, program, shape, formats, asked);
      return { seconds, joules, weightBytes: kernels.traffic.weights, bytes: kernels.bytes };
    },
    uncertainty: Math.hypot(program.uncertainty, device.kernel.uncertainty),
    peakBytesPerSecond: memory!.bytesPerSecond,
    priceUsd: device.priceUsd ?? Number.NaN,
  };
}

/** A machine with its makers' package, timed by the simulator; energy as the roofline counts it, for the simulated time. */
export function machinePlatform(machineName: string, model: string): Platform {
  const { machine, device: part } = chooseMachine({ machine: machineName });
  const device = rooflineDeviceNamed(machineName);
  const { shape } = openShape(model);
  const { package: packaged } = machine;
  if (packaged === undefined) throw new RangeError(`${machineName} has no package of a model`);
  const context = Math.min(2048, shape.maxPositions);
  const timing = new LaunchTiming(timedShape(model), machine, packagedFormats(packaged, 8), context);
  const formats = stored(packaged.weights, 8, 8);
  return {
    name: machineName,
    step: (asked) => {
      const decodes = asked.kind === "decode";
      const seconds = (decodes ? timing.decodeMs(asked.context) : timing.prefillMs(asked.tokens)) / 1e3;
      const estimate = predictStep(shape, device, formats, asked);
      const { bytes } = timing.decodeCounts(decodes ? asked.context : asked.tokens);
      return {
        seconds,
        joules: estimate.joules + device.idleWatts * (seconds - estimate.seconds),
        weightBytes: bytes.weights + bytes.metadata,
        bytes: bytes.weights + bytes.metadata + bytes.keysAndValues + bytes.vectors,
      };
    },
    uncertainty: SIMULATION_UNCERTAINTY,
    peakBytesPerSecond: part.performance.memories[0]!.bytesPerSecond.value,
    priceUsd: part.performance.priceUsd?.value ?? Number.NaN,
  };
}
