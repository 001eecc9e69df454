import { parseCompression } from "../../../src/compress/spec.ts";
import { chooseMachine } from "../../../src/devices/library.ts";
import { integerModel, LoadedModel } from "../../../src/experiment/prepare.ts";
import { buildableCircuit } from "../../../src/verify/circuit.ts";
import { partFor } from "../../../src/verify/unit-costs.ts";
import { type Unit, unitTree } from "../../../src/verify/units.ts";

/** The smallest machine that ships, for the model that ships: the picture of the documentation. */
export function shippedDesign(): { readonly unit: Unit; readonly title: string } {
  const spec = parseCompression({ weights: "w4g32", sparsity: "2:4", kv: "8", method: "baseline" });
  const { model } = new LoadedModel("llama-tiny").compress(spec);
  const { machine } = chooseMachine({ machine: "up5k-flash" });
  const circuit = buildableCircuit(integerModel(model), machine, { multiplier: "mac16" });
  const unit = unitTree(partFor(circuit));
  return { unit, title: `The machine ${machine.name}, for llama-tiny with 2:4 sparsity` };
}
