import { collisionOf } from "../../builder/collision.ts";
import type {
  Domain,
  Instance,
  Memory,
  Module,
  Node,
  ReadPort,
  Register,
  Wire,
  WritePort,
} from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { operandsOf, visitInOrder } from "../../builder/walk.ts";
import type { FlatMemory, FlatSignal } from "../flat.ts";
import type { Mutable } from "../rewrite/state.ts";
import { mapOperands } from "../rewrite.ts";
import type { Clocks } from "./clocks.ts";
import type { Pad } from "./pad.ts";
import { newWire } from "./wire.ts";

/** Where a module stands and what it is connected to. */
export interface Place {
  readonly module: Module;
  readonly path: readonly string[];
  readonly inputs: ReadonlyMap<string, Node>;
  /** The top module's pin for each of the module's inouts. */
  readonly pads: ReadonlyMap<string, Pad>;
  /** The design's clock for one of the module's. */
  readonly domain: (domain: Domain) => Domain;
  readonly clocks: Clocks;
}

/** What a module brings into the design, with everything inside it. */
export interface Placed {
  readonly inputs: readonly FlatSignal[];
  readonly outputs: readonly FlatSignal[];
  /** Other signals. */
  readonly inner: readonly FlatSignal[];
  readonly registers: readonly Register[];
  readonly memories: readonly FlatMemory[];
  /** Outputs by name. */
  readonly driven: ReadonlyMap<string, Node>;
}

export function signalOf(path: readonly string[], node: Node): FlatSignal {
  const register = node.kind === "register" || node.kind === "read";
  const labels = node.kind === "register" ? node.labels : null;
  return { path, type: node.type, register, parts: [node], labels };
}

/** Copies a module's nodes, named by their paths, and those of its instances; wires stay, and so do wires in place of ports. */
export const place = (at: Place): Placed => new Placement(at).result();

class Placement {
  private readonly at: Place;
  private readonly copies = new Map<Node, Node>();
  /** Where logic ends; grows with the wires, registers and ports that are found on the way. */
  private readonly roots: Node[] = [];
  private readonly connections: (() => void)[] = [];
  private readonly derived = new Map<Domain, Domain>();
  /** For read ports that may collide with writes: whether the last read did, and what was read. */
  private readonly collided: Register[] = [];
  private readonly scrambled: FlatSignal[] = [];

  constructor(at: Place) {
    this.at = at;
  }

  result(): Placed {
    const { module, inputs } = this.at;
    for (const { domain, reset } of module.derivedDomains) this.derive(domain, reset);
    for (const input of module.inputs) {
      const outside = inputs.get(input.name);
      if (outside === undefined)
        throw new Error(`nothing is connected to input ${this.path(input.name).join(".")}`);
      this.copies.set(input, outside);
    }
    const memories = module.memories.map((memory) => this.memory(memory));
    const children = module.instances.map((instance) => this.instance(instance));
    this.roots.push(...module.outputs, ...module.wires, ...module.registers);
    visitInOrder(
      this.roots,
      (node) => {
        if (!this.copies.has(node)) this.copies.set(node, this.copied(node));
      },
      (node) => (node.kind === "wire" ? [] : operandsOf(node)),
    );
    for (const connect of this.connections) connect();

    const signal = (node: Node & { readonly name: string }): FlatSignal =>
      signalOf(this.path(node.name), this.copy(node));
    const reads = module.memories.flatMap((memory) => memory.reads);
    return {
      inputs: module.inputs.map(signal),
      outputs: module.outputs.map(signal),
      inner: [
        ...[...module.wires, ...module.registers, ...reads].map(signal),
        ...this.scrambled,
        ...children.flatMap((child) => [...child.inputs, ...child.outputs, ...child.inner]),
      ],
      registers: [
        ...module.registers.map((node) => this.copy(node)).filter((node) => node.kind === "register"),
        ...this.collided,
        ...children.flatMap(({ registers }) => registers),
      ],
      memories: [...memories, ...children.flatMap((child) => child.memories)],
      driven: new Map(module.outputs.map((output) => [output.name, this.copy(output)])),
    };
  }

  private path(name: string): readonly string[] {
    return [...this.at.path, name];
  }

  private name(name: string): string {
    return this.path(name).join(".");
  }

  private domain(domain: Domain): Domain {
    return this.derived.get(domain) ?? this.at.domain(domain);
  }

  private copy(node: Node): Node {
    const found = this.copies.get(node);
    if (found === undefined)
      throw new Error(`${node.kind} in ${this.at.module.name} is used before it is made`);
    return found;
  }

  /** Has `node` copied, and then `connect` called with the copy. */
  private whenCopied(node: Node, connect: (copy: Node) => void): void {
    this.roots.push(node);
    this.connections.push(() => connect(this.copy(node)));
  }

  private copied(node: Node): Node {
    if (node.kind === "wire") return this.wire(node.name, node);
    if (node.kind === "register") return this.register(node);
    return mapOperands(node, (operand) => this.copy(operand));
  }

  private wire(name: string, { type, source, driver }: Wire): Wire {
    const wire = newWire(this.path(name), type, source);
    this.whenCopied(driver, (copy) => {
      wire.driver = copy;
    });
    return wire;
  }

  private register(old: Register): Register {
    const name = this.name(old.name);
    const domain = this.domain(old.domain);
    const register: Register = { ...old, name, domain, reset: null };
    this.whenCopied(old.next, (next) => {
      register.next = next;
      if (old.reset === null) return;
      const reset = this.at.clocks.resetOf(domain, name, old.source);
      register.next = op.mux(reset, op.constant(old.reset, old.type), next);
    });
    return register;
  }

  private derive(domain: Domain, reset: Node | null): void {
    const { module, path, clocks } = this.at;
    const wire = reset === null ? null : newWire(this.path(domain.reset), op.BIT, module.source);
    if (reset !== null && wire !== null)
      this.whenCopied(reset, (copy) => {
        wire.driver = copy;
      });
    this.derived.set(domain, clocks.derive(domain, path, wire));
  }

  private memory(old: Memory): FlatMemory {
    const reads: ReadPort[] = [];
    const writes: WritePort[] = [];
    const memory: Memory = { ...old, name: this.name(old.name), reads, writes };
    for (const port of old.writes) {
      const made: Mutable<WritePort> = { ...port, domain: this.domain(port.domain) };
      writes.push(made);
      this.connectPort(port, made, ["address", "data", "enable", "mask"]);
    }
    for (const port of old.reads) {
      const domain = this.domain(port.domain);
      const made: Mutable<ReadPort> = { ...port, memory, name: this.name(port.name), domain };
      reads.push(made);
      this.copies.set(port, made);
      this.connectPort(port, made, ["address", "enable"]);
      if (old.collisions === "undefined") this.scramble(old, port, made);
    }
    return { path: this.path(old.name), type: old.type, depth: old.depth, parts: [memory] };
  }

  /** Has what a port gives inverted where it has read a word that was written at the same edge. */
  private scramble(memory: Memory, port: ReadPort, made: ReadPort): void {
    const collision = collisionOf(memory, port);
    if (collision === null) return;
    const { domain } = made;
    const name = this.name(`${port.name}_collided`);
    const collided: Register = {
      kind: "register",
      name,
      source: port.source,
      type: op.BIT,
      next: op.constant(0n, op.BIT),
      reset: null,
      initial: 0n,
      domain,
      crossing: false,
      labels: null,
    };
    // Where nothing is read, the data stay as they are.
    this.whenCopied(collision, (copy) => {
      collided.next = made.enable === null ? copy : op.mux(made.enable, copy, collided);
    });
    this.collided.push(collided);
    this.scrambled.push(signalOf(this.path(`${port.name}_as_stored`), made));
    this.copies.set(port, op.mux(collided, op.not(made), made));
  }

  private connectPort<K extends string>(
    old: { readonly [key in K]: Node | null },
    made: { [key in K]: Node | null },
    keys: readonly K[],
  ): void {
    for (const key of keys) {
      const node = old[key];
      if (node === null) continue;
      this.whenCopied(node, (copy) => {
        made[key] = copy;
      });
    }
  }

  private instance(instance: Instance): Placed {
    const { of } = instance;
    const module = of.kind === "module" ? of : of.model;
    const path = this.path(instance.name);
    const pads = new Map(
      module.inouts.flatMap(({ name }) => {
        const pad = this.at.pads.get(instance.inouts.get(name)?.name ?? "");
        return pad === undefined ? [] : [[name, pad] as const];
      }),
    );
    const inputs = new Map<string, Node>();
    for (const { name, type, source } of module.inputs) {
      const pad = of.kind === "primitive" ? pads.get(name) : undefined;
      const driver = instance.inputs.get(name);
      if (pad !== undefined) inputs.set(name, pad.value);
      else if (driver !== undefined) {
        const wire = newWire([...path, name], type, source);
        inputs.set(name, wire);
        this.whenCopied(driver, (copy) => {
          wire.driver = copy;
        });
      }
    }
    const domain = (inner: Domain): Domain => this.domain(instance.domains.get(inner) ?? inner);
    const placed = place({ module, path, inputs, pads, domain, clocks: this.at.clocks });
    for (const [port, output] of instance.outputs) {
      const inside = placed.driven.get(port);
      if (inside !== undefined) this.copies.set(output, inside);
    }
    if (of.kind === "primitive")
      for (const [name, pad] of pads) {
        const out = placed.driven.get(`${name}.out`);
        const enable = placed.driven.get(`${name}.enable`);
        if (out !== undefined && enable !== undefined) pad.drive(out, enable);
      }
    return placed;
  }
}
