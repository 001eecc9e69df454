import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { simulate } from "../../hdl/simulate/index.ts";
import { type BoardToken, programWrites, tokenInputs } from "./board.ts";
import type { Circuit } from "./circuit.ts";

/** A port, with the bits that it has. */
export interface VectorPort {
  readonly name: string;
  readonly width: number;
}

/** So many cycles in a row with the same values. */
export interface Row {
  readonly cycles: number;
  /** All ports side by side, the first in the lowest bits. */
  readonly bits: bigint;
}

/** What goes into a board's circuit and what comes out, cycle by cycle, from the reset to a token's end. */
export interface Vectors {
  readonly cycles: number;
  readonly inputs: readonly VectorPort[];
  readonly outputs: readonly VectorPort[];
  readonly stimulus: readonly Row[];
  readonly expected: readonly Row[];
}

const RESET = "reset";

/**
 * Plays a token on the compiled circuit and notes down all of its ports in every cycle.
 * @param cycles that the token takes
 */
export function vectorsOf(circuit: Circuit, token: BoardToken, cycles: number): Vectors {
  const { sizes, program, images } = circuit;
  const writes = programWrites(program.bytes, sizes);
  const all = 1 + writes.length + 1 + cycles + 1;
  const board = simulatedBoard(sizes, images);
  const inputs = [
    { name: RESET, width: 1 },
    ...board.inputs.map(({ name, type }) => ({ name, width: type.width })),
  ];
  const values = new Map(inputs.map(({ name }) => [name, new Array<bigint>(all).fill(0n)]));
  const set = (name: string, cycle: number, value: number | bigint): void => {
    const of = values.get(name);
    if (of === undefined) throw new RangeError(`the board has no input ${name}`);
    of[cycle] = BigInt(value);
  };
  set(RESET, 0, 1);
  for (const [i, write] of writes.entries()) {
    set("program_write", 1 + i, 1);
    for (const [name, value] of Object.entries(write)) set(name, 1 + i, value);
  }
  const begin = 1 + writes.length;
  set("begin", begin, 1);
  for (const [name, value] of Object.entries(tokenInputs(token)))
    for (let cycle = begin; cycle < all; cycle++) set(name, cycle, value);

  const outputs = board.outputs.map(({ name, type }) => ({ name, width: type.width }));
  // Registers and memories begin with zeros, as in Verilator; in Icarus they are unknown.
  const run = simulate(board, { seed: null }).play({
    inputs: Object.fromEntries(values),
    captureBig: outputs.map(({ name }) => name),
  } as never) as unknown as Readonly<Record<string, readonly bigint[]>>;
  const packed = (
    run: Readonly<Record<string, readonly bigint[]>>,
    ports: readonly VectorPort[],
    cycle: number,
  ): bigint => {
    let bits = 0n;
    let at = 0n;
    for (const { name, width } of ports) {
      bits |= BigInt.asUintN(width, run[name]?.[cycle] ?? 0n) << at;
      at += BigInt(width);
    }
    return bits;
  };
  const played = Object.fromEntries(values);
  const stimulus = new Rows();
  const expected = new Rows();
  for (let cycle = 0; cycle < all; cycle++) {
    stimulus.add(packed(played, inputs, cycle));
    expected.add(packed(run, outputs, cycle));
  }
  return { cycles: all, inputs, outputs, stimulus: stimulus.rows, expected: expected.rows };
}

/** Rows of values that stay the same are one. */
class Rows {
  readonly rows: Row[] = [];

  add(bits: bigint): void {
    const last = this.rows.at(-1);
    if (last !== undefined && last.bits === bits)
      this.rows[this.rows.length - 1] = { ...last, cycles: last.cycles + 1 };
    else this.rows.push({ cycles: 1, bits });
  }
}
