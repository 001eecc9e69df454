import { z } from "zod";
import { InputError } from "../errors.ts";
import { brief, validated } from "../validate.ts";
import { DTYPES } from "./dtype.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Bytes before the header: its length as an unsigned 64-bit number. */
export const LENGTH_BYTES = 8;
/** The largest real headers (hundreds of thousands of tensors) are a few megabytes. */
export const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_TENSORS = 100_000;
const MAX_DIMENSIONS = 4;

/** Where a tensor lies in its file. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte of its data, and the byte after its last one, counted from the start of the file. */
  readonly start: number;
  readonly end: number;
}

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(MAX_DIMENSIONS),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

const metadataSchema = z.record(z.string(), z.string());

/**
 * Checks a safetensors header against every rule of the format, before anything is read or allocated by what it
 * says: known number types, sizes that follow from shapes, data without overlap or hole that ends where the file does.
 * @param bytes the header's JSON
 * @param fileBytes size of the whole file
 * @param where the file, as messages shall name it
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  fileBytes: number,
  where: string,
): ReadonlyMap<string, TensorEntry> {
  if (bytes[0] !== "{".charCodeAt(0)) throw new InputError(`${where}: the header does not begin with "{".`);
  const header = parseStrictJson(bytes, `${where}: the header`);
  const described = Object.entries(header as object);
  if (described.length > MAX_TENSORS) {
    throw new InputError(`${where}: ${described.length} tensors are too many; ${MAX_TENSORS} is the limit.`);
  }
  const dataStart = LENGTH_BYTES + bytes.length;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, description] of described) {
    if (name === "__metadata__") validated(metadataSchema, description, `${where}: __metadata__`);
    else tensors.set(name, tensorEntry(description, dataStart, `${where}: tensor "${brief(name)}"`));
  }
  checkCoverage(tensors, dataStart, fileBytes, where);
  return tensors;
}

function tensorEntry(description: unknown, dataStart: number, where: string): TensorEntry {
  const { dtype, shape, data_offsets } = validated(entrySchema, description, where);
  const numberType = DTYPES.get(dtype);
  if (numberType === undefined) {
    throw new InputError(
      `${where} is stored as ${brief(dtype)}; only ${[...DTYPES.keys()].join(", ")} can be read.`,
    );
  }
  const [start, end] = data_offsets;
  const bytes = safeProduct([...shape, numberType.bytes]);
  if (bytes === undefined) throw new InputError(`${where} has an impossible shape, ${shape.join(" × ")}.`);
  if (end - start !== bytes) {
    throw new InputError(
      `${where} has ${end - start} bytes of data, but ${dtype} of shape ${shapeText(shape)} takes ${bytes}.`,
    );
  }
  return { dtype, shape, start: dataStart + start, end: dataStart + end };
}

/** The data of all tensors must follow one another without overlap or hole up to the file's end. */
function checkCoverage(
  tensors: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  fileBytes: number,
  where: string,
): void {
  let at = dataStart;
  const inOrder = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  for (const [name, { start, end }] of inOrder) {
    const tensor = `${where}: tensor "${brief(name)}"`;
    if (end > fileBytes) {
      throw new InputError(
        `${tensor} ends at byte ${end}, beyond the file's end at ${fileBytes}: it is cut off.`,
      );
    }
    if (start < at) throw new InputError(`${tensor} begins at byte ${start}, inside the tensor before it.`);
    if (start > at)
      throw new InputError(`${tensor} begins at byte ${start} and leaves a hole from byte ${at}.`);
    at = end;
  }
  if (at !== fileBytes) {
    throw new InputError(`${where}: ${fileBytes - at} bytes after the last tensor belong to nothing.`);
  }
}

/** The product, if it and every product on the way are exact. */
function safeProduct(factors: readonly number[]): number | undefined {
  let product = 1;
  for (const factor of factors) {
    product *= factor;
    if (!Number.isSafeInteger(product)) return undefined;
  }
  return product;
}

/** A shape for messages: "64 × 192", or "a single number". */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : shape.join(" × ");
}
