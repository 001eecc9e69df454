import type { Node } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import type { Cell } from "./cell.ts";
import { type Circuit, newRegister } from "./circuit.ts";
import { NetlistError } from "./errors.ts";
import { type Control, type FlipFlop, readFlipFlop } from "./flip-flops.ts";

/**
 * Flip-flops become registers. An asynchronous reset acts on the output at once and on the register at the next clock edge:
 * the same as the cell's, but for a reset that comes and goes between two edges, which leaves no trace here.
 */
export function readRegister(cell: Cell, circuit: Circuit): boolean {
  const flipFlop = readFlipFlop(cell);
  if (flipFlop === null) return false;
  const { nets, clocks, finish } = circuit;
  const { data, output, reset } = flipFlop;
  if (data.length !== output.length)
    throw new NetlistError(`${cell.where} takes ${data.length} bits and gives ${output.length}`);
  const domain = clocks.domain(flipFlop.clock, flipFlop.falling, cell.where);
  const register = newRegister(circuit, output, cell.name, domain, initialValue(flipFlop, circuit, cell));
  const resetValue = (): Node => op.constant(nets.constant(reset?.value ?? "0"), register.type);
  if (reset?.kind === "asynchronous")
    nets.logic(
      output,
      [[reset.bit]],
      () => op.mux(active(reset, circuit), resetValue(), register),
      cell.where,
    );
  else nets.leaf(output, register, cell.where);
  finish.push(() => {
    const when = (control: Control | null, then: Node, otherwise: Node): Node =>
      control === null ? then : choose(active(control, circuit), then, otherwise);
    let next = nets.word(data);
    if (reset?.kind === "gated") next = when(reset, resetValue(), next);
    next = when(flipFlop.enable, next, register);
    if (reset !== null && reset.kind !== "gated") next = when(reset, resetValue(), next);
    register.next = next;
  });
  return true;
}

/** Whether a control is at the level at which it acts. */
function active({ bit, activeHigh }: Control, { nets }: Circuit): Node {
  const node = nets.bit(bit);
  if (activeHigh) return node;
  return node.kind === "constant" ? op.constant(1n - node.value, op.BIT) : op.not(node);
}

const choose = (condition: Node, then: Node, otherwise: Node): Node => {
  if (condition.kind === "constant") return condition.value === 1n ? then : otherwise;
  return op.mux(condition, then, otherwise);
};

function initialValue(
  { initial, output }: FlipFlop,
  { names, nets }: Circuit,
  { where }: Cell,
): bigint | null {
  const stated = names.initialOf(output);
  if (initial === null) return /^x*$/.test(stated) ? null : nets.constant(stated);
  if (stated !== "x" && stated !== initial)
    throw new NetlistError(`${where} begins with ${initial}, and its wire says ${stated}`);
  return BigInt(initial);
}
