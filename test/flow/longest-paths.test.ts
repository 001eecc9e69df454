import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analysePaths, longestPaths } from "../../src/flow/longest-paths.ts";
import type { CellDelays, Delays, Wire } from "../../src/flow/sdf.ts";

/** A look-up table or a flip-flop between others; its inputs come from cells before it, a flip-flop's from any. */
interface Drawn {
  readonly kind: "table" | "rising" | "falling";
  readonly group: "a" | "b" | null;
  readonly inputs: readonly number[];
  readonly delay: number;
  readonly setup: number;
  /** Which of a few branches of the clock it hangs on. */
  readonly branch: number;
  readonly wire: number;
}

const LATENCIES = [0, 0.7, 1.9];

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom("table", "table", "rising", "rising", "falling"),
  group: fc.constantFrom("a", "b", null),
  inputs: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
  delay: fc.integer({ min: 1, max: 40 }).map((n) => n / 10),
  setup: fc.integer({ min: 0, max: 9 }).map((n) => n / 10),
  branch: fc.nat(LATENCIES.length - 1),
  wire: fc.integer({ min: 0, max: 20 }).map((n) => n / 10),
});
const circuits = fc.array(drawn, { minLength: 2, maxLength: 14 });

const nameOf = ({ group }: Drawn, index: number): string => `${group ?? "-"}.${index}`;
const groupOf = (cell: string): string | null => (cell.startsWith("-") ? null : (cell[0] ?? null));

/** The cell that an input comes from; null: from nothing, where a table would have to come from itself or a later one. */
function sourceOf(circuit: readonly Drawn[], sink: number, input: number): number | null {
  if (circuit[sink]?.kind !== "table") return input % circuit.length;
  const before = circuit.flatMap((one, i) => (i < sink || one.kind !== "table" ? [i] : []));
  return before[input % before.length] ?? null;
}

function delaysOf(circuit: readonly Drawn[]): Delays {
  const cells = new Map<string, CellDelays>();
  const wires: Wire[] = [];
  circuit.forEach((one, i) => {
    const name = nameOf(one, i);
    const ports = one.inputs.map((_, n) => `I${n}`);
    one.inputs.forEach((input, n) => {
      const from = sourceOf(circuit, i, input);
      const source = from === null ? undefined : circuit[from];
      if (from === null || source === undefined) return;
      wires.push({
        from: { cell: nameOf(source, from), port: "O" },
        to: { cell: name, port: `I${n}` },
        delay: one.wire,
      });
    });
    if (one.kind === "table") {
      const arcs = ports.map((from) => ({ from, to: "O", delay: one.delay }));
      cells.set(name, { type: "LC", arcs, checks: [] });
      return;
    }
    const edge = one.kind;
    wires.push({
      from: { cell: "clock", port: "O" },
      to: { cell: name, port: "CLK" },
      delay: LATENCIES[one.branch] ?? 0,
    });
    cells.set(name, {
      type: "LC",
      arcs: [{ from: "CLK", to: "O", delay: one.delay }],
      checks: ports.map((data) => ({ data, clock: "CLK", edge, setup: one.setup })),
    });
  });
  return { cells, wires };
}

/** The slowest period of paths that end in cells of a group, by following every path backwards from its end. */
function slowestPeriod(circuit: readonly Drawn[], isIn: (one: Drawn) => boolean): number {
  let slowest = 0;
  const follow = (sink: number, end: Drawn, behind: number): void => {
    const { inputs = [], wire = 0 } = circuit[sink] ?? {};
    for (const input of inputs) {
      const from = sourceOf(circuit, sink, input);
      const source = from === null ? undefined : circuit[from];
      if (from === null || source === undefined) continue;
      const delay = behind + wire + source.delay;
      if (source.kind === "table") {
        follow(from, end, delay);
        continue;
      }
      const late = Math.max(0, (LATENCIES[source.branch] ?? 0) - (LATENCIES[end.branch] ?? 0));
      slowest = Math.max(slowest, (delay + late) * (source.kind === end.kind ? 1 : 2));
    }
  };
  circuit.forEach((end, i) => {
    if (end.kind !== "table" && isIn(end)) follow(i, end, end.setup);
  });
  return slowest;
}

describe("analysePaths()", () => {
  it("finds the slowest path of all, and of those that end in each group", () => {
    fc.assert(
      fc.property(circuits, (circuit) => {
        const { ofClocks, ofGroups } = analysePaths(delaysOf(circuit), groupOf);
        expect(ofClocks[0]?.period ?? 0).toBeCloseTo(
          slowestPeriod(circuit, () => true),
          9,
        );
        for (const group of ["a", "b"]) {
          const path = ofGroups.get(group);
          expect(path?.period ?? 0).toBeCloseTo(
            slowestPeriod(circuit, (one) => one.group === group),
            9,
          );
          if (path !== undefined) expect(groupOf(path.to)).toBe(group);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same clocks with groups as without", () => {
    fc.assert(
      fc.property(circuits, (circuit) => {
        const delays = delaysOf(circuit);
        expect(analysePaths(delays, groupOf).ofClocks).toEqual(longestPaths(delays));
        expect(analysePaths(delays, () => null).ofGroups.size).toBe(0);
      }),
    );
  });

  it("traces each path: its steps come one behind the other, up to its end", () => {
    fc.assert(
      fc.property(circuits, (circuit) => {
        for (const { steps, from, to, delay } of analysePaths(delaysOf(circuit), groupOf).ofGroups.values()) {
          expect(steps[0]?.cell).toBe(from);
          expect(steps.at(-1)?.cell).toBe(to);
          const arrivals = steps.map(({ arrival }) => arrival);
          expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
          expect(arrivals.at(-1)).toBeLessThanOrEqual(delay);
        }
      }),
    );
  });
});
