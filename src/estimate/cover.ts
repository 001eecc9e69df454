import { isFixed, type Literal, type LogicGraph, NODE, nodeOf } from "./logic-graph.ts";

/** Inputs of a look-up table. */
const INPUTS = 4;
/** Cuts that are kept of each node, its own among them. */
const CUTS = 8;
/** Passes that estimate shared area, and those that count it. */
const FLOW_PASSES = 2;
const EXACT_PASSES = 2;

/** Look-up tables that a netlist's logic takes, by what they do and by the scopes that own them. */
export interface Cover {
  /** Of general logic. */
  readonly logic: readonly number[];
  /** Sums' bits, beside carries. */
  readonly sums: readonly number[];
  /** Hard carries: no tables. */
  readonly carries: readonly number[];
}

/**
 * Covers logic with tables of four inputs: cuts are enumerated bottom up, and those are taken that make the whole small
 * (Mishchenko, Chatterjee, Brayton, "Improvements to technology mapping for LUT-based FPGAs", 2007, without its bounds on delay).
 */
export function cover(graph: LogicGraph, sinks: readonly Literal[], owners: number): Cover {
  return new Mapper(graph, sinks).result(owners);
}

class Mapper {
  private readonly graph: LogicGraph;
  private readonly sinks: readonly Literal[];
  private readonly size: number;
  /** Of each node, `CUTS` cuts of `INPUTS` nodes in rising order; 0: none. */
  private readonly leaves: Int32Array;
  private readonly counts: Uint8Array;
  /** The cut that is taken. */
  private readonly best: Uint8Array;
  private readonly references: Float64Array;
  private readonly flow: Float64Array;
  private readonly live: Uint8Array;
  private readonly order: number[] = [];

  constructor(graph: LogicGraph, sinks: readonly Literal[]) {
    this.graph = graph;
    this.sinks = sinks;
    this.size = graph.size;
    this.leaves = new Int32Array(this.size * CUTS * INPUTS);
    this.counts = new Uint8Array(this.size);
    this.best = new Uint8Array(this.size);
    this.references = new Float64Array(this.size);
    this.flow = new Float64Array(this.size);
    this.live = new Uint8Array(this.size);
  }

  result(owners: number): Cover {
    this.findLive();
    this.enumerate();
    for (let pass = 0; pass < FLOW_PASSES; pass++) {
      this.countReferences();
      this.choose((node, cut) => this.flowOf(node, cut));
    }
    this.countReferences();
    for (let pass = 0; pass < EXACT_PASSES; pass++) this.recover();
    return this.counted(owners);
  }

  /** Nodes that sinks follow, and estimates of how many others take each of them. */
  private findLive(): void {
    const { kinds, first, second, third } = this.graph;
    for (const sink of this.sinks) this.want(sink);
    for (let node = this.size - 1; node > 0; node--) {
      if (this.live[node] === 0) continue;
      const kind = kinds[node];
      if (kind === NODE.leaf) continue;
      const [a = 0, b = 0, c = 0] = [first[node], second[node], third[node]];
      if (kind === NODE.and) {
        this.live[nodeOf(a)] = 1;
        this.live[nodeOf(b)] = 1;
        this.references[nodeOf(a)]!++;
        this.references[nodeOf(b)]!++;
      } else for (const literal of [a, b, c]) this.want(literal);
    }
    for (let node = 1; node < this.size; node++)
      if (this.live[node] === 1 && kinds[node] === NODE.and) this.order.push(node);
  }

  private want(literal: Literal): void {
    if (isFixed(literal)) return;
    const node = nodeOf(literal);
    this.live[node] = 1;
    this.references[node]!++;
  }

  /** Each node's best cuts by an estimate of their area. */
  private enumerate(): void {
    const { kinds, first, second } = this.graph;
    for (let node = 1; node < this.size; node++) {
      if (kinds[node] === NODE.and) continue;
      this.counts[node] = 1;
      this.leaves[node * CUTS * INPUTS] = node;
    }
    const merged: number[] = [];
    for (const node of this.order) {
      const [a, b] = [nodeOf(first[node] ?? 0), nodeOf(second[node] ?? 0)];
      const found: { readonly cut: readonly number[]; readonly flow: number }[] = [];
      for (let i = 0; i < this.counts[a]!; i++)
        for (let j = 0; j < this.counts[b]!; j++) {
          if (!this.merge(this.at(a, i), this.at(b, j), merged)) continue;
          let flow = 1;
          for (const leaf of merged) flow += this.flow[leaf]!;
          insert(found, merged, flow);
        }
      const [best] = found;
      if (best === undefined) throw new Error("a node of two inputs has no cut");
      this.flow[node] = best.flow / Math.max(1, this.references[node]!);
      for (const [i, { cut }] of found.entries()) this.put(node, i, cut);
      // By itself, for those that take it.
      this.put(node, found.length, [node]);
      this.counts[node] = found.length + 1;
    }
  }

  private at(node: number, cut: number): number {
    return (node * CUTS + cut) * INPUTS;
  }

  private put(node: number, cut: number, leaves: readonly number[]): void {
    const at = this.at(node, cut);
    for (const [i, leaf] of leaves.entries()) this.leaves[at + i] = leaf;
  }

  /** The leaves of two cuts together; false: there are too many. */
  private merge(a: number, b: number, into: number[]): boolean {
    const { leaves } = this;
    into.length = 0;
    let [i, j] = [0, 0];
    for (;;) {
      const x = i < INPUTS ? leaves[a + i]! : 0;
      const y = j < INPUTS ? leaves[b + j]! : 0;
      if (x === 0 && y === 0) return true;
      if (into.length === INPUTS) return false;
      if (y === 0 || (x !== 0 && x < y)) {
        into.push(x);
        i++;
      } else {
        into.push(y);
        j++;
        if (x === y) i++;
      }
    }
  }

  private flowOf(node: number, cut: number): number {
    let flow = 1;
    const at = this.at(node, cut);
    for (let i = 0; i < INPUTS && this.leaves[at + i] !== 0; i++) flow += this.flow[this.leaves[at + i]!]!;
    return flow;
  }

  private choose(cost: (node: number, cut: number) => number): void {
    for (const node of this.order) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let cut = 0; cut < this.counts[node]! - 1; cut++) {
        const area = cost(node, cut);
        if (area < least) [best, least] = [cut, area];
      }
      this.best[node] = best;
      this.flow[node] = least / Math.max(1, this.references[node]!);
    }
  }

  /** How many cells and tables take each node, with the cuts as they are chosen. */
  private countReferences(): void {
    this.references.fill(0);
    const { kinds, first, second, third } = this.graph;
    for (const sink of this.sinks) this.references[nodeOf(sink)]!++;
    for (let node = this.size - 1; node > 0; node--) {
      const kind = kinds[node];
      if (kind === NODE.leaf || this.live[node] === 0) continue;
      if (kind !== NODE.and) {
        for (const literal of [first[node]!, second[node]!, third[node]!])
          this.references[nodeOf(literal)]!++;
      } else if (this.references[node]! > 0) this.eachLeaf(node, (leaf) => void this.references[leaf]!++);
    }
  }

  private eachLeaf(node: number, visit: (leaf: number) => void): void {
    const at = this.at(node, this.best[node]!);
    for (let i = 0; i < INPUTS; i++) {
      const leaf = this.leaves[at + i]!;
      if (leaf === 0) return;
      visit(leaf);
    }
  }

  /** Takes for each node the cut that adds the fewest tables to all others. */
  private recover(): void {
    for (const node of this.order) {
      if (this.references[node] === 0) continue;
      this.release(node);
      let [best, least] = [this.best[node]!, Number.POSITIVE_INFINITY];
      for (let cut = 0; cut < this.counts[node]! - 1; cut++) {
        this.best[node] = cut;
        const area = this.hold(node);
        this.release(node);
        if (area < least) [best, least] = [cut, area];
      }
      this.best[node] = best;
      this.hold(node);
    }
  }

  /** Tables that a node's own one needs beside those that are there. */
  private hold(node: number): number {
    let area = 1;
    this.eachLeaf(node, (leaf) => {
      if (this.references[leaf]!++ === 0 && this.graph.kinds[leaf] === NODE.and) area += this.hold(leaf);
    });
    return area;
  }

  private release(node: number): void {
    this.eachLeaf(node, (leaf) => {
      if (--this.references[leaf]! === 0 && this.graph.kinds[leaf] === NODE.and) this.release(leaf);
    });
  }

  private counted(owners: number): Cover {
    const none = (): number[] => Array.from({ length: owners }, () => 0);
    const made = { logic: none(), sums: none(), carries: none() };
    const { kinds } = this.graph;
    for (let node = 1; node < this.size; node++) {
      if (this.live[node] === 0) continue;
      const owner = this.graph.owners[node]!;
      const kind = kinds[node];
      if (kind === NODE.and && this.references[node]! > 0) made.logic[owner]!++;
      if (kind === NODE.sum) made.sums[owner]!++;
      if (kind === NODE.carry) made.carries[owner]!++;
    }
    return made;
  }
}

function insert(
  found: { readonly cut: readonly number[]; readonly flow: number }[],
  cut: readonly number[],
  flow: number,
): void {
  if (found.length === CUTS - 1 && flow >= found[found.length - 1]!.flow) return;
  if (found.some((other) => other.cut.length <= cut.length && other.cut.every((leaf) => cut.includes(leaf))))
    return;
  const kept = found.filter((other) => !cut.every((leaf) => other.cut.includes(leaf)));
  found.length = 0;
  found.push(...kept);
  const place = found.findIndex((other) => other.flow > flow);
  found.splice(place < 0 ? found.length : place, 0, { cut: [...cut], flow });
  if (found.length === CUTS) found.pop();
}
