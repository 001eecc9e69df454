import type { Node } from "../builder/graph.ts";
import { Access } from "./access.ts";
import type { FlatDesign, FlatSignal } from "./flat.ts";
import type { Cell, Stored } from "./lower/layout.ts";
import type { Code, Machine } from "./machine.ts";
import { Names } from "./names.ts";

/** A signal that can be looked at. */
export interface Visible {
  readonly access: Access;
  /** Has to be settled before it is read; null: it is always right. */
  readonly group: Group | null;
  /** A register or a read port, which can be written. */
  readonly isState: boolean;
}

/** Logic that is computed together, when one of its signals is looked at. */
export class Group {
  readonly cells = new Map<Node, Cell>();
  private readonly machine: Machine;
  private compiled: Code | null = null;
  private isSettled = false;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Inputs or state have changed. */
  disturb(): void {
    this.isSettled = false;
  }

  settle(): void {
    if (this.isSettled) return;
    this.code();
    this.isSettled = true;
  }

  get code(): Code {
    this.compiled ??= this.machine.settle(this.cells);
    return this.compiled;
  }

  cellOf(node: Node, name: string): Cell {
    let cell = this.cells.get(node);
    if (cell === undefined) {
      cell = this.machine.program.layout.cell(name, node.type);
      this.cells.set(node, cell);
    }
    return cell;
  }
}

/** The signals of a design by name, and what it takes to read them. */
export class Signals {
  /** By name. */
  readonly inputs: Names<Visible>;
  /** Inputs and outputs, by name. */
  readonly ports: Names<Visible>;
  /** Everything that can be looked at, by path. */
  readonly all: Names<Visible>;
  /** What depends on inputs within the cycle, or is not computed at the clock edge. */
  readonly groups: readonly Group[];
  private readonly machine: Machine;

  constructor(design: FlatDesign, machine: Machine) {
    this.machine = machine;
    this.inputs = new Names(`an input of ${design.name}`);
    this.ports = new Names(`an input or output of ${design.name}`);
    this.all = new Names(
      `a signal of ${design.name} that can be looked at (option observe keeps signals that are not needed)`,
    );
    const outer = new Group(machine);
    const inner = new Group(machine);
    this.groups = [outer, inner];
    const make = (signal: FlatSignal, group: Group): Visible | null => this.visible(signal, group, outer);
    for (const signal of design.inputs)
      this.add(signal, make(signal, outer), [this.inputs, this.ports, this.all]);
    for (const signal of design.outputs) this.add(signal, make(signal, outer), [this.ports, this.all]);
    for (const signal of design.signals) this.add(signal, make(signal, inner), [this.all]);
    machine.memory.fit();
  }

  private add({ path }: FlatSignal, visible: Visible | null, to: readonly Names<Visible>[]): void {
    const name = path.join(".");
    if (visible !== null) for (const names of to) if (!names.has(name)) names.add(name, visible);
  }

  private visible({ path, type, parts }: FlatSignal, group: Group, outer: Group): Visible | null {
    if (parts === null) return null;
    const { layout } = this.machine.program;
    const name = path.join(".");
    const computed = parts.filter((node) => !isStored(node));
    const home = computed.every((node) => outer.cells.has(node)) ? outer : group;
    const places = parts.map((node) => (isStored(node) ? layout.cellOf(node) : home.cellOf(node, name)));
    const isState = parts.every((node) => node.kind === "register" || node.kind === "read");
    const access = new Access(name, type, places, this.machine.memory);
    return { access, group: computed.length === 0 ? null : home, isState };
  }
}

const isStored = (node: Node): node is Stored =>
  node.kind === "input" || node.kind === "register" || node.kind === "read";
