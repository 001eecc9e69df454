import type { Inout, Module, Node, Primitive, Wire } from "../builder/graph.ts";
import { sourceText } from "../builder/source.ts";
import { visitInOrder } from "../builder/walk.ts";
import { Clocks } from "./clocks.ts";
import { contents, type DataFile } from "./contents.ts";
import { type Declaration, declarations } from "./declaration.ts";
import { type Child, instanceLines } from "./instances.ts";
import { Labels } from "./labels.ts";
import { assignments, comment, indented } from "./layout.ts";
import { literal } from "./literal.ts";
import { type Logic, logicOf, neverChanging, rootsOf } from "./logic.ts";
import { isNever, memoryBlocks, memoryNodes } from "./memories.ts";
import { type Plan, planNames } from "./plan.ts";
import { portList } from "./port-list.ts";
import { claimPorts, type Pad, type Ports, padsOf } from "./ports.ts";
import { isConstant } from "./registers.ts";
import { type Signal, Signals } from "./signals.ts";
import { Simplifier } from "./simplify.ts";
import { nodesIn } from "./statement.ts";
import { StatementText } from "./statement-text.ts";
import { Wires } from "./wires.ts";

export interface ModuleOptions {
  readonly sources: boolean;
  readonly inlineWords: number;
  /** How an instantiated module or cell is called. */
  child(of: Module | Primitive): Child;
}

export interface ModuleText {
  readonly text: string;
  /** Contents of memories that are too large to stand in the text. */
  readonly data: readonly DataFile[];
  readonly ports: Ports;
}

/** One module in Verilog, under this name. */
export function writeModule(module: Module, name: string, options: ModuleOptions): ModuleText {
  return new ModuleWriter(module, name, options).write();
}

class ModuleWriter {
  private readonly module: Module;
  private readonly name: string;
  private readonly options: ModuleOptions;
  private readonly signals = new Signals();
  private readonly simplifier: Simplifier;
  private readonly ports: Ports;
  private readonly pads: readonly Pad[];
  private readonly clocks: Clocks;
  private readonly innerWires: readonly Wire[];
  private readonly labels: Labels;
  private readonly logic: Logic;
  /** Signals of everything that has a name. */
  private readonly known = new Map<Node, Signal>();
  /** Names of what is no node: memories and instances. */
  private readonly names = new Map<object, string>();
  private readonly plan: Plan;
  private readonly wires: Wires;
  private readonly data: DataFile[] = [];

  constructor(module: Module, name: string, options: ModuleOptions) {
    this.module = module;
    this.name = name;
    this.options = options;
    const { outputs, registers, memories, instances } = module;
    // People's names come first; what is made here gets what is left.
    this.ports = claimPorts(module, this.signals);
    const claim = (thing: { readonly name: string }): void =>
      void this.names.set(thing, this.signals.names.claim(thing.name));
    this.pads = padsOf(module);
    this.clocks = new Clocks(module, this.ports, this.signals, (node) => this.signalOf(node));
    const ofPads = this.pads.flatMap(({ driven }) => (driven === null ? [] : [driven.out, driven.enable]));
    this.innerWires = [...module.wires, ...this.clocks.wires, ...ofPads];
    const reads = memories.flatMap((memory) => memory.reads);
    for (const thing of [...registers, ...memories, ...reads, ...instances, ...this.innerWires]) claim(thing);
    this.labels = new Labels(registers, this.signals);

    const all = new Set([...this.innerWires, ...outputs]);
    this.simplifier = new Simplifier(neverChanging(module));
    this.logic = logicOf(module, [...all], this.simplifier);
    const { drivers, blocks, tied } = this.logic;
    for (const { statements } of blocks) this.labels.spread(statements, drivers);
    const { ports } = this;
    for (const input of module.inputs)
      this.know(input, (ports.inputs.get(input.name) ?? ports.inouts.get(input.name))?.name);
    for (const output of outputs) this.know(output, ports.outputs.get(output.name)?.name);
    for (const node of [...registers, ...reads, ...this.innerWires]) this.know(node, this.names.get(node));
    for (const [output, wire] of tied) this.known.set(output, this.signalOf(wire));

    const { roots, wishes } = rootsOf(this.logic);
    this.plan = planNames(roots);
    const tiedWires = new Set(tied.values());
    const inner = new Set(this.innerWires);
    const declared = new Map([...drivers].filter(([wire]) => inner.has(wire) && !tiedWires.has(wire)));
    this.wires = new Wires(this.signals, this.plan, this.known, declared, wishes);
  }

  /** The text of the logic comes first: it says what is read, and so how things are declared. */
  write(): ModuleText {
    const { module, options, signals, wires } = this;
    const pins = this.pinWires();
    wires.declareAll();
    const always = this.registerText();
    const memories = this.memoryText();
    const outputs = this.outputText();
    const instances = this.instanceText();
    const { sources } = options;
    const declared = (list: readonly Declaration[]): string[] => declarations(list, signals, { sources });
    const state = this.stateDeclarations();
    const constants = this.constantDeclarations();
    const sections = [
      declared(constants),
      declared(state),
      ...this.storageDeclarations().map(declared),
      declared(pins),
      wires.lines(sources),
      ...always,
      ...memories,
      ...instances,
      ...outputs.lines,
    ];
    const body = sections.filter((section) => section.length > 0);
    const text = [
      ...(module.description === null ? [] : comment(module.description)),
      ...(sources && module.source.file !== "" ? [`// ${sourceText(module.source)}`] : []),
      ...portList(module, this.name, this.ports, outputs.chosen, signals),
      ...body.flatMap((section, i) => [...(i === 0 ? [] : [""]), ...indented(section)]),
      "endmodule",
    ];
    return { text: `${text.join("\n")}\n`, data: this.data, ports: this.ports };
  }

  private know(node: Node, name: string | undefined): void {
    if (name !== undefined) this.known.set(node, { name, type: node.type, labels: this.labels.of(node) });
  }

  private signalOf(node: Node): Signal {
    const signal = this.known.get(node);
    if (signal === undefined) throw new Error(`a ${node.kind} of ${this.module.name} has no name`);
    return signal;
  }

  private nameOf(thing: object): string {
    const name = this.names.get(thing);
    if (name === undefined) throw new Error(`something in ${this.module.name} has no name`);
    return name;
  }

  /** Wires for outputs of instances that somebody reads. */
  private pinWires(): Declaration[] {
    const { inputs, tied } = this.logic;
    const made: Declaration[] = [];
    const inner = new Set(this.innerWires);
    for (const instance of inputs.keys())
      for (const output of instance.outputs.values()) {
        const wire = tied.get(output);
        if (wire !== undefined && inner.has(wire)) made.push({ kind: "wire", signal: this.signalOf(wire) });
      }
    visitInOrder(
      rootsOf(this.logic).roots.map(({ node }) => node),
      (node) => {
        if (node.kind !== "instance-output" || this.known.has(node)) return;
        this.know(node, this.signals.names.claim(`${node.instance.name}_${node.port}`));
        made.push({ kind: "wire", signal: this.signalOf(node) });
      },
      (node) => this.plan.operandsOf(node),
    );
    return made;
  }

  private registerText(): string[][] {
    const { wires, simplifier } = this;
    const text = new StatementText(wires.expressions, simplifier, (node) => this.signalOf(node));
    return this.logic.blocks.flatMap(({ domain, resets, statements }) => {
      for (const { node, target } of nodesIn(statements))
        wires.need(node, target?.name ?? resets[0]?.name ?? this.name);
      const reset = resets.length === 0 ? null : this.clocks.resetOf(domain);
      if (reset === null && statements.length === 0) return [];
      const body = reset === null ? text.lines(statements) : text.underReset(reset.name, resets, statements);
      return [[`always @(${this.clocks.edgeOf(domain)}) begin`, ...indented(body), "end"]];
    });
  }

  private memoryText(): string[][] {
    const { wires, signals, options } = this;
    return this.logic.memories.flatMap((ports) => {
      const { memory } = ports;
      for (const [node, wish] of memoryNodes(ports)) wires.need(node, wish);
      const array = this.nameOf(memory);
      const blocks = memoryBlocks(
        ports,
        array,
        wires.expressions,
        (node) => this.signalOf(node),
        (domain) => this.clocks.edgeOf(domain),
      );
      const variable = `${array}_word`;
      const filled = contents(memory, array, variable, options.inlineWords, `${this.name}_${array}.hex`);
      if (filled === null) return blocks;
      if (filled.file !== null) this.data.push(filled.file);
      const loop = filled.loops ? [`integer ${signals.names.claim(variable)};`] : [];
      return [[...loop, ...filled.lines], ...blocks];
    });
  }

  private outputText(): { readonly lines: readonly string[][]; readonly chosen: ReadonlySet<Wire> } {
    const { wires, logic, module } = this;
    const inner = new Set(this.innerWires);
    const tied = new Set(logic.tied.values());
    const blocks: string[][] = [];
    const single: string[] = [];
    const chosen = new Set<Wire>();
    for (const wire of module.outputs) {
      const driver = logic.drivers.get(wire);
      if (driver === undefined || inner.has(wire) || tied.has(wire)) continue;
      const lines = wires.output(wire, this.signalOf(wire), driver);
      if (wires.choiceOf(driver) !== null) {
        chosen.add(wire);
        blocks.push([...lines]);
      } else single.push(...lines);
    }
    for (const { pad, driven } of this.pads) {
      if (driven === null) continue;
      const [out, enable] = [this.signalOf(driven.out), this.signalOf(driven.enable)];
      for (const signal of [out, enable]) this.signals.useAll(signal);
      single.push(`assign ${this.padName(pad)} = ${enable.name} ? ${out.name} : 1'bz;`);
    }
    return { lines: [...blocks, assignments(single)], chosen };
  }

  private padName(pad: Inout): string {
    return this.ports.inouts.get(pad.name)?.name ?? pad.name;
  }

  private instanceText(): string[][] {
    const { wires, options } = this;
    return [...this.logic.inputs].map(([instance, inputs]) => {
      for (const [port, node] of inputs) wires.need(node, `${instance.name}_${port}`);
      const child = options.child(instance.of);
      return instanceLines({ ...instance, inputs }, this.nameOf(instance), child, options.sources, {
        expressions: wires.expressions,
        signalOf: (node) => this.known.get(node) ?? null,
        clockOf: (domain) => this.clocks.clockOf(domain),
        resetOf: (domain) => this.clocks.resetOf(domain),
        nameOf: (pad) => this.padName(pad),
      });
    });
  }

  private stateDeclarations(): Declaration[] {
    return this.module.registers.map((register): Declaration => {
      const signal = this.signalOf(register);
      const { initial, source, type } = register;
      const value = (number: bigint): string =>
        `= ${this.wires.expressions.constant(number, type, type.width, signal.labels).text}`;
      // What nothing assigns is no register to Verilog.
      if (isConstant(register, this.module))
        return { kind: "wire", signal, rest: value(initial ?? 0n), source };
      return { kind: "reg", signal, source, ...(initial === null ? {} : { rest: value(initial) }) };
    });
  }

  private storageDeclarations(): Declaration[][] {
    return this.logic.memories.map(({ memory, reads }) => {
      const { source, depth, type, writes, collisions } = memory;
      const signal: Signal = { name: this.nameOf(memory), type, labels: null };
      if (reads.some(({ condition, inside }) => !isNever(condition) && !isNever(inside)))
        this.signals.useAll(signal);
      const unchecked = collisions === "undefined" && writes.length > 0;
      const kind = unchecked ? "(* no_rw_check *) reg" : "reg";
      const ports = reads.map(({ port, condition }): Declaration => {
        const data = { signal: this.signalOf(port), source: port.source };
        // What never reads is no register to Verilog.
        return isNever(condition)
          ? { ...data, kind: "wire", rest: `= ${literal(0n, type)}` }
          : { ...data, kind: "reg" };
      });
      return [{ kind, signal, rest: `[0:${depth - 1}]`, attached: true, source }, ...ports];
    });
  }

  private constantDeclarations(): Declaration[] {
    return this.labels.sets.flatMap(({ of: { type }, names }) =>
      names.map((label, i): Declaration => {
        const value = this.wires.expressions.constant(BigInt(i), type, type.width, null);
        return { kind: "localparam", signal: { name: label, type }, rest: `= ${value.text}` };
      }),
    );
  }
}
