import type { Cell } from "./cell.ts";
import type { Bit, Bits } from "./json.ts";

/** What a flip-flop cell does, whatever library it is of. */
export interface FlipFlop {
  readonly clock: Bit;
  readonly falling: boolean;
  readonly data: Bits;
  readonly output: Bits;
  readonly enable: Control | null;
  readonly reset: Reset | null;
  /** Power-up value that the cell itself has, highest bit first; null: what the wire's `init` says. */
  readonly initial: string | null;
}

export interface Control {
  readonly bit: Bit;
  readonly activeHigh: boolean;
}

/**
 * synchronous: at the clock edge, also where the flip-flop is not enabled. gated: at the clock edge where it is enabled.
 * asynchronous: at once.
 */
export interface Reset extends Control {
  readonly kind: "synchronous" | "gated" | "asynchronous";
  /** Highest bit first. */
  readonly value: string;
}

/** Null for a cell that is no flip-flop, or one with two asynchronous controls. */
export function readFlipFlop(cell: Cell): FlipFlop | null {
  return wordFlipFlop(cell) ?? gateFlipFlop(cell) ?? ice40FlipFlop(cell);
}

const KINDS: Readonly<Record<string, { readonly reset: Reset["kind"] | null; readonly enable: boolean }>> = {
  dff: { reset: null, enable: false },
  dffe: { reset: null, enable: true },
  sdff: { reset: "synchronous", enable: false },
  sdffe: { reset: "synchronous", enable: true },
  sdffce: { reset: "gated", enable: true },
  adff: { reset: "asynchronous", enable: false },
  adffe: { reset: "asynchronous", enable: true },
};

/** Yosys' manual, "Registers". */
function wordFlipFlop(cell: Cell): FlipFlop | null {
  const name = cell.type.slice(1);
  const kind = cell.type.startsWith("$") && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind === undefined) return null;
  const { parameters } = cell;
  const prefix = kind.reset === "asynchronous" ? "ARST" : "SRST";
  return {
    clock: cell.bit("CLK"),
    falling: !parameters.flag("CLK_POLARITY"),
    data: cell.bits("D"),
    output: cell.bits("Q"),
    enable: kind.enable ? { bit: cell.bit("EN"), activeHigh: parameters.flag("EN_POLARITY") } : null,
    reset:
      kind.reset === null
        ? null
        : {
            kind: kind.reset,
            bit: cell.bit(prefix),
            activeHigh: parameters.flag(`${prefix}_POLARITY`),
            value: parameters.pattern(`${prefix}_VALUE`),
          },
    initial: null,
  };
}

/** $_DFF_P_, $_DFFE_PN_, $_DFF_PN0_, $_DFFE_PN0P_ (asynchronous reset), $_SDFF_PN0_, $_SDFFE_PN0P_, $_SDFFCE_PN0P_. */
const GATE = /^\$_(S?)DFF(C?)(E?)_([NP])(?:([NP])([01]))?([NP])?_$/;

function gateFlipFlop(cell: Cell): FlipFlop | null {
  const match = GATE.exec(cell.type);
  if (match === null) return null;
  const [, synchronous, gated, enabled, clock, resetLevel, value, enableLevel] = match;
  const enable = enabled === "E";
  if (enable !== (enableLevel !== undefined)) return null;
  const kind = synchronous === "" ? "asynchronous" : gated === "" ? "synchronous" : "gated";
  return {
    clock: cell.bit("C"),
    falling: clock === "N",
    data: [cell.bit("D")],
    output: [cell.bit("Q")],
    enable: enable ? { bit: cell.bit("E"), activeHigh: enableLevel === "P" } : null,
    reset: value === undefined ? null : { kind, bit: cell.bit("R"), activeHigh: resetLevel === "P", value },
    initial: null,
  };
}

/** `ice40/cells_sim.v`: all begin with 0; SR and SS are synchronous and wait for the enable, R and S do not wait at all. */
const ICE40 = /^SB_DFF(N?)(E?)(R|S|SR|SS)?$/;

function ice40FlipFlop(cell: Cell): FlipFlop | null {
  const match = ICE40.exec(cell.type);
  if (match === null) return null;
  const [, falling, enabled, reset] = match;
  const port = reset?.at(-1);
  return {
    clock: cell.bit("C"),
    falling: falling === "N",
    data: [cell.bit("D")],
    output: [cell.bit("Q")],
    enable: enabled === "E" ? { bit: cell.bit("E", "1"), activeHigh: true } : null,
    reset:
      port === undefined
        ? null
        : {
            kind: reset?.length === 2 ? "gated" : "asynchronous",
            bit: cell.bit(port),
            activeHigh: true,
            value: port === "S" ? "1" : "0",
          },
    initial: "0",
  };
}
