import type { Domain, Memory, Module, Node, ReadPort, Register } from "../../../hdl/builder/graph.ts";
import { wrap } from "../../../hdl/builder/type.ts";
import { evaluate, isOperation } from "../../../hdl/simulate/interpret.ts";
import type { Running } from "./behaviour.ts";

/** A module run as it stands, instance by instance, values looked up from outputs backwards: no flattening. */
export class Hierarchy implements Running {
  private readonly module: Module;
  private readonly input: (name: string) => bigint;
  private readonly reset: (domain: Domain) => bigint;
  private readonly outside = new Map<string, bigint>();
  private readonly children = new Map<string, Hierarchy>();
  private readonly registers = new Map<Register, bigint>();
  private readonly reads = new Map<ReadPort, bigint>();
  private readonly words = new Map<Memory, bigint[]>();
  private known = new Map<Node, bigint>();

  constructor(module: Module, input?: (name: string) => bigint, reset?: (domain: Domain) => bigint) {
    this.module = module;
    this.input = input ?? ((name) => this.outside.get(name) ?? 0n);
    this.reset = reset ?? ((domain) => this.outside.get(domain.reset) ?? 0n);
    for (const register of module.registers) this.registers.set(register, register.initial ?? 0n);
    for (const memory of module.memories) {
      for (const port of memory.reads) this.reads.set(port, 0n);
      this.words.set(
        memory,
        Array.from({ length: memory.depth }, (_, i) => memory.initial?.[i] ?? 0n),
      );
    }
    for (const { name, of, inputs, domains } of module.instances) {
      if (of.kind !== "module") throw new Error("primitives are not run here");
      const child = new Hierarchy(
        of,
        (port) => this.value(inputs.get(port)!),
        (domain) => this.reset(domains.get(domain)!),
      );
      this.children.set(name, child);
    }
  }

  set(name: string, value: bigint): void {
    this.outside.set(name, value);
    this.forget();
  }

  /** The signal at this path. */
  get(path: string): bigint {
    const [first = "", ...rest] = path.split(".");
    if (rest.length > 0) return this.children.get(first)!.get(rest.join("."));
    const { inputs, outputs, wires, registers, memories } = this.module;
    const all = [...inputs, ...outputs, ...wires, ...registers, ...memories.flatMap(({ reads }) => reads)];
    const found = all.find(({ name }) => name === first);
    if (found === undefined) return this.outside.get(first) ?? 0n;
    return this.value(found);
  }

  step(domains: ReadonlySet<Domain>): void {
    for (const change of this.changes((domain) => domains.has(domain))) change();
    this.forget();
  }

  private forget(): void {
    this.known = new Map();
    for (const child of this.children.values()) child.forget();
  }

  private changes(hasEdge: (domain: Domain) => boolean): (() => void)[] {
    const changes: (() => void)[] = [];
    for (const register of this.registers.keys()) {
      if (!hasEdge(register.domain)) continue;
      const isReset = register.reset !== null && this.reset(register.domain) === 1n;
      const next = isReset ? register.reset : this.value(register.next);
      changes.push(() => this.registers.set(register, next ?? 0n));
    }
    for (const [memory, words] of this.words) {
      for (const port of memory.reads) {
        if (!hasEdge(port.domain) || (port.enable !== null && this.value(port.enable) === 0n)) continue;
        const collides = memory.writes.some(
          ({ domain, enable, address }) =>
            domain === port.domain &&
            this.value(enable) === 1n &&
            this.value(address) === this.value(port.address),
        );
        const old = words[Number(this.value(port.address))] ?? 0n;
        const data = collides && memory.collisions === "undefined" ? wrap(~old, memory.type) : old;
        changes.push(() => this.reads.set(port, data));
      }
      for (const port of memory.writes) {
        if (!hasEdge(port.domain) || this.value(port.enable) === 0n) continue;
        const address = Number(this.value(port.address));
        const data = this.value(port.data);
        const { width } = memory.type;
        const mask = port.mask === null ? null : this.value(port.mask);
        const lane = width / (port.mask?.type.width ?? 1);
        changes.push(() => {
          const old = words[address];
          if (old === undefined) return;
          let bits = 0n;
          for (let i = 0; i < width; i++) {
            const written = mask === null || ((mask >> BigInt(Math.floor(i / lane))) & 1n) === 1n;
            bits |= (((written ? data : old) >> BigInt(i)) & 1n) << BigInt(i);
          }
          words[address] = wrap(bits, memory.type);
        });
      }
    }
    for (const { name, domains } of this.module.instances)
      changes.push(...this.children.get(name)!.changes((domain) => hasEdge(domains.get(domain)!)));
    return changes;
  }

  private value(node: Node): bigint {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const value = this.computed(node);
    this.known.set(node, value);
    return value;
  }

  private computed(node: Node): bigint {
    if (isOperation(node)) return evaluate(node, (operand) => this.value(operand));
    switch (node.kind) {
      case "constant":
        return node.value;
      case "input":
        return this.input(node.name);
      case "wire":
        return this.value(node.driver);
      case "register":
        return this.registers.get(node)!;
      case "read":
        return this.reads.get(node)!;
      case "instance-output":
        return this.children.get(node.instance.name)!.get(node.port);
    }
  }
}
