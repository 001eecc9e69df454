import { NetlistError } from "../../../hdl/netlist/errors.ts";
import type { Bit, Bits, NetlistModule } from "../../../hdl/netlist/json.ts";
import { type BoxPair, isBox, pairBoxes } from "./boxes.ts";
import { type FlipFlops, flipFlopsOf } from "./flip-flops.ts";
import { OpenModule } from "./open-module.ts";
import { countedInput } from "./ram-inputs.ts";

/** A design ("gold") and its netlist ("gate") with equal ports, of logic and flip-flops alone. */
export interface Cut {
  readonly kind: "cut";
  readonly gold: NetlistModule;
  readonly gate: NetlistModule;
  /** Blocks that were cut out of both. */
  readonly boxes: readonly BoxPair[];
  /** Bits of the design's registers that are compared with those of the same name. */
  readonly registerBits: number;
  /** Uses of bits that the design leaves open. The netlist may have chosen otherwise than this cut, which took 0. */
  readonly choices: number;
}

/** A sentence why two modules cannot be compared. */
export interface Uncut {
  readonly kind: "uncut";
  readonly reason: string;
}

interface Sides<T> {
  readonly gold: T;
  readonly gate: T;
}

/** What a port of a cut module stands for. */
export function describePort(name: string): string {
  const [kind, ...rest] = name.split(".");
  if (kind === "register") return `register ${rest.join(".")}`;
  if (kind === "box") return `input ${rest.at(-1)} of ${rest.slice(0, -1).join(".")}`;
  return `output ${name}`;
}

/**
 * Cuts both modules open, so that equal outputs for equal inputs mean that the netlist does what the design does:
 * - A block (SB_MAC16, SB_RAM40_4K, ...) of both goes away. Its outputs become inputs: the same ones for both, as equal blocks
 *   give for equal inputs. Its inputs become outputs, to be compared. This is no circular argument, because no block's inputs
 *   depend on its own outputs of the same cycle: the design would have a loop of logic, which the builder refuses.
 * - A register becomes an output too, wherever the netlist still has its name. That all of them are equal is the invariant
 *   that an induction carries from cycle to cycle.
 * - What the design leaves open (a wire that nothing drives, an x, what a register holds at power-up) the netlist may choose: it
 *   is 0, or at power-up the constant that the netlist has in the register's place. What the netlist leaves open may be
 *   anything: an input of its own.
 */
export function cutOpen(gold: NetlistModule, gate: NetlistModule): Cut | Uncut {
  const flipFlops = { gold: flipFlopsOf(gold), gate: flipFlopsOf(gate) };
  const clocks = new Set([...flipFlops.gold.clocks, ...flipFlops.gate.clocks]);
  if (clocks.size > 1) return uncut(`several clocks: ${[...clocks].sort().join(", ")}`);
  const [asynchronous] = [...flipFlops.gold.asynchronous, ...flipFlops.gate.asynchronous];
  if (asynchronous !== undefined) return uncut(`the reset of ${asynchronous} waits for no clock`);
  const boxes = pairBoxes(gold, gate);
  if (typeof boxes === "string") return uncut(boxes);

  const open = { gold: new OpenModule(gold), gate: new OpenModule(gate) };
  cutPorts(gold, gate, open);
  for (const box of boxes) cutBox(box, open);
  cutMissing(gold, boxes, open);
  const registerBits = cutRegisters(gold, gate, flipFlops.gold, open);
  const floating = new Set<number>();
  let choices = 0;
  open.gold.closeBy(() => {
    choices++;
    return "0";
  });
  open.gate.closeBy((bit) => {
    const net = typeof bit === "number" ? bit : open.gate.net();
    floating.add(net);
    return net;
  });
  if (floating.size > 0) {
    const nets = [...floating];
    open.gate.input("floating", nets);
    open.gold.input(
      "floating",
      nets.map(() => "x"),
    );
  }
  return { kind: "cut", boxes, registerBits, choices, gold: open.gold.build(), gate: open.gate.build() };
}

const uncut = (reason: string): Uncut => ({ kind: "uncut", reason });

/** Pads are dropped: blocks alone use them, and `pairBoxes` has compared these. */
function cutPorts(gold: NetlistModule, gate: NetlistModule, open: Sides<OpenModule>): void {
  for (const [name, { direction, bits }] of Object.entries(gold.ports)) {
    if (direction === "inout") continue;
    const same = gate.ports[name];
    if (same?.direction !== direction || same.bits.length !== bits.length)
      throw new NetlistError(`the netlist's port ${name} is not the design's`);
    open.gold[direction](name, bits);
    open.gate[direction](name, same.bits);
  }
}

function cutBox({ name, gold, gate }: BoxPair, open: Sides<OpenModule>): void {
  const directions = { ...gold.port_directions, ...gate.port_directions };
  for (const [port, direction] of Object.entries(directions)) {
    if (direction === "inout") continue;
    const bits = { gold: gold.connections[port] ?? [], gate: gate.connections[port] ?? [] };
    const width = Math.max(bits.gold.length, bits.gate.length);
    const padded = (word: Bits): Bit[] => Array.from({ length: width }, (_, i) => word[i] ?? "z");
    const words = { gold: padded(bits.gold), gate: padded(bits.gate) };
    const at = `box.${name}.${port}`;
    if (direction === "output") {
      open.gold.input(at, words.gold);
      open.gate.input(at, words.gate);
      continue;
    }
    // Where the design says that an input may be anything, the netlist may choose.
    const compared = (word: Bits): Bits => word.filter((_, i) => words.gold[i] !== "x");
    open.gold.output(at, compared(countedInput(open.gold, gold, port, words.gold)));
    open.gate.output(at, compared(countedInput(open.gate, gate, port, words.gate)));
  }
}

/** A block of the design alone may give anything: inputs that the netlist has no use for. */
function cutMissing(gold: NetlistModule, boxes: readonly BoxPair[], open: Sides<OpenModule>): void {
  const paired = new Set(boxes.map(({ name }) => name));
  for (const [name, cell] of Object.entries(gold.cells)) {
    if (!isBox(cell) || paired.has(name)) continue;
    for (const [port, bits] of Object.entries(cell.connections)) {
      if (cell.port_directions[port] !== "output") continue;
      open.gold.input(`missing.${name}.${port}`, bits);
      open.gate.input(
        `missing.${name}.${port}`,
        bits.map(() => "x"),
      );
    }
  }
}

/** Registers of the design that have a value in the netlist, under any of their names. Returns the number of bits. */
function cutRegisters(
  gold: NetlistModule,
  gate: NetlistModule,
  { bits }: FlipFlops,
  open: Sides<OpenModule>,
): number {
  const begun = begunBits(gold);
  const seen = new Set<string>();
  for (const [name, net] of Object.entries(gold.netnames)) {
    const same = Object.hasOwn(gate.netnames, name) ? gate.netnames[name] : undefined;
    if (net.hide_name !== 0 || same === undefined) continue;
    const pairs = net.bits.flatMap((bit, i): { readonly bit: Bit; readonly other: Bit }[] => {
      const other = same.bits[i];
      if (!bits.has(bit) || other === undefined || open.gate.isOpen(other)) return [];
      const key = `${bit} ${other}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ bit, other }];
    });
    if (pairs.length === 0) continue;
    open.gold.output(
      `register.${name}`,
      pairs.map(({ bit }) => bit),
    );
    open.gate.output(
      `register.${name}`,
      pairs.map(({ other }) => other),
    );
    for (const { bit, other } of pairs)
      if (typeof bit === "number" && other === "1" && !begun.has(bit)) open.gold.beginsWith(bit, other);
  }
  return seen.size;
}

/** Bits that the design gives a value at power-up. */
function begunBits({ netnames }: NetlistModule): ReadonlySet<Bit> {
  const begun = new Set<Bit>();
  for (const { bits, attributes } of Object.values(netnames)) {
    const values = typeof attributes.init === "string" ? [...attributes.init].reverse() : [];
    for (const [i, bit] of bits.entries()) if (values[i] === "0" || values[i] === "1") begun.add(bit);
  }
  return begun;
}
