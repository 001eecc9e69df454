import type { Domain, Input, Memory, Node, ReadPort, Register, WritePort } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import type { FlatDesign } from "../flat.ts";
import { EVERYTHING, liveNodes } from "../rewrite.ts";
import { functionsText } from "./code.ts";
import { conjuncts, group, type Pending } from "./group.ts";
import { findLanes } from "./lanes.ts";
import { type Cell, Layout } from "./layout.ts";
import { Normaliser } from "./normal.ts";
import { Region } from "./region.ts";
import type { Statement } from "./statement.ts";
import { Terms } from "./terms.ts";

/** A design as code: where its state lies, and the text of functions that read it and move it on. */
export class Program {
  readonly layout = new Layout();
  readonly registers: readonly Register[];
  readonly reads: readonly ReadPort[];
  readonly memories: readonly Memory[];
  private readonly normaliser = new Normaliser();

  /** @param design without nodes of more than 64 bits */
  constructor(design: FlatDesign) {
    const live = inOrder(liveNodes(design, EVERYTHING), design);
    this.registers = live.filter((node) => node.kind === "register");
    this.reads = live.filter((node) => node.kind === "read");
    const kept = design.memories.flatMap(({ parts }) => parts ?? []);
    this.memories = [...new Set([...this.reads.map(({ memory }) => memory), ...kept])];
    this.arrange(live.filter((node) => node.kind === "input"));
  }

  /** Gives everything its place. */
  private arrange(inputs: readonly Input[]): void {
    const { layout, registers, reads, memories } = this;
    const lanes = findLanes(registers, reads, this.normaliser);
    for (const row of lanes.rows) layout.place(row);
    layout.place([...inputs, ...registers, ...reads].filter((node) => !layout.has(node)));
    for (const row of lanes.memories) layout.placeMemories(row);
    for (const memory of memories) if (!layout.has(memory)) layout.placeMemories([memory]);
  }

  /** The function `$<name>`: a clock edge of these domains at the same time. */
  edgeText(name: string, domains: ReadonlySet<Domain>): string {
    const terms = new Terms(this.layout, this.normaliser);
    const pending: Pending[] = [];
    const apart: Statement[] = [];
    const region = new Region(null);
    for (const register of this.registers)
      if (domains.has(register.domain)) pending.push(this.assign(register, register.next, terms));
    for (const port of this.reads) if (domains.has(port.domain)) pending.push(this.read(port, terms));
    for (const memory of this.memories) {
      const ports = memory.writes.filter(({ domain }) => domains.has(domain));
      const writes = ports.map((port) => this.write(memory, port, terms));
      // Several ports keep their order, and so stay apart from everything else.
      if (writes.length < 2) pending.push(...writes);
      else for (const one of writes) apart.push(...group([one], terms, region).statements);
    }
    const { statements } = group(pending, terms, region);
    return functionsText(name, terms.list, { region, statements: [...apart, ...statements] }, this.layout);
  }

  /** The function `$<name>`: computes these nodes, each into a cell of its own. */
  settleText(name: string, nodes: ReadonlyMap<Node, Cell>): string {
    const terms = new Terms(this.layout, this.normaliser);
    const pending = [...nodes].map(
      ([node, cell]): Pending => ({
        conditions: [],
        action: { kind: "assign", cell, value: terms.of(node) },
      }),
    );
    return functionsText(name, terms.list, group(pending, terms), this.layout);
  }

  private assign(register: Register, next: Node, terms: Terms): Pending {
    const cell = this.layout.cellOf(register);
    return { conditions: [], action: { kind: "assign", cell, value: terms.of(next) } };
  }

  private read(port: ReadPort, terms: Terms): Pending {
    const value = terms.fetch(port.memory, port.address);
    const conditions = port.enable === null ? [] : conjuncts(terms.of(port.enable));
    return { conditions, action: { kind: "assign", cell: this.layout.cellOf(port), value } };
  }

  private write(memory: Memory, { address, data, enable, mask }: WritePort, terms: Terms): Pending {
    return {
      conditions: conjuncts(terms.of(enable)),
      action: {
        kind: "write",
        area: this.layout.areaOf(memory),
        address: terms.of(address),
        data: terms.of(data),
        mask: mask === null ? null : terms.of(spread(mask, memory)),
      },
    };
  }
}

/** Registers and read ports first, in the order of declaration, which is the same in all instances of a module. */
function inOrder(nodes: readonly Node[], { signals }: FlatDesign): readonly Node[] {
  const live = new Set(nodes);
  const state = signals.flatMap(({ register, parts }) => (register ? (parts ?? []) : []));
  return [...new Set([...state.filter((node) => live.has(node)), ...nodes])];
}

/** A mask of lanes as a mask of bits, of the memory's type. */
function spread(mask: Node, { type }: Memory): Node {
  const lane = type.width / mask.type.width;
  const bits =
    lane === 1
      ? mask
      : op.concat(
          Array.from({ length: mask.type.width }, (_, i) => {
            const bit = op.slice(mask, mask.type.width - 1 - i, mask.type.width - 1 - i);
            return op.convert(op.convert(bit, { width: 1, signed: true }), op.unsignedType(lane));
          }),
        );
  return op.convert(bits, type);
}
