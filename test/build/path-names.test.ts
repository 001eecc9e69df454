import { describe, expect, it } from "vitest";
import { namedPath, signalName } from "../../src/build/path-names.ts";

describe("signalName()", () => {
  it("is the design's name of a cell", () => {
    const names: Readonly<Record<string, string>> = {
      "part.device.decoder.matrix.code_stride_choice_SB_LUT4_O_3_LC":
        "part.device.decoder.matrix.code_stride_choice",
      "part.device.decoder.matrix.unit.beats.row_SB_DFFESR_Q_D_SB_LUT4_O_LC":
        "part.device.decoder.matrix.unit.beats.row",
      "part.device.host.told_value_SB_DFFE_Q_7_DFFLC": "part.device.host.told_value",
      "part.device.decoder.vector.lane_0.multiply.mac_DSP": "part.device.decoder.vector.lane_0.multiply.mac",
      "part.spram.cell_0_0_RAM": "part.spram.cell_0_0",
      "part.device.decoder.words.words.0.0_RAM": "part.device.decoder.words.words.0.0",
    };
    for (const [cell, signal] of Object.entries(names)) expect(signalName(cell)).toBe(signal);
  });
});

describe("namedPath()", () => {
  it("names each signal once, with the time of its last cell", () => {
    const steps = [
      { cell: "a.x_SB_LUT4_O_LC", port: "O", arrival: 1 },
      { cell: "a.x_SB_LUT4_O_1_LC", port: "I0", arrival: 2 },
      { cell: "b.y_SB_DFF_Q_LC", port: "D", arrival: 3 },
    ];
    expect(namedPath({ clock: "clock", from: "", to: "", delay: 3, period: 6, steps })).toEqual({
      clock: "clock",
      nanoseconds: 6,
      steps: [
        { signal: "a.x", nanoseconds: 2 },
        { signal: "b.y", nanoseconds: 3 },
      ],
    });
  });
});
