import fc from "fast-check";
import type { RooflineDevice } from "../../src/roofline/predict/roofline-device.ts";

const positive = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });

export const rooflineDevices: fc.Arbitrary<RooflineDevice> = fc.record({
  name: fc.constant("some-device"),
  title: fc.constant("Some device"),
  kind: fc.constantFrom("gpu", "fpga" as const),
  peaks: fc.constantFrom(
    [
      {
        numbers: "fp16" as const,
        operationsPerSecond: 3e14,
        sparse24PerSecond: 6e14,
        oneVectorPerSecond: null,
        picojoulesPerOperation: 0.6,
      },
    ],
    [
      {
        numbers: "int8" as const,
        operationsPerSecond: 5e12,
        sparse24PerSecond: null,
        oneVectorPerSecond: 1e12,
        picojoulesPerOperation: 0.3,
      },
    ],
  ),
  vectorOperationsPerSecond: fc.option(positive(1e9, 1e13)),
  memories: fc
    .tuple(positive(1e6, 3e12), positive(1e6, 1e11), fc.boolean())
    .map(([bytesPerSecond, bytes, writable]) => [
      {
        name: "large",
        type: "hbm2",
        bytes,
        bytesPerSecond,
        writable,
        channels: 1,
        picojoulesPerByte: 31,
        shareByAccess: [
          { bytes: 64, share: 0.3 },
          { bytes: 4096, share: 0.8 },
          { bytes: 65536, share: 1 },
        ],
      },
      {
        name: "small",
        type: "spram",
        bytes: bytes / 8,
        bytesPerSecond: 2 * bytesPerSecond,
        writable: true,
        channels: 1,
        picojoulesPerByte: 1,
        shareByAccess: [{ bytes: 2, share: 1 }],
      },
    ]),
  onChip: fc.record({
    kind: fc.constantFrom("cache", "scratchpad" as const),
    bytes: fc.integer({ min: 0, max: 1e8 }),
  }),
  hasDecoder: fc.boolean(),
  skipsZeros: fc.boolean(),
  link: fc.constant({ bytesPerSecond: 3e11, startSeconds: 6e-6, stepSeconds: 2e-6 }),
  kernelModel: fc.constant(null),
  gapSeconds: fc.constantFrom(0, 3e-6),
  kernel: fc.record({
    t0Seconds: positive(0, 1e-5),
    memoryShare: positive(0.1, 1),
    computeShare: positive(0.1, 1),
    p: fc.option(positive(1, 20)),
    uncertainty: positive(0.01, 0.5),
    origin: fc.constant("drawn"),
  }),
  idleWatts: positive(0, 100),
  activeWatts: positive(0, 100),
  boardWatts: fc.option(positive(100, 500)),
  priceUsd: fc.constant(null),
});
