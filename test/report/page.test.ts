import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Roofline, Timeline } from "../../src/report/data.ts";
import { type PackedTimeline, toPageData } from "../../src/report/page-data.ts";
import { reportFixture } from "./fixture.ts";

// The page is JavaScript for the browser; what of it needs no browser is tested here, against the types it claims.

interface Format {
  si(value: number, unit: string): string;
  siShort(value: number, unit: string): string;
  decimal(value: number): string;
  percent(share: number): string;
  signedPercent(share: number): string;
  seconds(value: number): string;
  megahertz(clockMHz: number): string;
}
interface CycleWindow {
  readonly start: number;
  readonly end: number;
}
interface Windows {
  zoomed(window: CycleWindow, factor: number, cycle: number, total: number): CycleWindow;
  panned(window: CycleWindow, cycles: number, total: number): CycleWindow;
}
interface Track {
  readonly unit: string;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly kind: Uint8Array;
  readonly label: Uint32Array;
  readonly cause: Uint32Array;
}
interface Tracks {
  unpackTracks(timeline: PackedTimeline): Track[];
  spanAt(track: Track, cycle: number): number;
}
interface Point {
  readonly x: number;
  readonly y: number;
}
interface Plane {
  rooflinePlane(
    roofline: Roofline,
    points: readonly Point[],
  ): {
    ridge: Point;
    ceilings: { name: string; from: Point; to: Point; main: boolean }[];
    x: { min: number; max: number };
    y: { min: number; max: number };
  };
  gridLines(range: { min: number; max: number }): { value: number; digit: number }[];
}

const folder = "../../src/report/page";
const format: Format = await import(`${folder}/format.js`);
const windows: Windows = await import(`${folder}/timeline-window.js`);
const tracks: Tracks = await import(`${folder}/timeline-tracks.js`);
const plane: Plane = await import(`${folder}/roofline-plane.js`);

/** No-break spaces as plain ones. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("numbers", () => {
  test.each([
    [0, "0 B"],
    [48, "48 B"],
    [0.375, "0.375 B"],
    [999, "999 B"],
    [999.6, "1.00 kB"],
    [1184, "1.18 kB"],
    [117_290, "117 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [13.48e9, "13.5 GB"],
  ])("%d bytes read %s", (value, text) => {
    expect(plain(format.si(value, "B"))).toBe(text);
  });

  test("round figures lose their zeros after the point", () => {
    expect(plain(format.siShort(96e6, "op/s"))).toBe("96 Mop/s");
    expect(plain(format.siShort(200e6, "op/s"))).toBe("200 Mop/s");
    expect(plain(format.siShort(1.5e9, "B/s"))).toBe("1.5 GB/s");
    expect(format.siShort(500, "")).toBe("500");
    expect(plain(format.megahertz(100 / 3))).toBe("33.3333 MHz");
  });

  test("keep three digits, and whole parts complete", () => {
    expect(format.decimal(5.4821)).toBe("5.48");
    expect(format.decimal(91.228)).toBe("91.2");
    expect(format.decimal(1234.5)).toBe("1,235");
  });

  test("shares that are not zero never read as zero", () => {
    expect(plain(format.percent(0))).toBe("0.0 %");
    expect(plain(format.percent(0.0001))).toBe("<0.1 %");
    expect(plain(format.percent(0.937))).toBe("93.7 %");
    expect(plain(format.signedPercent(0.033))).toBe("+3.3 %");
    expect(plain(format.signedPercent(-0.02))).toBe("−2.0 %");
  });

  test("times take the unit that fits", () => {
    expect([12, 0.0113, 9.06e-5, 4.2e-8].map(format.seconds).map(plain)).toEqual([
      "12.0 s",
      "11.3 ms",
      "90.6 µs",
      "42.0 ns",
    ]);
  });
});

describe("the timeline's window", () => {
  const total = fc.integer({ min: 1, max: 1e9 });
  const unit = fc.double({ min: 0, max: 1, noNaN: true });

  test("never leaves the token, nor shrinks to nothing", () => {
    const step = fc.record({
      factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
      place: unit,
      pan: unit,
    });
    fc.assert(
      fc.property(total, fc.array(step, { maxLength: 30 }), (cycles, steps) => {
        let window: CycleWindow = { start: 0, end: cycles };
        for (const { factor, place, pan } of steps) {
          const cycle = window.start + place * (window.end - window.start);
          window = windows.zoomed(window, factor, cycle, cycles);
          window = windows.panned(window, (pan - 0.5) * cycles, cycles);
          expect(window.start).toBeGreaterThanOrEqual(-1e-6 * cycles);
          expect(window.end).toBeLessThanOrEqual(cycles * (1 + 1e-6));
          expect(window.end - window.start).toBeGreaterThan(Math.min(15.9, 0.99 * cycles));
        }
      }),
    );
  });

  test("keeps the cycle under the pointer in place", () => {
    const before = { start: 1000, end: 3000 };
    const after = windows.zoomed(before, 0.5, 1500, 10_000);
    expect(after).toEqual({ start: 1250, end: 2250 });
    expect((1500 - after.start) / (after.end - after.start)).toBe(0.25);
  });
});

describe("packed tracks", () => {
  test("unpack to the spans that were packed", () => {
    const { timeline } = reportFixture();
    const packed = toPageData(reportFixture()).timeline;
    const unpacked: Timeline["tracks"] = tracks.unpackTracks(packed).map((track) => ({
      unit: track.unit,
      spans: Array.from(track.start, (start, i) => {
        const cause = packed.words[track.cause[i]!]!;
        return {
          start,
          end: track.end[i]!,
          label: packed.words[track.label[i]!]!,
          kind: packed.kinds[track.kind[i]!]!,
          ...(cause === "" ? {} : { cause }),
        };
      }),
    }));
    expect(unpacked).toEqual(timeline.tracks);
  });

  test("find the span at a cycle, and none where the unit is idle", () => {
    const lengths = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.nat(200), (gaps, cycle) => {
        let end = 0;
        const spans = gaps.map(([gap, length]) => {
          const start = end + gap;
          end = start + length;
          return { start, end, label: "x", kind: "busy" as const };
        });
        const data = {
          ...reportFixture(4000),
          timeline: { position: 0, cycles: 200, tracks: [{ unit: "u", spans }] },
        };
        const [track] = tracks.unpackTracks(toPageData(data).timeline);
        expect(tracks.spanAt(track!, cycle)).toBe(
          spans.findIndex((span) => span.start <= cycle && cycle < span.end),
        );
      }),
    );
  });
});

describe("the roofline's plane", () => {
  const roofline: Roofline = {
    computeCeilings: [
      { name: "matrix", opsPerSecond: 1000 },
      { name: "vector", opsPerSecond: 50 },
    ],
    memoryCeilings: [
      { name: "flash", bytesPerSecond: 10 },
      { name: "SPRAM", bytesPerSecond: 40 },
    ],
  };

  test("has its ridge where the first ceilings meet, and shows every point and ceiling", () => {
    const points = [
      { x: 0.25, y: 2 },
      { x: 7, y: 60 },
    ];
    const { ridge, ceilings, x, y } = plane.rooflinePlane(roofline, points);
    expect(ridge).toEqual({ x: 100, y: 1000 });
    expect(ceilings.filter(({ main }) => main).map(({ name }) => plain(name))).toEqual([
      "flash: 10 B/s",
      "matrix: 1 kop/s",
    ]);
    for (const point of [...points, ridge, ...ceilings.flatMap(({ from, to }) => [from, to])]) {
      expect(point.x).toBeGreaterThanOrEqual(x.min);
      expect(point.x).toBeLessThanOrEqual(x.max);
      expect(point.y).toBeGreaterThanOrEqual(y.min * (1 - 1e-12));
      expect(point.y).toBeLessThanOrEqual(y.max);
    }
    const [flash, spram] = ceilings;
    expect(flash!.to.y / flash!.to.x).toBeCloseTo(10);
    expect(spram!.to).toEqual({ x: 25, y: 1000 });
  });

  test("has lines at every digit of every decade", () => {
    expect(plane.gridLines({ min: 0.8, max: 31 }).map(({ value }) => value)).toEqual([
      0.8, 0.9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30,
    ]);
  });
});
