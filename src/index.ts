/** The library behind the command line: load, compress, compile, simulate, check, report. */
export { type Checkpoint, openCheckpoint } from "../models/checkpoint/checkpoint.ts";
export { openModel, SHIPPED_MODELS } from "../models/checkpoint/open-model.ts";
export type { Tokenizer } from "../models/checkpoint/tokenizer.ts";
export type { Decoder, DecoderSession } from "../models/decoder/decoder.ts";
export { FloatDecoder } from "../models/decoder/float.ts";
export { IntegerDecoder } from "../models/decoder/integer/decoder.ts";
export type { IntegerModel } from "../models/decoder/integer/model.ts";
export { type DecodeOperators, decodeOperators, type Operator } from "../models/decoder/operators.ts";
export type { LlamaShape } from "../models/decoder/shape.ts";
export type { LlamaWeights, Matrix } from "../models/decoder/weights.ts";
export { InputError } from "../models/errors.ts";
export type { CompressedModel } from "../models/formats/compressed-model.ts";
export type { Pattern, QuantizedMatrix, WeightBits } from "../models/formats/quantized-matrix.ts";
export { decodeMatrix, encodeMatrix } from "../models/formats/stream.ts";
export { parseTransformerConfig } from "../models/shapes/config.ts";
export {
  type OpenedShape,
  openShape,
  type PublicShape,
  publicShapes,
  shapeNamed,
  shapeNames,
} from "../models/shapes/library.ts";
export { type ParameterCount, parameterCount, type TransformerShape } from "../models/shapes/transformer.ts";
export { MemoryImage } from "../sim/effects/memory-image.ts";
export { Simulator } from "../sim/simulator.ts";
export type { TokenInput, TokenResult, UnitResult, Watch } from "../sim/token-result.ts";
export { type CompileOptions, compile } from "./compile/compile.ts";
export { buildImages, planModel } from "./compile/image.ts";
export type { Instruction, Operation } from "./compile/instruction.ts";
export { listing } from "./compile/listing.ts";
export { type Machine, parseMachine } from "./compile/machine.ts";
export { decodeProgram, type Program } from "./compile/program.ts";
export { planShape } from "./compile/shape-plan.ts";
export { type Compression, compressModel } from "./compress/compress.ts";
export { answers, perplexity } from "./compress/evaluate.ts";
export { type CompressionSpec, parseCompression } from "./compress/spec.ts";
export type { Device, Fpga, Processor } from "./devices/device.ts";
export {
  chooseMachine,
  deviceNamed,
  deviceNames,
  fpgaNamed,
  machineFrom,
  machineNames,
} from "./devices/library.ts";
export { type Generation, generate } from "./experiment/generate.ts";
export { integerDecoder, integerModel, LoadedModel } from "./experiment/prepare.ts";
export { reportData } from "./experiment/report-data.ts";
export type { SimulationResult } from "./experiment/result.ts";
export { type Simulation, type SimulationRequest, simulate, simulateShape } from "./experiment/simulate.ts";
export { renderReport, writeReport } from "./report/html.ts";
export { decodeCosts, type OperatorCost } from "./roofline/operator-cost.ts";
export { type Bound, boundOf, type Ceilings, ceilingsOf, ridgePoint } from "./roofline/roofline.ts";
