import { Worker } from "node:worker_threads";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import { type Evaluation, evaluate } from "../compress/evaluate.ts";
import { integerDecoder, LoadedModel } from "./prepare.ts";
import type { Quality } from "./result.ts";
import type { HeldOutSize } from "./texts.ts";

/** Measures a compressed model beside the one that it was made from; null where there is no text to measure on. */
export type MeasureQuality = (compressed: CompressedModel) => Promise<Quality | null>;

/** What a measurement needs to know; plain data, so that it can cross to another thread. */
export interface QualityTask {
  readonly model: string;
  readonly textFile?: string;
  readonly size: HeldOutSize;
}

/**
 * Perplexity and answers: of a compressed model by the integer decoder, and of the model as it came by the float
 * decoder, which can begin before anything is compressed.
 */
export class QualityMeter {
  private readonly model: LoadedModel;
  private readonly heldOut: ReturnType<LoadedModel["texts"]["heldOut"]>;
  private dense: Evaluation | null = null;

  constructor(model: LoadedModel, size: HeldOutSize) {
    this.model = model;
    this.heldOut = model.texts.heldOut(size);
  }

  measureDense(): Evaluation | null {
    if (this.heldOut === null) return null;
    this.dense ??= evaluate(this.model.float, this.heldOut.sequences, this.heldOut.questions);
    return this.dense;
  }

  measure(compressed: CompressedModel): Quality | null {
    const dense = this.measureDense();
    if (this.heldOut === null || dense === null) return null;
    const { sequences, questions, note } = this.heldOut;
    const asked = questions.length > 0;
    const measured = evaluate(integerDecoder(compressed), sequences, questions);
    return {
      perplexity: measured.perplexity,
      answers: asked ? measured.answers : null,
      densePerplexity: dense.perplexity,
      denseAnswers: asked ? dense.answers : null,
      note,
    };
  }
}

/** Whether this code runs compiled: a thread of its own cannot load TypeScript. */
const COMPILED = import.meta.url.endsWith(".js");

/**
 * Measures on a second thread, beside compression and simulation: the uncompressed model at once, the compressed one
 * when it is there. Runs on this thread where the code is not compiled.
 */
export class QualityThread {
  private readonly worker: Worker | null;
  private readonly task: QualityTask;

  constructor(task: QualityTask) {
    this.task = task;
    this.worker = COMPILED
      ? new Worker(new URL("./quality-worker.js", import.meta.url), { workerData: task })
      : null;
    // A failure before anybody asks is told when somebody does.
    this.worker?.on("error", () => {});
  }

  measure: MeasureQuality = async (compressed) => {
    const { worker, task } = this;
    if (worker === null)
      return new QualityMeter(new LoadedModel(task.model, task.textFile), task.size).measure(compressed);
    return new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the measurement of quality ended without a result")));
      worker.postMessage(compressed);
    });
  };

  async close(): Promise<void> {
    await this.worker?.terminate();
  }
}
