import { expect, it } from "vitest";
import { array, bit, concat, instance, module, signed, unsigned } from "../../../hdl/builder/index.ts";
import {
  blockRam,
  dualAccumulator8,
  dualMultiplier8,
  dualMultiplyAdd8,
  globalBuffer,
  IO_IDLE,
  multiplier16,
  pinType,
  sbIo,
  spram,
} from "../../../hdl/primitives/ice40/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { hasIcarus } from "../../../src/flow/native-tools.ts";
import { type Bench, firstDifference, knownPart, modelTrace, PIN, type Row } from "./bench.ts";
import { icarusTrace } from "./icarus.ts";

const pair = <T>([high, low]: readonly T[]): readonly [T, T] => [high!, low!];

const top = module(
  "top",
  {
    inputs: { a: array(2, signed(8)), b: array(2, signed(8)), address: unsigned(9), write: bit, clear: bit },
    outputs: {
      products: unsigned(32),
      sums: unsigned(32),
      accumulated: unsigned(32),
      product: signed(24),
      loaded: unsigned(8),
      stored: unsigned(16),
      pin: unsigned(2),
    },
    inouts: [PIN],
  },
  ({ a, b, address, write, clear, pads, ...io }) => {
    const enable = globalBuffer("enable", write.or(clear).not());
    const products = dualMultiplier8("products_mac", pair(a), pair(b), { enable });
    const sums = dualMultiplyAdd8("sums_mac", pair(b), pair(a), products);
    io.products.set(concat(...products));
    io.sums.set(concat(...sums));
    io.accumulated.set(concat(...dualAccumulator8("accumulator", pair(a), pair(b), { clear })));
    io.product.set(multiplier16("product_mac", concat(a[0]!, a[1]!), b[0]!));
    const words = Array.from({ length: 512 }, (_, i) => (i * 37) % 256);
    const access = { readAddress: address, writeAddress: address, writeData: a[0]!.asUnsigned(), write };
    io.loaded.set(blockRam("ram", { width: 8, initial: words }, access));
    io.stored.set(spram("store", { address: address.extend(14), data: concat(a[0]!, b[0]!), write }));
    const cell = sbIo({ pinType: pinType("PIN_INPUT_REGISTERED", "PIN_OUTPUT_DDR_ENABLE_REGISTERED") });
    const ports = { ...IO_IDLE, D_OUT_0: address.bit(0), D_OUT_1: address.bit(1), OUTPUT_ENABLE: write };
    const { D_IN_0, D_IN_1 } = instance("pin_io", cell, ports, { pads });
    io.pin.set(concat(D_IN_1, D_IN_0));
  },
);

it.skipIf(!hasIcarus())(
  "written in Verilog, the cells do in Icarus what they do in the interpreter",
  async () => {
    const random = new Random(9);
    const rows = Array.from({ length: 400 }, (_, cycle) => {
      const inputs = {
        a_0: random.below(256),
        a_1: random.below(256),
        b_0: random.below(256),
        b_1: random.below(256),
        address: random.below(16),
        write: cycle < 4 ? 0 : random.below(2),
        clear: cycle === 3 || random.chance(0.05) ? 1 : 0,
      };
      return [0, 1].map((): Row => ({ inputs, pin: random.chance(0.5) ? 1 : 0, toggles: 1 }));
    }).flat();
    // The module stands in the bench as if it were a cell.
    const cell = { kind: "primitive", name: "top", parameters: new Map(), model: top, clocks: [] } as const;
    const bench: Bench = { cells: [cell], clocks: { clock: 0 }, rows };
    const vendor = await icarusTrace(bench, writeVerilog(top).text);
    expect(firstDifference(bench, vendor, modelTrace(bench))).toBeNull();
    expect(knownPart(vendor)).toBeGreaterThan(0.85);
  },
);
