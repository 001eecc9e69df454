import { SAMPLER_BYTES } from "../../hdl/host/protocol.ts";
import { dyadic } from "../../models/decoder/integer/norm.ts";
import { generatorState } from "../../models/decoder/integer/sample.ts";
import { InputError } from "../../models/errors.ts";

/** Null picks the likeliest token. */
export type Sampling = { readonly temperature: number; readonly seed: number } | null;

/** A sampler command's payload: draws, exponent and mantissa of log2(e) / temperature, the generator's state. */
export function samplingBytes(sampling: Sampling): Uint8Array {
  const bytes = new Uint8Array(SAMPLER_BYTES);
  if (sampling === null) return bytes;
  const { mantissa, exponent } = dyadic(Math.LOG2E / sampling.temperature);
  if (!(sampling.temperature > 0) || exponent < -128 || exponent > 127)
    throw new InputError(`A temperature of ${sampling.temperature} is out of what a device can tell.`);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setInt8(1, exponent);
  view.setUint16(2, mantissa);
  view.setUint32(4, generatorState(sampling.seed));
  return bytes;
}
