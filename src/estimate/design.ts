import { HardwareError } from "../../hdl/builder/errors.ts";
import type {
  DerivedDomain,
  Domain,
  Instance,
  Memory,
  Module,
  Node,
  ReadPort,
  Register,
  WritePort,
} from "../../hdl/builder/graph.ts";
import * as op from "../../hdl/builder/operators.ts";
import { operandsOf } from "../../hdl/builder/walk.ts";
import { isOperation } from "../../hdl/simulate/interpret.ts";
import { countUses } from "../../hdl/verilog/decision.ts";
import { FALSE, type Literal, LogicGraph, not, TRUE } from "./logic-graph.ts";
import { memoryPlan } from "./memory-cells.ts";
import { type Scope, scopesOf } from "./scope.ts";
import { type Bits, constantBits, counts, operationBits, wordAt } from "./word-logic.ts";

/** What stands behind a leaf of the logic. */
export type Source =
  | { readonly kind: "register"; readonly scope: Scope; readonly register: Register; readonly bit: number }
  | { readonly kind: "block"; readonly scope: Scope; readonly memory: Memory }
  /** A register of a memory that is built of logic. */
  | { readonly kind: "flip-flop"; readonly scope: Scope; readonly takes: () => Bits }
  | { readonly kind: "cell"; readonly scope: Scope; readonly instance: Instance }
  | { readonly kind: "input" };

/** What a register's bit is known to be: always the same, or the same as another bit. */
export type Known =
  | { readonly kind: "constant"; readonly value: Literal }
  | { readonly kind: "copy"; readonly of: string };

export const bitName = (scope: Scope, register: Register, bit: number): string =>
  `${scope.path} ${register.name} ${bit}`;

interface Origin {
  readonly at: Scope;
  readonly domain: Domain;
  /** Null: a port of the top module brings it. */
  readonly derived: DerivedDomain | null;
}

/** A module and all in it as logic of single bits, made as far as somebody asks for it. */
export class Design {
  readonly graph = new LogicGraph();
  readonly scopes: readonly Scope[];
  /** By the leaves' nodes. */
  readonly sources = new Map<number, Source>();
  private readonly known: ReadonlyMap<string, Known>;
  private readonly registerBits = new Map<string, Literal>();
  private readonly words = new Map<Memory, Map<Scope, readonly Bits[]>>();
  private readonly uses = new Map<Module, ReadonlyMap<Node, number>>();
  private readonly resets = new Map<string, Literal>();

  constructor(top: Module, known: ReadonlyMap<string, Known>) {
    this.scopes = scopesOf(top);
    this.known = known;
  }

  /** A value's bits, the lowest first. */
  bits(scope: Scope, node: Node): Bits {
    // A stack of its own: chains of logic can be deeper than the language's stack.
    const stack: (readonly [Scope, Node])[] = [[scope, node]];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const [at, what] = top;
      const missing = at.bits.has(what)
        ? []
        : this.operands(at, what).filter(([where, operand]) => !where.bits.has(operand));
      if (missing.length > 0) {
        if (at.waiting.has(what))
          throw new HardwareError(
            `combinational loop through ${at.module.name}; a register on the way would end it`,
            at.module.source,
          );
        at.waiting.add(what);
        stack.push(...missing);
        continue;
      }
      if (!at.bits.has(what)) {
        this.graph.owner = at.index;
        at.bits.set(what, this.made(at, what));
      }
      stack.pop();
    }
    return this.of(scope, node);
  }

  /** The clock of a register's domain, as the top module's port brings it or a derived domain makes it. */
  clock(scope: Scope, register: Register): string {
    const { at, domain } = this.origin(scope, register);
    return `${at.path} ${domain.clock} ${domain.edge}`;
  }

  /** The reset of a register's domain. */
  reset(scope: Scope, register: Register): Literal {
    const { at, domain, derived } = this.origin(scope, register);
    if (derived !== null) return this.optional(at, derived.reset)[0] ?? FALSE;
    if (!at.module.resets.has(domain)) return FALSE;
    const made = this.resets.get(domain.reset) ?? this.leaf({ kind: "input" });
    this.resets.set(domain.reset, made);
    return made;
  }

  /** Where a register's domain comes from. */
  private origin(scope: Scope, register: Register): Origin {
    let [at, domain] = [scope, register.domain];
    for (;;) {
      const derived = at.module.derivedDomains.find((one) => one.domain === domain) ?? null;
      if (derived !== null || at.parent === null) return { at, domain, derived };
      domain = at.parent.instance.domains.get(domain) ?? domain;
      at = at.parent.scope;
    }
  }

  private operands(scope: Scope, node: Node): readonly (readonly [Scope, Node])[] {
    if (node.kind === "input" && scope.parent !== null) {
      const driver = scope.parent.instance.inputs.get(node.name);
      return driver === undefined ? [] : [[scope.parent.scope, driver]];
    }
    if (node.kind === "instance-output") {
      const child = scope.children.get(node.instance);
      const output = child?.module.outputs.find(({ name }) => name === node.port);
      return child === undefined || output === undefined ? [] : [[child, output]];
    }
    return operandsOf(node).map((operand) => [scope, operand]);
  }

  private of(scope: Scope, node: Node): Bits {
    const found = scope.bits.get(node);
    if (found === undefined)
      throw new Error(`${node.kind} in ${scope.module.name} is used before it is made`);
    return found;
  }

  private made(scope: Scope, node: Node): Bits {
    if (isOperation(node)) {
      const uses = this.usesIn(scope.module);
      return operationBits(
        this.graph,
        node,
        (operand) => this.of(scope, operand),
        // A wire's name counts as a use, too.
        (operand) => uses.get(operand) === (operand.kind === "wire" ? 2 : 1),
      );
    }
    const leaves = (source: (bit: number) => Source): Bits =>
      Array.from({ length: node.type.width }, (_, bit) => this.leaf(source(bit)));
    switch (node.kind) {
      case "constant":
        return constantBits(node.value, node.type.width);
      case "register":
        return Array.from({ length: node.type.width }, (_, bit) => this.registerBit(scope, node, bit));
      case "read":
        return this.readBits(scope, node);
      case "wire":
      case "input":
      case "instance-output": {
        const [same] = this.operands(scope, node);
        if (same !== undefined) return this.of(...same);
        return node.kind === "instance-output"
          ? leaves(() => ({ kind: "cell", scope, instance: node.instance }))
          : leaves(() => ({ kind: "input" }));
      }
    }
  }

  /** Flip-flops power up at 0: a bit that begins as 1 is kept inverted. */
  private registerBit(scope: Scope, register: Register, bit: number): Literal {
    const name = bitName(scope, register, bit);
    const known = this.known.get(name);
    if (known?.kind === "constant") return known.value;
    const one = known?.kind === "copy" ? known.of : name;
    const made = this.registerBits.get(one) ?? this.leaf({ kind: "register", scope, register, bit });
    this.registerBits.set(one, made);
    return startsAsOne(register, bit) ? not(made) : made;
  }

  /** What a read gives: zero beyond the memory's end. */
  private readBits(scope: Scope, port: ReadPort): Bits {
    const { memory, address, enable } = port;
    const stored = this.storedBits(scope, port);
    if (2 ** address.type.width <= memory.depth) return stored;
    const inside = op.compare("less", address, op.literal(memory.depth, false));
    const kept = this.flipFlop(scope, () => [...this.bits(scope, inside), ...this.optional(scope, enable)]);
    this.graph.owner = scope.index;
    return stored.map((bit) => this.graph.and(bit, kept));
  }

  private storedBits(scope: Scope, { memory, address, enable, type }: ReadPort): Bits {
    const { graph } = this;
    const plan = memoryPlan(memory);
    // What a register takes may follow what it gives: it is asked for later.
    const register = (of: () => Literal): Literal =>
      this.flipFlop(scope, () => [of(), ...this.optional(scope, enable)]);
    const width = Array.from({ length: type.width });
    if (plan.kind === "logic") {
      const words = this.wordsOf(scope, memory);
      return width.map((_, bit) =>
        register(() => wordAt(graph, this.bits(scope, address), words)[bit] ?? FALSE),
      );
    }
    const blocks = Array.from({ length: plan.rows }, () =>
      width.map(() => this.leaf({ kind: "block", scope, memory })),
    );
    const rowBits = plan.rows === 1 ? 0 : Math.max(0, address.type.width - plan.rowBit);
    const row = Array.from({ length: rowBits }, (_, i) =>
      register(() => this.bits(scope, address)[plan.rowBit + i] ?? FALSE),
    );
    return wordAt(graph, row, blocks);
  }

  private optional(scope: Scope, node: Node | null): Bits {
    return node === null ? [] : this.bits(scope, node);
  }

  private flipFlop(scope: Scope, takes: () => Bits): Literal {
    return this.leaf({ kind: "flip-flop", scope, takes });
  }

  /** Words of a memory that is built of logic. */
  private wordsOf(scope: Scope, memory: Memory): readonly Bits[] {
    const known = this.words.get(memory)?.get(scope);
    if (known !== undefined) return known;
    const { depth, type, writes, initial } = memory;
    const stored = (word: number): Bits =>
      Array.from({ length: type.width }, (_, bit) => {
        const takes = (): Bits => writes.flatMap((write) => this.written(scope, write, word, bit));
        return this.flipFlop(scope, takes);
      });
    const made = Array.from({ length: depth }, (_, word) =>
      writes.length === 0 ? constantBits(initial?.[word] ?? 0n, type.width) : stored(word),
    );
    const places = this.words.get(memory) ?? new Map<Scope, readonly Bits[]>();
    this.words.set(memory, places.set(scope, made));
    return made;
  }

  /** What a word's bit takes by a write port, and when. */
  private written(scope: Scope, { address, data, enable, mask }: WritePort, word: number, bit: number): Bits {
    const at = this.bits(scope, address);
    const [when = TRUE] = this.bits(scope, enable);
    const lanes = mask === null ? [TRUE] : this.bits(scope, mask);
    const lane = lanes[Math.floor((bit * lanes.length) / data.type.width)] ?? TRUE;
    this.graph.owner = scope.index;
    const here = this.graph.and(counts(this.graph, at, word), when);
    return [...this.bits(scope, data).slice(bit, bit + 1), this.graph.and(here, lane)];
  }

  private usesIn(module: Module): ReadonlyMap<Node, number> {
    const uses = this.uses.get(module) ?? countUses(module);
    this.uses.set(module, uses);
    return uses;
  }

  private leaf(source: Source): Literal {
    const made = this.graph.leaf();
    this.sources.set(made >> 1, source);
    return made;
  }
}

export const startsAsOne = ({ initial }: Register, bit: number): boolean =>
  initial !== null && ((initial >> BigInt(bit)) & 1n) === 1n;

export const constantOf = (value: bigint, bit: number): Literal =>
  (value >> BigInt(bit)) & 1n ? TRUE : FALSE;
