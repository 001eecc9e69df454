import type { Node, Wire } from "../builder/graph.ts";
import { visitInOrder } from "../builder/walk.ts";
import { isOperation } from "../simulate/interpret.ts";
import { assignment } from "./assignment.ts";
import type { Declaration } from "./declaration.ts";
import { declarations } from "./declaration.ts";
import { describe } from "./describe.ts";
import { Expressions } from "./expression.ts";
import { aligned, indented, wrapped } from "./layout.ts";
import type { Choice, Plan } from "./plan.ts";
import type { Signal, Signals } from "./signals.ts";
import type { Text } from "./text.ts";

/** A wire with its expression, or a choice as a block of lines. */
type Item =
  | { readonly kind: "wire"; readonly declaration: Declaration }
  | { readonly kind: "block"; readonly declaration: Declaration; readonly lines: readonly string[] };

/** Combinational logic: wires that somebody has named, and values that need a name to be read or to be right. */
export class Wires {
  readonly expressions: Expressions;
  private readonly signals: Signals;
  private readonly plan: Plan;
  private readonly known: Map<Node, Signal>;
  private readonly drivers: ReadonlyMap<Wire, Node>;
  private readonly wishes: ReadonlyMap<Node, string>;
  private readonly items: Item[] = [];
  private readonly done = new Set<Node>();
  /** What the values being written are for. */
  private purpose = "";

  /**
   * @param known signals of leaves and wires; values that get a name are added
   * @param drivers simplified drivers of the wires to be declared here
   * @param wishes names for values that need one
   */
  constructor(
    signals: Signals,
    plan: Plan,
    known: Map<Node, Signal>,
    drivers: ReadonlyMap<Wire, Node>,
    wishes: ReadonlyMap<Node, string>,
  ) {
    this.signals = signals;
    this.plan = plan;
    this.known = known;
    this.drivers = drivers;
    this.wishes = wishes;
    this.expressions = new Expressions(
      signals,
      plan,
      (node) => known.get(node) ?? null,
      (node) => this.declare(node),
    );
  }

  /** Declares the wires, in their order as far as one does not need another one. */
  declareAll(): void {
    const order: Wire[] = [];
    visitInOrder(
      this.drivers.keys(),
      (node) => void (node.kind === "wire" && this.drivers.has(node) && order.push(node)),
      (node) => this.below(node),
    );
    for (const wire of order) {
      const driver = this.driverOf(wire);
      this.need(driver, wire.name);
      this.wire(wire, driver);
    }
  }

  /** Gives names to values below `root` that get one, so that `root` can be written. */
  need(root: Node, purpose: string): void {
    this.purpose = purpose;
    const named: Node[] = [];
    visitInOrder(
      [root],
      (node) => {
        this.done.add(node);
        if (this.plan.isNamed(node)) named.push(node);
      },
      (node) => (this.done.has(node) ? [] : this.plan.operandsOf(node)),
    );
    for (const node of named) this.declare(node);
  }

  /** The signal of a value, declared if it has none. */
  declare(node: Node): Signal {
    const found = this.known.get(node);
    if (found !== undefined) return found;
    if (!isOperation(node) && node.kind !== "constant")
      throw new Error(`a ${node.kind} is used and not declared`);
    const width = isRightInLowBits(node) ? this.plan.widthOf(node) : node.type.width;
    const wish = describe(
      node,
      (inner) => this.known.get(inner)?.name ?? null,
      this.wishes.get(node) ?? null,
      this.purpose,
    );
    const signal: Signal = {
      name: this.signals.names.claim(wish),
      // Without its highest bits it is no number any more.
      type: { width, signed: node.type.signed && width === node.type.width },
      labels: null,
    };
    const choice = this.plan.choices.get(node);
    if (choice === undefined) this.assign(signal, this.expressions.definition(node, width, null));
    else this.choose(signal, choice);
    this.known.set(node, signal);
    return signal;
  }

  /** An output's assignment, or the choice that gives its value. */
  output(wire: Wire, signal: Signal, driver: Node): readonly string[] {
    this.need(driver, signal.name);
    const choice = this.choiceOf(driver);
    if (choice !== null) return this.chosen(signal, choice);
    const text = this.expressions.assigned(driver, wire.type.width, signal.labels);
    return assignment(`assign ${signal.name} =`, text);
  }

  /** The choice that a wire's driver is, where it needs no name of its own. */
  choiceOf(driver: Node): Choice | null {
    return this.plan.isNamed(driver) ? null : (this.plan.choices.get(driver) ?? null);
  }

  lines(sources: boolean): string[] {
    const made: string[] = [];
    let row: Declaration[] = [];
    const flush = (): void => {
      made.push(...declarations(row, this.signals, { sources }));
      row = [];
    };
    for (const item of this.items) {
      if (item.kind === "wire") {
        row.push(item.declaration);
        continue;
      }
      flush();
      made.push("", ...declarations([item.declaration], this.signals, { sources }), ...item.lines);
    }
    flush();
    return made[0] === "" ? made.slice(1) : made;
  }

  private wire(wire: Wire, driver: Node): void {
    const signal = this.known.get(wire);
    if (signal === undefined) throw new Error(`wire ${wire.name} has no name`);
    const choice = this.choiceOf(driver);
    if (choice !== null) this.choose(signal, choice);
    else this.assign(signal, this.expressions.assigned(driver, wire.type.width, signal.labels));
  }

  private assign(signal: Signal, text: Text): void {
    const declaration = { kind: "wire", signal };
    const [single, ...more] = assignment("=", text);
    if (single !== undefined && more.length === 0)
      this.items.push({ kind: "wire", declaration: { ...declaration, rest: single.replace(/;$/, "") } });
    else {
      const lines = assignment(`assign ${signal.name} =`, text);
      this.items.push({ kind: "block", declaration, lines });
    }
  }

  private choose(signal: Signal, choice: Choice): void {
    this.items.push({
      kind: "block",
      declaration: { kind: "reg", signal },
      lines: this.chosen(signal, choice),
    });
  }

  private chosen({ name, type, labels }: Signal, { subject, arms, otherwise }: Choice): string[] {
    const value = (node: Node): string[] =>
      wrapped(`${name} = ${this.expressions.assigned(node, type.width, labels).text};`);
    const rows = arms.map(
      (arm) => [`${this.expressions.caseLabel(subject, arm.values)}:`, value(arm.value)] as const,
    );
    rows.push(["default:", value(otherwise)]);
    const short = rows.every(([, lines]) => lines.length === 1);
    const body = short
      ? aligned(rows.map(([label, lines]) => [label, ...lines]))
      : rows.flatMap(([label, lines]) => [`${label} begin`, ...indented(lines), "end"]);
    const cases = [`case (${this.expressions.alone(subject).text})`, ...indented(body), "endcase"];
    return ["always @* begin", ...indented(cases), "end"];
  }

  private below(node: Node): readonly Node[] {
    return node.kind === "wire" && this.drivers.has(node)
      ? [this.driverOf(node)]
      : this.plan.operandsOf(node);
  }

  private driverOf(wire: Wire): Node {
    const driver = this.drivers.get(wire);
    if (driver === undefined) throw new Error(`wire ${wire.name} has no driver`);
    return driver;
  }
}

/** Its low bits can be computed without the high ones. */
function isRightInLowBits(node: Node): boolean {
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
    case "not":
    case "shift-left":
    case "mux":
    case "select":
      return true;
    default:
      return false;
  }
}
