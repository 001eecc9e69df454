import { describe, expect, it } from "vitest";
import { bit, module } from "../../../hdl/builder/index.ts";
import { globalBuffer, rgbaDrv } from "../../../hdl/primitives/ice40/index.ts";
import { trace } from "./run.ts";

describe("SB_RGBA_DRV", () => {
  it("sinks a current where driver, LEDs and the LED's own input are on", () => {
    const cell = rgbaDrv({ steps: [1, 2, 6], halfCurrent: true });
    expect(Object.fromEntries(cell.parameters)).toEqual({
      CURRENT_MODE: '"0b1"',
      RGB0_CURRENT: '"0b000001"',
      RGB1_CURRENT: '"0b000011"',
      RGB2_CURRENT: '"0b111111"',
    });
    const rows = Array.from({ length: 32 }, (_, i) => ({
      CURREN: i & 1,
      RGBLEDEN: (i >> 1) & 1,
      RGB0PWM: (i >> 2) & 1,
      RGB1PWM: (i >> 3) & 1,
      RGB2PWM: (i >> 4) & 1,
    }));
    for (const [i, pins] of trace(cell.model, rows).entries()) {
      const { CURREN, RGBLEDEN, RGB0PWM, RGB1PWM, RGB2PWM } = rows[i]!;
      const off = (own: number): number => 1 - (CURREN & RGBLEDEN & own);
      expect(pins).toEqual({ RGB0: off(RGB0PWM), RGB1: off(RGB1PWM), RGB2: off(RGB2PWM) });
    }
  });

  it("refuses more current than there is", () => {
    expect(() => rgbaDrv({ steps: [0, 7, 0] })).toThrow(
      "the current of RGB1 is 7; it is a whole number from 0 to 6",
    );
  });
});

describe("SB_GB", () => {
  it("hands a signal on", () => {
    const top = module("top", { inputs: { a: bit }, outputs: { b: bit } }, ({ a, b }) =>
      b.set(globalBuffer("buffer", a)),
    );
    expect(trace(top, [{ a: 1 }, { a: 0 }])).toEqual([{ b: 1 }, { b: 0 }]);
  });
});
