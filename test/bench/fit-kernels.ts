import { calibrate } from "../../src/roofline/calibration/calibrate.ts";
import { FITTED_MODELS, measuredKernels } from "../../src/roofline/calibration/measurements.ts";

/** Prints src/roofline/calibration/data/a100.json: constants fitted on the measured kernels, to six digits. */
const { source, measurements } = measuredKernels();

const sixDigits = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(6)) : value;

const calibration = {
  schema: "accel/kernel-constants@1",
  source: `fitted on ${FITTED_MODELS.join(" and ")} on A100; ${source}`,
  ...calibrate(measurements),
};
process.stdout.write(`${JSON.stringify(calibration, sixDigits, 2)}\n`);
