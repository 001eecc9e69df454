import type { Module, Primitive } from "../builder/graph.ts";
import type { Child } from "./instances.ts";
import { type ModuleText, writeModule } from "./module.ts";
import { Names } from "./names.ts";
import type { Ports } from "./ports.ts";

export interface VerilogOptions {
  /** Says which line of the user's code a module, a register, an instance comes from. Default true. */
  readonly sources?: boolean;
  /**
   * `cells`: cells of the part are instances of the vendor's cells, whose modules the tools know. `models`: their
   * behavioural models are written and instantiated instead, for simulators without the vendor's library. Default `cells`.
   */
  readonly primitives?: "cells" | "models";
  /** Contents of memories of more words go to a file for `$readmemh`. Default 1024. */
  readonly inlineWords?: number;
}

export interface VerilogFile {
  /** Such as `fifo.v`. */
  readonly name: string;
  readonly text: string;
}

export interface VerilogModule extends VerilogFile {
  readonly module: Module;
  /** The module's name in Verilog. */
  readonly moduleName: string;
  /** Names of its ports in Verilog, by their names in the graph. */
  readonly ports: ReadonlyMap<string, string>;
}

export interface Verilog {
  /** The modules that were asked for. */
  readonly tops: readonly VerilogModule[];
  /** All of them: a top module first, then those that it needs, in the order of their instances. */
  readonly modules: readonly VerilogModule[];
  /** Contents of large memories; they have to lie where the tools run. */
  readonly data: readonly VerilogFile[];
  /** All modules in one text. */
  readonly text: string;
}

/**
 * Verilog-2005 of a module, or of several, and all that they instantiate. Modules with equal text are written once;
 * different ones of one name get numbers.
 */
export function writeVerilog(top: Module | readonly Module[], options: VerilogOptions = {}): Verilog {
  const modules = "kind" in top ? [top] : top;
  const library = new Library(options, modules);
  const tops = modules.map((module) => library.add(module));
  const { written, data } = library;
  const quiet = written.length > 1 ? "// verilator lint_off DECLFILENAME\n\n" : "";
  return { tops, modules: written, data, text: quiet + written.map(({ text }) => text).join("\n") };
}

class Library {
  /** Each before those that it instantiates. */
  readonly written: VerilogModule[] = [];
  readonly data: VerilogFile[] = [];
  private readonly options: Required<VerilogOptions>;
  private readonly names = new Names();
  private readonly known = new Map<Module, VerilogModule>();
  /** By the name that a module asks for. */
  private readonly variants = new Map<string, { readonly key: string; readonly entry: VerilogModule }[]>();

  constructor(options: VerilogOptions, tops: readonly Module[]) {
    const { sources = true, primitives = "cells", inlineWords = 1024 } = options;
    this.options = { sources, primitives, inlineWords };
    // The vendor's names are fixed: modules of the same names have to give way.
    if (primitives === "cells") for (const cell of cellsIn(tops)) this.names.claim(cell);
  }

  add(module: Module): VerilogModule {
    const found = this.known.get(module);
    if (found !== undefined) return found;
    const place = this.written.length;
    const child = (of: Module | Primitive): Child => this.child(of);
    const write = (name: string, sources: boolean): ModuleText =>
      writeModule(module, name, { ...this.options, sources, child });
    // The same module described in two places is the same.
    const plain = write(module.name, false);
    const key = [plain.text, ...plain.data.map((file) => file.text)].join();
    const variants = this.variants.get(module.name) ?? [];
    const same = variants.find((variant) => variant.key === key);
    if (same !== undefined) {
      this.known.set(module, same.entry);
      return same.entry;
    }
    const name = this.names.claim(module.name);
    const text = write(name, this.options.sources);
    const entry: VerilogModule = {
      name: `${name}.v`,
      text: text.text,
      module,
      moduleName: name,
      ports: portNames(text.ports),
    };
    this.variants.set(module.name, [...variants, { key, entry }]);
    this.known.set(module, entry);
    this.written.splice(place, 0, entry);
    this.data.push(...text.data);
    return entry;
  }

  private child(of: Module | Primitive): Child {
    const module = of.kind === "module" ? of : of.model;
    if (of.kind === "primitive" && this.options.primitives === "cells")
      return { name: of.name, module, parameters: of.parameters, portName: (port) => port };
    const { moduleName, ports } = this.add(module);
    return { name: moduleName, module, parameters: new Map(), portName: (port) => ports.get(port) ?? port };
  }
}

/** Names of the cells that modules instantiate, at any depth. */
function cellsIn(tops: readonly Module[]): ReadonlySet<string> {
  const cells = new Set<string>();
  const seen = new Set<Module>();
  const visit = (module: Module): void => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const { of } of module.instances) {
      if (of.kind === "module") visit(of);
      else cells.add(of.name);
    }
  };
  tops.forEach(visit);
  return cells;
}

const portNames = ({ clocks, inputs, outputs, inouts }: Ports): ReadonlyMap<string, string> =>
  new Map([...clocks, ...inputs, ...outputs, ...inouts].map(([port, { name }]) => [port, name]));
