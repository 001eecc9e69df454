import { outputPlaces } from "../../models/decoder/integer/linear.ts";
import type { IntegerModel } from "../../models/decoder/integer/model.ts";
import { rotaryRow } from "../../models/decoder/integer/rope.ts";
import { rotaryFrequencies } from "../../models/decoder/rope.ts";
import { LINEAR_NAMES, type LinearName } from "../../models/decoder/weights.ts";
import { encodeMatrix } from "../../models/formats/stream.ts";
import { type ModelPlan, shareIn, tileBlocksFor } from "./layout.ts";
import { channelHolding, type Machine } from "./machine.ts";
import type { Program } from "./program.ts";
import { rowsOf, rowsOfMatrix, type Share, wholeShare } from "./share.ts";
import { planOf } from "./stream-plan.ts";

/**
 * The plan of a model with weights, as `compile` wants it.
 * @param share the core's, where several share the model
 */
export function planModel(
  model: IntegerModel,
  machine: Machine,
  share: Share = wholeShare(model.shape),
): ModelPlan {
  const plan = (name: LinearName | "head", matrix: IntegerModel["head"]) => {
    const own = ownRows(share, name, matrix, model.shape.headDim);
    return planOf(own, tileBlocksFor(own.rows, machine));
  };
  const layers = model.layers.map((layer) => {
    const plans = LINEAR_NAMES.map((name) => [name, plan(name, layer[name])] as const);
    return Object.fromEntries(plans) as Record<LinearName, ReturnType<typeof plan>>;
  });
  const whole = { shape: model.shape, layers, head: plan("head", model.head), kvBits: model.kvBits };
  return share.cores === 1 ? whole : { ...whole, share };
}

function ownRows(share: Share, name: string, matrix: IntegerModel["head"], headDim: number) {
  return rowsOfMatrix(matrix, rowsOf(share, name, matrix.rows, headDim));
}

/**
 * The bytes of every memory before the first token: weights, embedding and angles where the layout says, zeros where
 * keys and values will be.
 */
export function buildImages(model: IntegerModel, program: Program): Uint8Array[] {
  const { layout, machine, plan } = program;
  const images = layout.used.map((bytes) => new Uint8Array(bytes));
  const weights = images[channelHolding(machine, "weights")]!;
  for (const { name, layer, address } of layout.streams) {
    const matrix = layer === null ? model.head : model.layers[layer]![name as LinearName];
    const own = ownRows(shareIn(plan), name.split(" ").at(-1)!, matrix, model.shape.headDim);
    weights.set(encodeMatrix(own, outputPlaces(matrix), tileBlocksFor(own.rows, machine)), address);
  }
  const tables = images[channelHolding(machine, "tables")]!;
  const { codes, exponents, cols, rows } = model.embedding;
  for (let row = 0; row < rows; row++) {
    const at = layout.embedding.address + row * layout.embedding.rowBytes;
    tables.set(new Uint8Array(codes.buffer, codes.byteOffset + row * cols, cols), at);
    tables[at + cols] = exponents[row]! & 0xff;
  }
  const frequencies = rotaryFrequencies(model.shape);
  const view = new DataView(tables.buffer);
  for (let position = 0; position < program.context; position++) {
    const at = layout.angles.address + position * layout.angles.rowBytes;
    for (const [i, value] of rotaryRow(frequencies, position).entries())
      view.setInt16(at + 2 * i, value, true);
  }
  return images;
}
