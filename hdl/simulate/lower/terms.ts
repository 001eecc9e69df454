import type { Memory, Node, Select } from "../../builder/graph.ts";
import { BIT } from "../../builder/operators.ts";
import { operandsOf } from "../../builder/walk.ts";
import type { Cell, Layout } from "./layout.ts";
import { type Normaliser, registersOf } from "./normal.ts";
import type { Term } from "./term.ts";

/** A term without its number. */
type Unnumbered = Term extends infer T ? (T extends Term ? Omit<T, "id"> : never) : never;

/** Makes the terms of one piece of code. */
export class Terms {
  /** Operands before their users; the place in the list is the term's id. */
  readonly list: Term[] = [];
  private readonly ofNode = new Map<Node, Term>();
  private readonly layout: Layout;
  private readonly normaliser: Normaliser;

  constructor(layout: Layout, normaliser: Normaliser) {
    this.layout = layout;
    this.normaliser = normaliser;
  }

  /** The term of a node; makes those it needs. */
  of(root: Node): Term {
    this.normaliser.visit(
      [root],
      (node) => {
        if (this.ofNode.has(node)) return;
        const normal = this.normaliser.normal(node);
        const term = this.ofNode.get(normal) ?? this.make(normal);
        this.ofNode.set(node, term).set(normal, term);
      },
      (node) => this.ofNode.has(node),
    );
    return this.known(root);
  }

  /** The word of a memory, zero for addresses beyond its depth. */
  fetch(memory: Memory, address: Node): Term {
    const area = this.layout.areaOf(memory);
    return this.add({ kind: "fetch", type: area.type, area, operands: [this.of(address)] });
  }

  /** One bit: all of these bits, at least one. */
  all(bits: readonly Term[]): Term {
    return bits.reduce((left, right) => this.add({ kind: "and", type: BIT, operands: [left, right] }));
  }

  private make(node: Node): Term {
    switch (node.kind) {
      case "constant":
        return this.add({ kind: "constant", type: node.type, value: node.value, operands: [] });
      case "input":
      case "register":
      case "read":
        return this.add({ kind: "load", type: node.type, cell: this.layout.cellOf(node), operands: [] });
      case "select":
        return this.makeSelect(node);
      case "slice":
        return this.add({
          kind: "slice",
          type: node.type,
          low: node.low,
          operands: [this.known(node.value)],
        });
      case "wire":
      case "instance-output":
        throw new Error(`a flat design has no ${node.kind}`);
      default:
        return this.add({
          kind: node.kind,
          type: node.type,
          operands: operandsOf(node).map((operand) => this.known(operand)),
        });
    }
  }

  /** From neighbouring registers or from a table where that is possible. */
  private makeSelect(node: Select): Term {
    const { type, cases } = node;
    const index = this.known(node.index);
    const cells = registersOf(node)?.map((register) => this.layout.cellOf(register));
    if (cells !== undefined && areNeighbours(cells))
      return this.add({ kind: "pick", type, cells, operands: [index] });
    const constants = cases.flatMap((one) => (one.kind === "constant" ? [one.value] : []));
    const [last] = constants.slice(-1);
    if (constants.length === cases.length && last !== undefined) {
      // The normal form has an index of no more bits than needed.
      const words = Array.from({ length: 2 ** index.type.width }, (_, i) => constants[i] ?? last);
      return this.add({ kind: "fetch", type, area: this.layout.table(type, words), operands: [index] });
    }
    return this.add({ kind: "select", type, operands: [index, ...cases.map((one) => this.known(one))] });
  }

  private known(node: Node): Term {
    const term = this.ofNode.get(node);
    if (term === undefined) throw new Error(`a ${node.kind} is used before it is made`);
    return term;
  }

  private add(term: Unnumbered): Term {
    const made: Term = { ...term, id: this.list.length };
    this.list.push(made);
    return made;
  }
}

const areNeighbours = (cells: readonly Cell[]): boolean =>
  cells.every(
    ({ address, bytes }, i) => address === cells[0]!.address + i * bytes && bytes === cells[0]!.bytes,
  );
