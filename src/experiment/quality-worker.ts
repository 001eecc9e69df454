import { parentPort, workerData } from "node:worker_threads";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import { LoadedModel } from "./prepare.ts";
import { QualityMeter, type QualityTask } from "./quality.ts";

/** The thread of `QualityThread`: measures the uncompressed model, then the compressed one that it is sent. */
const { model, textFile, size }: QualityTask = workerData;
const meter = new QualityMeter(new LoadedModel(model, textFile), size);
parentPort!.once("message", (compressed: CompressedModel) =>
  parentPort!.postMessage(meter.measure(compressed)),
);
meter.measureDense();
