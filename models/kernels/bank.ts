import { InputError } from "../errors.ts";
import { KERNELS_BASE64 } from "./kernels-binary.ts";

/** The part of the WebAssembly interface that is used here (TypeScript declares it only for browsers). */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly bank: { readonly memory: WasmMemory } },
  ) => { readonly exports: Kernels };
  readonly Memory: new (pages: { readonly initial: number }) => WasmMemory;
};
type WasmModule = { readonly kind?: "module" };
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The exports of `kernels.wat`: addresses and sizes in bytes, `rows` a multiple of 4. */
export interface Kernels {
  matmulTransposed(x: number, w: number, out: number, tokens: number, rows: number, rowBytes: number): void;
  groupDots(
    x: number,
    w: number,
    out: number,
    tokens: number,
    rows: number,
    rowBytes: number,
    groupBytes: number,
  ): void;
}

const PAGE_BYTES = 65_536;
/** All that 32-bit addresses reach. */
const ADDRESSABLE_BYTES = 2 ** 32;

const module = new WebAssembly.Module(Buffer.from(KERNELS_BASE64, "base64"));

/**
 * One WebAssembly memory with its kernels. Weights are placed from the bottom and stay; everything above them is
 * scratch for one call.
 */
export class Bank {
  readonly kernels: Kernels;
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private placed = 0;

  constructor() {
    this.kernels = new WebAssembly.Instance(module, { bank: { memory: this.memory } }).exports;
  }

  /** Address of the scratch above the weights. */
  get scratch(): number {
    return this.placed;
  }

  /** The whole memory; void after the next `place` or `reach`. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Address of `bytes` more for weights. */
  place(bytes: number): number {
    const address = this.placed;
    this.reach(address + bytes);
    this.placed += bytes;
    return address;
  }

  /** The memory, grown if need be to hold `end` bytes. */
  reach(end: number): ArrayBuffer {
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      if (end > ADDRESSABLE_BYTES) throw new InputError(outOfMemory(end));
      try {
        this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch {
        throw new InputError(outOfMemory(end));
      }
    }
    return this.memory.buffer;
  }
}

const outOfMemory = (bytes: number): string =>
  `The model is too large for this machine: ${(bytes / 2 ** 30).toFixed(1)} GiB of memory for its weights is not to be had.`;
