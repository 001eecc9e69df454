import type { DecodeOperators } from "../../models/decoder/operators.ts";
import { Emitter, type Placement } from "./emit.ts";
import { emitAfter, emitBefore, emitLayer } from "./emit-operators.ts";
import type { Instruction } from "./instruction.ts";
import type { ModelPlan } from "./layout.ts";
import { insertTokens, type Step } from "./tokens.ts";

/** A program, or a stretch of one. */
export interface Emitted {
  readonly instructions: readonly Instruction[];
  /** The step that each instruction was. */
  readonly steps: readonly Step[];
}

/** Emits a step of decode: what comes before the layers, the layers, and what comes after. */
export function emitDecode(plan: ModelPlan, placement: Placement, operators: DecodeOperators): Emitted {
  const shared = placement.weightsChannel === placement.keyValueChannel;
  return shared ? emitInterleaved(plan, placement, operators) : emitStreamed(plan, placement, operators);
}

/** Emits the steps of `build` with their tokens: a stretch between two barriers. */
function stretch(placement: Placement, build: (emit: Emitter) => void): Emitted {
  const emit = new Emitter(placement);
  build(emit);
  return { instructions: insertTokens(emit.steps), steps: emit.steps };
}

function join(parts: readonly Emitted[]): Emitted {
  return {
    instructions: parts.flatMap((part) => part.instructions),
    steps: parts.flatMap((part) => part.steps),
  };
}

/**
 * Weights have a channel of their own: one load streams all layers, far ahead of use, and the layers are a loop.
 */
function emitStreamed(plan: ModelPlan, placement: Placement, operators: DecodeOperators): Emitted {
  const { streams } = placement.layout;
  const head = streams.at(-1)!;
  const first = streams[0]!;
  return join([
    stretch(placement, (emit) => {
      emitBefore(emit, placement);
      emit.begin("weights");
      emit.loadWeights(first.address, head.address - first.address, 0);
      emit.loop(plan.shape.layers);
    }),
    stretch(placement, (emit) => {
      emitLayer(emit, placement, operators.layer, null);
      emit.system("SYS.NEXT");
    }),
    stretch(placement, (emit) => emitAfter(emit, placement, operators.after)),
  ]);
}

/**
 * Weights share a channel with keys and values: each load comes just before its use, in the order of use. Layers are
 * a loop where all their streams have the same lengths, and stand one behind the other where they have not.
 */
function emitInterleaved(plan: ModelPlan, placement: Placement, operators: DecodeOperators): Emitted {
  const { layers } = plan.shape;
  const perLayer = operators.layer.filter((operator) => operator.kind === "linear").length;
  const streamsOf = (layer: number) =>
    placement.layout.streams.slice(layer * perLayer, (layer + 1) * perLayer);
  const alike = plan.layers.every((_, layer) =>
    streamsOf(layer).every((stream, i) => stream.bytes === streamsOf(0)[i]!.bytes),
  );
  const layerBytes = streamsOf(0).reduce((sum, stream) => sum + stream.bytes, 0);
  const copies = alike ? [0] : plan.layers.map((_, layer) => layer);
  return join([
    stretch(placement, (emit) => {
      emitBefore(emit, placement);
      emit.loop(alike ? layers : 1);
    }),
    ...copies.map((layer) =>
      stretch(placement, (emit) => {
        emitLayer(emit, placement, operators.layer, {
          streams: streamsOf(layer),
          stride: alike ? layerBytes : 0,
        });
        emit.system("SYS.NEXT");
        if (!alike && layer < layers - 1) emit.loop(1, layer + 1);
      }),
    ),
    stretch(placement, (emit) => emitAfter(emit, placement, operators.after)),
  ]);
}
