import { describe, expect, it } from "vitest";
import {
  bit,
  concat,
  fallingEdge,
  module,
  mux,
  register,
  SYNC,
  signed,
  stateMachine,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { bodyOf } from "./text.ts";

const INPUTS = { a: unsigned(8), b: unsigned(8), x: bit, y: bit, z: bit, index: unsigned(2) };

/** Lines of the always blocks, and what they stand in. */
function blocksOf(body: (io: ReturnType<typeof inputs>) => void): string {
  const made = module("probe", { inputs: INPUTS, outputs: {} }, body as never);
  const lines = bodyOf(made);
  return lines.slice(lines.findIndex((line) => line.startsWith("always"))).join("\n");
}

declare function inputs(): Parameters<Parameters<typeof module<typeof INPUTS, Record<string, never>>>[2]>[0];

describe("registers", () => {
  it("what holds is not written", () => {
    const text = blocksOf(({ x, a }) => {
      const r = register("r", unsigned(8));
      when(x, () => r.set(a));
    });
    expect(text).toBe("always @(posedge clock) begin\nif (x) r <= a;\nend");
  });

  it("a reset comes first, conditions after it", () => {
    const text = blocksOf(({ x, y, a, b }) => {
      const r = register("r", unsigned(8), { reset: 3 });
      when(x, () => r.set(a)).elseWhen(y, () => r.set(b));
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "if (reset) begin",
      "r <= 8'd3;",
      "end else if (x) begin",
      "r <= a;",
      "end else if (y) begin",
      "r <= b;",
      "end",
      "end",
    ]);
  });

  it("registers under one condition share a block, others have their own", () => {
    const text = blocksOf(({ x, y, a, b }) => {
      const r = register("r", unsigned(8));
      const s = register("s", unsigned(8));
      const t = register("t", unsigned(8));
      when(x, () => {
        r.set(a);
        when(y, () => s.set(b));
      });
      when(y, () => t.set(a));
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "if (x) begin",
      "r <= a;",
      "if (y) s <= b;",
      "end",
      "end",
      "always @(posedge clock) begin",
      "if (y) t <= a;",
      "end",
    ]);
  });

  it("what is assigned in general stands before what is assigned in special", () => {
    const text = blocksOf(({ x, y }) => {
      const pulse = register("pulse", bit);
      pulse.set(0);
      when(x, () => when(y, () => pulse.set(1)));
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "pulse <= 1'b0;",
      "if (x && y) pulse <= 1'b1;",
      "end",
    ]);
  });

  it("a later when counts more than an earlier one, without saying the earlier one twice", () => {
    const text = blocksOf(({ x, y, z, a, b }) => {
      const r = register("r", unsigned(8));
      when(x, () => r.set(a));
      when(y, () => when(z, () => r.set(b)));
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "if (x) r <= a;",
      "if (y && z) r <= b;",
      "end",
    ]);
  });

  it("two short cases of one register are one assignment", () => {
    const text = blocksOf(({ x, a, b }) => {
      const r = register("r", unsigned(8));
      when(x, () => r.set(a)).otherwise(() => r.set(b));
    });
    expect(text).toBe("always @(posedge clock) begin\nr <= x ? a : b;\nend");
  });

  it("comparisons of one thing with constants are a case", () => {
    const text = blocksOf(({ index, a, b }) => {
      const r = register("r", unsigned(8));
      when(index.eq(0), () => r.set(a))
        .elseWhen(index.eq(1).or(index.eq(3)), () => r.set(b))
        .elseWhen(index.eq(2), () => r.set(0));
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "case (index)",
      "2'd0: r <= a;",
      "2'd1, 2'd3: r <= b;",
      "2'd2: r <= 8'd0;",
      "endcase",
      "end",
    ]);
  });

  it("states have their names, in comparisons, assignments and resets", () => {
    const text = blocksOf(({ x, y }) => {
      const machine = stateMachine("state", ["idle", "waitForIt", "run"]);
      const busy = register("busy", bit);
      busy.set(machine.is("idle").not().and(y));
      machine.on({
        idle: () => when(x, () => machine.go("waitForIt")),
        waitForIt: () => machine.go("run"),
        run: () => when(y, () => machine.go("idle")),
      });
    });
    expect(text.split("\n")).toEqual([
      "always @(posedge clock) begin",
      "if (reset) begin",
      "state <= STATE_IDLE;",
      "end else begin",
      "case (state)",
      "STATE_IDLE: if (x) state <= STATE_WAIT_FOR_IT;",
      "STATE_WAIT_FOR_IT: state <= STATE_RUN;",
      "default: if (y) state <= STATE_IDLE;  // STATE_RUN",
      "endcase",
      "end",
      "end",
      "always @(posedge clock) begin",
      "busy <= state != STATE_IDLE && y;",
      "end",
    ]);
  });

  it("a multiplexer that others use, too, is a wire", () => {
    const made = module("probe", { inputs: INPUTS, outputs: { out: unsigned(9) } }, ({ out, x, a, b }) => {
      const chosen = mux(x, a, b);
      const r = register("r", unsigned(8), { next: chosen });
      out.set(r.add(chosen));
    });
    expect(bodyOf(made)).toEqual([
      "reg [7:0] r;",
      "wire [7:0] a_or_b = x ? a : b;",
      "always @(posedge clock) begin",
      "r <= a_or_b;",
      "end",
      "assign out = r + a_or_b;",
    ]);
  });

  it("power-up values stand in the declaration, the other edge in the block", () => {
    const made = module("probe", { inputs: { d: signed(4) }, outputs: { q: unsigned(8) } }, ({ d, q }) => {
      const early = register("early", signed(4), { initial: -3, next: d });
      const late = register("late", signed(4), { initial: 7, next: early, domain: fallingEdge(SYNC) });
      q.set(concat(early, late));
    });
    expect(bodyOf(made)).toEqual([
      "reg signed [3:0] early = -4'sd3;",
      "reg signed [3:0] late  = 4'sd7;",
      "always @(posedge clock) begin",
      "early <= d;",
      "end",
      "always @(negedge clock) begin",
      "late <= early;",
      "end",
      "assign q = {early, late};",
    ]);
  });
});
