import type { Instance, Memory, Module, Node } from "../../hdl/builder/graph.ts";
import { bitName, constantOf, Design, type Known, type Source, startsAsOne } from "./design.ts";
import { type FlipFlop, flipFlop } from "./flip-flop.ts";
import { FALSE, isFixed, type Literal, type LogicGraph, NODE, nodeOf } from "./logic-graph.ts";
import { memoryPlan } from "./memory-cells.ts";
import type { Scope } from "./scope.ts";
import { type Bits, counts } from "./word-logic.ts";

/** Cells that are counted, not mapped. */
export interface HardCells {
  flipFlops: number;
  dsp: number;
  blockRam: number;
  spram: number;
}

/** A design's logic as far as an output or a pin follows it, between cells of other kinds. */
export interface Netlist {
  readonly graph: LogicGraph;
  readonly scopes: readonly Scope[];
  /** What cells and outputs take from the logic. */
  readonly sinks: readonly Literal[];
  /** By the scopes' places. */
  readonly cells: readonly HardCells[];
}

/** Each round finds registers that are constant, or equal to others, by those that the last one found. */
const MOST_ROUNDS = 4;

/** The logic of a module and all in it, without registers that Yosys would find to be of no use. */
export function netlistOf(top: Module): Netlist {
  const known = new Map<string, Known>();
  for (let round = 1; ; round++) {
    const walk = new Walk(top, known);
    walk.run();
    const before = known.size;
    for (const [name, found] of walk.found) known.set(name, found);
    if (known.size === before || round === MOST_ROUNDS) return walk.netlist();
  }
}

class Walk {
  /** Registers' bits that turned out constant or equal to others, with the rounds before them taken for granted. */
  readonly found = new Map<string, Known>();
  private readonly design: Design;
  private readonly cells: HardCells[];
  private readonly sinks: Literal[] = [];
  private readonly waiting: number[] = [];
  private readonly seen = new Set<number>([0]);
  private readonly memories = new Map<Scope, Set<Memory>>();
  private readonly instances = new Map<Scope, Set<Instance>>();
  private readonly flipFlops = new Map<string, string>();

  constructor(top: Module, known: ReadonlyMap<string, Known>) {
    this.design = new Design(top, known);
    this.cells = this.design.scopes.map(() => ({ flipFlops: 0, dsp: 0, blockRam: 0, spram: 0 }));
  }

  run(): void {
    for (const scope of this.design.scopes) {
      const { module } = scope;
      if (scope.parent === null)
        for (const output of module.outputs) this.take(this.design.bits(scope, output));
      for (const { clock, reset } of module.derivedDomains)
        for (const node of [clock, reset]) if (node !== null) this.take(this.design.bits(scope, node));
      for (const instance of module.instances)
        if (instance.of.kind === "primitive" && (instance.inouts.size > 0 || instance.outputs.size === 0))
          this.takeInstance(scope, instance);
    }
    const { kinds, first, second, third } = this.design.graph;
    for (let node = this.waiting.pop(); node !== undefined; node = this.waiting.pop()) {
      const kind = kinds[node];
      if (kind === NODE.leaf) {
        const source = this.design.sources.get(node);
        if (source !== undefined) this.takeSource(source, node);
        continue;
      }
      this.follow(first[node] ?? FALSE);
      this.follow(second[node] ?? FALSE);
      if (kind !== NODE.and) this.follow(third[node] ?? FALSE);
    }
  }

  netlist(): Netlist {
    const { graph, scopes } = this.design;
    return { graph, scopes, sinks: this.sinks, cells: this.cells };
  }

  private follow(literal: Literal): void {
    const node = nodeOf(literal);
    if (this.seen.has(node)) return;
    this.seen.add(node);
    this.waiting.push(node);
  }

  private take(bits: Bits): void {
    for (const bit of bits) {
      if (isFixed(bit)) continue;
      this.sinks.push(bit);
      this.follow(bit);
    }
  }

  private takeSource(source: Source, node: number): void {
    switch (source.kind) {
      case "register":
        this.takeRegister(source, 2 * node);
        break;
      case "block":
        this.takeBlocks(source.scope, source.memory);
        break;
      case "flip-flop":
        this.cellsOf(source.scope).flipFlops++;
        this.take(source.takes());
        break;
      case "cell":
        this.takeInstance(source.scope, source.instance);
        break;
      case "input":
        break;
    }
  }

  private takeRegister({ scope, register, bit }: Extract<Source, { kind: "register" }>, own: Literal): void {
    const { design } = this;
    const flip = startsAsOne(register, bit) ? 1 : 0;
    const name = bitName(scope, register, bit);
    const reset = register.reset === null ? FALSE : design.reset(scope, register);
    const value = register.reset === null ? FALSE : constantOf(register.reset, bit) ^ flip;
    const next = (design.bits(scope, register.next)[bit] ?? FALSE) ^ flip;
    design.graph.owner = scope.index;
    const made = flipFlop(design.graph, own, next, reset, value);
    const starts = register.initial === null ? null : FALSE;
    const constant = constantValue(made, own, starts);
    if (constant !== null) {
      this.found.set(name, { kind: "constant", value: constant ^ flip });
      return;
    }
    const { data, enable, reset: clear } = made;
    const key = `${data} ${enable} ${clear} ${made.value} ${starts} ${flip} ${design.clock(scope, register)}`;
    const same = this.flipFlops.get(key);
    if (same !== undefined && !register.crossing) this.found.set(name, { kind: "copy", of: same });
    this.flipFlops.set(key, same ?? name);
    this.cellsOf(scope).flipFlops++;
    this.take([data, enable, clear]);
  }

  private cellsOf({ index }: Scope): HardCells {
    const cells = this.cells[index];
    if (cells === undefined) throw new RangeError(`there is no scope ${index}`);
    return cells;
  }

  private takeInstance(scope: Scope, instance: Instance): void {
    const known = this.instances.get(scope) ?? new Set();
    this.instances.set(scope, known);
    if (known.has(instance)) return;
    known.add(instance);
    const cells = this.cellsOf(scope);
    if (instance.of.name === "SB_MAC16") cells.dsp++;
    if (instance.of.name.startsWith("SB_RAM40_4K")) cells.blockRam++;
    if (instance.of.name === "SB_SPRAM256KA") cells.spram++;
    for (const node of instance.inputs.values()) this.take(this.design.bits(scope, node));
  }

  private takeBlocks(scope: Scope, memory: Memory): void {
    const known = this.memories.get(scope) ?? new Set();
    this.memories.set(scope, known);
    const plan = memoryPlan(memory);
    if (known.has(memory) || plan.kind === "logic") return;
    known.add(memory);
    this.cellsOf(scope).blockRam += plan.blocks;
    const bits = (node: Node | null): Bits => (node === null ? [] : this.design.bits(scope, node));
    for (const { address, data, enable, mask } of memory.writes) {
      const at = bits(address);
      this.take([...at.slice(0, plan.rowBit), ...bits(data), ...bits(mask)]);
      const when = bits(enable)[0] ?? FALSE;
      const { graph } = this.design;
      graph.owner = scope.index;
      for (let row = 0; row < plan.rows; row++)
        this.take([plan.rows === 1 ? when : graph.and(when, counts(graph, at.slice(plan.rowBit), row))]);
    }
    for (const { address, enable } of memory.reads)
      this.take([...bits(address).slice(0, plan.rowBit), ...bits(enable)]);
  }
}

/** What a flip-flop always gives; null: it changes. */
function constantValue(
  { data, enable, reset, value }: FlipFlop,
  own: Literal,
  starts: Literal | null,
): Literal | null {
  const values = new Set<Literal>();
  if (enable !== FALSE && data !== own) values.add(data);
  if (reset !== FALSE) values.add(value);
  if (starts !== null) values.add(starts);
  const [only, ...others] = values;
  if (only === undefined) return FALSE;
  return others.length === 0 && isFixed(only) ? only : null;
}
