import { InputError } from "../errors.ts";
import { brief } from "../validate.ts";
import { DTYPES } from "./dtype.ts";
import type { ModelFile } from "./model-folder.ts";
import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type TensorEntry,
} from "./safetensors-header.ts";

/** Bytes read at a time; a multiple of every number's size. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** A safetensors file: its header read and checked, its tensors read one by one when asked for. */
export class SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  private readonly file: ModelFile;

  /** @throws InputError if the header breaks a rule of the format */
  constructor(file: ModelFile) {
    const { path, bytes: fileBytes } = file;
    if (fileBytes < LENGTH_BYTES) {
      throw new InputError(`${path} is cut off: ${fileBytes} bytes cannot hold a safetensors header.`);
    }
    const headerBytes = Buffer.from(file.read(0, LENGTH_BYTES)).readBigUInt64LE();
    if (headerBytes > MAX_HEADER_BYTES) {
      throw new InputError(
        `${path}: a header of ${headerBytes} bytes is too long; ${MAX_HEADER_BYTES} is the limit.`,
      );
    }
    if (LENGTH_BYTES + Number(headerBytes) > fileBytes) {
      throw new InputError(`${path} is cut off: its header of ${headerBytes} bytes goes beyond its end.`);
    }
    const header = file.read(LENGTH_BYTES, Number(headerBytes));
    this.tensors = parseSafetensorsHeader(header, fileBytes, path);
    this.file = file;
  }

  get path(): string {
    return this.file.path;
  }

  /**
   * A tensor's numbers, row-major, widened to 32-bit floats.
   * @throws InputError if one of them is not finite, or they do not fit in memory
   */
  read(name: string): Float32Array {
    const { dtype, shape, start, end } = this.entry(name);
    const { bytes, widen } = DTYPES.get(dtype)!;
    const numbers = this.allocate(name, (end - start) / bytes);
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const chunk = this.file.read(at, Math.min(CHUNK_BYTES, end - at));
      const first = (at - start) / bytes;
      const part = numbers.subarray(first, first + chunk.length / bytes);
      widen(chunk, part);
      const bad = part.findIndex((number) => !Number.isFinite(number));
      if (bad >= 0) {
        const index = indexText(first + bad, shape);
        throw new InputError(
          `${this.path}: tensor "${brief(name)}" is ${part[bad]} at ${index}; weights must be finite.`,
        );
      }
    }
    return numbers;
  }

  close(): void {
    this.file.close();
  }

  private entry(name: string): TensorEntry {
    const entry = this.tensors.get(name);
    if (entry === undefined) throw new InputError(`${this.path}: there is no tensor "${brief(name)}".`);
    return entry;
  }

  private allocate(name: string, count: number): Float32Array {
    try {
      return new Float32Array(count);
    } catch {
      throw new InputError(
        `${this.path}: tensor "${brief(name)}" with ${count} numbers does not fit in memory.`,
      );
    }
  }
}

/** "[2, 17]": the place of a tensor's n-th number. */
function indexText(n: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(n % size);
    n = Math.floor(n / size);
  }
  return `[${index.join(", ")}]`;
}
