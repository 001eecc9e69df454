import { evenStep, type StepTime } from "./step.ts";

/** Every block has its 256 weights: two packets a row. */
export const dense: StepTime = evenStep;
