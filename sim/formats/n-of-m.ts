import { evenStep, type StepTime } from "./step.ts";

/** Every block keeps the same share: fewer packets, each with its indices. */
export const nOfM: StepTime = evenStep;
