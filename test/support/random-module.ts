import type {
  Domain,
  Input,
  Instance,
  InstanceOutput,
  Memory,
  Module,
  Node,
  NumberType,
  ReadPort,
  Register,
  Wire,
  WritePort,
} from "../../hdl/builder/graph.ts";
import * as op from "../../hdl/builder/operators.ts";
import { UNKNOWN_SOURCE } from "../../hdl/builder/source.ts";
import { operandsOf } from "../../hdl/builder/walk.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";
import { RandomOperations } from "./random-operations.ts";
import { randomValue } from "./random-value.ts";

export interface Settings {
  readonly nodes: number;
  readonly maxWidth: number;
  readonly initialised: boolean;
  readonly collisions: boolean;
}

const source = UNKNOWN_SOURCE;

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** A module of these clocks; its instances are of the modules `below`. */
export function randomModule(
  name: string,
  random: Random,
  settings: Settings,
  domains: readonly Domain[],
  below: readonly Module[],
): Module {
  return new ModuleMaker(name, random, settings, domains, below).module();
}

/** Makes one module: nodes whose operands are nodes made before, so that no loop can arise but through registers. */
class ModuleMaker {
  private readonly name: string;
  private readonly random: Random;
  private readonly settings: Settings;
  private readonly made: RandomOperations;
  private readonly domains: readonly Domain[];
  private readonly below: readonly Module[];
  private readonly registers: Register[] = [];
  private readonly memories: Memory[] = [];
  private readonly instances: Instance[] = [];
  private readonly used = new Set<Domain>();
  private readonly resets = new Set<Domain>();
  /** What waits for nodes that are not made yet. */
  private later: (() => void)[] = [];

  constructor(
    name: string,
    random: Random,
    settings: Settings,
    ownDomains: readonly Domain[],
    below: readonly Module[],
  ) {
    this.name = name;
    this.random = random;
    this.settings = settings;
    this.made = new RandomOperations(random, settings.maxWidth);
    this.domains = ownDomains;
    this.below = below;
  }

  module(): Module {
    const { random, settings } = this;
    const pool = this.made.nodes;
    const inputs: Input[] = Array.from({ length: 1 + random.below(5) }, (_, i) => ({
      kind: "input",
      name: `in${i}`,
      source,
      type: this.made.type(),
      domain: random.pick([null, ...this.domains]),
    }));
    pool.push(...inputs);
    for (let i = random.below(2 + settings.nodes / 8); i > 0; i--) pool.push(this.register());
    const memories = random.below(settings.nodes > 8 ? 3 : 2);
    for (let i = 0; i < memories; i++) pool.push(...this.memory());
    const instances = this.below.length === 0 ? 0 : random.below(4);
    const instanceAt = Array.from({ length: instances }, () => random.below(settings.nodes));
    for (let i = 0; i < settings.nodes; i++) {
      for (const at of instanceAt) if (at === i) this.instance(random.pick(this.below));
      pool.push(this.made.operation());
      if (this.later.length > 0 && random.chance(0.1))
        this.later.splice(random.below(this.later.length), 1)[0]?.();
    }
    for (const finish of this.later) finish();
    const outputs = this.outputs();
    for (const domain of this.domains) {
      if (inputs.some((input) => input.domain === domain)) this.used.add(domain);
    }
    return {
      kind: "module",
      name: this.name,
      description: random.chance(0.5) ? null : `Random circuit ${this.name}.`,
      source,
      inputs,
      outputs,
      inouts: [],
      wires: this.made.wires,
      registers: this.registers,
      memories: this.memories,
      instances: this.instances,
      domains: this.domains.filter((domain) => this.used.has(domain)),
      resets: this.resets,
      derivedDomains: [],
    };
  }

  /** Nodes that nobody uses, most of them, and a few others. */
  private outputs(): Wire[] {
    const users = new Set<Node>();
    for (const node of this.made.nodes) for (const operand of operandsOf(node)) users.add(operand);
    const loose = this.made.nodes.filter((node) => !users.has(node) && node.kind !== "input").slice(-10);
    const drivers = [...loose, this.made.pick(), this.made.pick()];
    return drivers.map((driver, i) => ({ kind: "wire", name: `out${i}`, source, type: driver.type, driver }));
  }

  private domain(): Domain {
    const domain = this.random.pick(this.domains);
    this.used.add(domain);
    return domain;
  }

  private initialValue(type: NumberType): bigint | null {
    return this.settings.initialised || this.random.chance(0.5) ? randomValue(this.random, type) : null;
  }

  private register(): Register {
    const { random } = this;
    const type = this.made.type();
    const domain = this.domain();
    const reset = random.chance(0.5) ? randomValue(random, type) : null;
    if (reset !== null) this.resets.add(domain);
    const named = !type.signed && type.width <= 3 && random.chance(0.5);
    const register: Mutable<Register> = {
      kind: "register",
      name: `reg${this.registers.length}`,
      source,
      type,
      next: this.made.constant(type),
      reset,
      initial: this.initialValue(type),
      domain,
      crossing: this.domains.length > 1,
      labels: named ? Array.from({ length: 2 ** type.width }, (_, i) => `state${i}`) : null,
    };
    this.registers.push(register);
    this.later.push(() => {
      register.next = random.chance(0.05) ? this.made.constant(type) : this.made.of(type);
      const holds = random.below(3);
      for (let i = 0; i < holds; i++) register.next = this.made.either(register.next, register);
    });
    return register;
  }

  /** A memory; gives what can be read of it. */
  private memory(): readonly Node[] {
    const { random, settings } = this;
    const name = `mem${this.memories.length}`;
    const type = this.made.type();
    const depth = 1 + random.below(random.chance(0.8) ? 12 : 70);
    const reads: ReadPort[] = [];
    const writes: Mutable<WritePort>[] = [];
    const words = Array.from({ length: random.below(depth + 1) }, () => randomValue(random, type));
    const initial = this.settings.initialised || random.chance(0.5) ? words : null;
    const collisions = settings.collisions && random.chance(0.5) ? "undefined" : "old";
    const memory: Memory = { kind: "memory", name, source, type, depth, collisions, initial, reads, writes };
    this.memories.push(memory);
    // Writes of two clocks to one word at the same time have no order.
    const writer = this.domain();
    const lanes = [1, 2, 3, 4, 8, type.width].filter((count) => type.width % count === 0);
    for (let i = random.below(4); i > 0; i--)
      this.later.push(() =>
        writes.push({
          source,
          address: this.address(depth),
          data: this.made.of(type),
          enable: this.made.bit(),
          mask: random.chance(0.5) ? this.made.of(op.unsignedType(random.pick(lanes))) : null,
          domain: writer,
        }),
      );
    return Array.from({ length: 1 + random.below(3) }, (_, i) => {
      const domain = this.domain();
      const port: Mutable<ReadPort> = {
        kind: "read",
        memory,
        name: `${name}_read${i}`,
        source,
        type,
        address: op.literal(0, false),
        enable: null,
        domain,
      };
      reads.push(port);
      const seen = this.settings.initialised ? this.seenRegister(port) : null;
      this.later.push(() => {
        port.address = this.address(depth);
        port.enable = random.chance(0.5) ? this.made.bit() : null;
        if (seen !== null && port.enable !== null) seen.next = op.bitwise("or", seen, port.enable);
      });
      return seen === null ? port : op.mux(seen, port, op.constant(0n, port.type));
    });
  }

  /** An address that mostly lies within the memory. */
  private address(depth: number): Node {
    const bits = Math.max(1, (depth - 1).toString(2).length);
    return this.made.of(op.unsignedType(bits + (this.random.chance(0.2) ? this.random.below(4) : 0)));
  }

  /** Whether the port has read: nobody says what it gives before. */
  private seenRegister(port: ReadPort): Mutable<Register> {
    const seen: Mutable<Register> = {
      kind: "register",
      name: `${port.name}_seen`,
      source,
      type: op.BIT,
      next: op.literal(1, false),
      reset: null,
      initial: 0n,
      domain: port.domain,
      crossing: true,
      labels: null,
    };
    this.registers.push(seen);
    return seen;
  }

  /**
   * An instance some of whose inputs come later, after nodes that use its outputs; only outputs that do not depend on
   * these inputs are there at once.
   */
  private instance(of: Module): void {
    const { random } = this;
    const inputs = new Map<string, Node>();
    const outputs = new Map<string, InstanceOutput>();
    const instance: Instance = {
      kind: "instance",
      name: `inst${this.instances.length}`,
      source,
      of,
      inputs,
      outputs,
      inouts: new Map(),
      domains: new Map(of.domains.map((domain) => [domain, this.domainFor(domain)])),
    };
    this.instances.push(instance);
    for (const domain of of.resets) this.resets.add(instance.domains.get(domain)!);
    for (const { name, type } of of.outputs)
      outputs.set(name, { kind: "instance-output", type, instance, port: name });

    const late = new Set(of.inputs.filter(() => random.chance(0.3)));
    const connect = (some: readonly Input[]): void => {
      for (const { name, type } of some) inputs.set(name, this.made.of(type));
    };
    const offer = (some: readonly Wire[]): void => {
      for (const { name } of some) if (random.chance(0.8)) this.made.nodes.push(outputs.get(name)!);
    };
    const waits = (output: Wire): boolean => [...inputsReaching(output)].some((input) => late.has(input));
    connect(of.inputs.filter((input) => !late.has(input)));
    offer(of.outputs.filter((output) => !waits(output)));
    this.later.push(() => {
      connect([...late]);
      offer(of.outputs.filter(waits));
    });
  }

  /** Mostly the domain in the same place; at times another one with the same edge. */
  private domainFor(child: Domain): Domain {
    const alike = this.domains.filter(({ edge }) => edge === child.edge);
    const same = alike.find(({ name }) => name.at(-1) === child.name.at(-1));
    const domain = same !== undefined && this.random.chance(0.8) ? same : this.random.pick(alike);
    this.used.add(domain);
    return domain;
  }
}

/** Inputs of its module on which a node depends within the cycle. */
function inputsReaching(node: Node): ReadonlySet<Input> {
  const found = new Set<Input>();
  const seen = new Set<Node>();
  const visit = (at: Node): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (at.kind === "input") found.add(at);
    if (at.kind === "instance-output") {
      const { instance, port } = at;
      if (instance.of.kind !== "module") throw new Error("random circuits have no primitives");
      const output = instance.of.outputs.find(({ name }) => name === port)!;
      for (const input of inputsReaching(output)) visit(instance.inputs.get(input.name)!);
    }
    operandsOf(at).forEach(visit);
  };
  visit(node);
  return found;
}
