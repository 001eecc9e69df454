import type { Domain, Node } from "../builder/graph.ts";
import type { FlatDesign } from "./flat.ts";
import { LinearMemory } from "./linear-memory.ts";
import { assemble } from "./lower/assemble.ts";
import type { Cell } from "./lower/layout.ts";
import { Program } from "./lower/program.ts";

/** Compiled code. */
export type Code = () => void;

/** A design as compiled code at work on its state in linear memory. Code is made when it is asked for the first time. */
export class Machine {
  readonly program: Program;
  readonly memory: LinearMemory;
  private readonly domains: readonly Domain[];
  private readonly edges = new Map<string, Code>();

  /** @param design without nodes of more than 64 bits */
  constructor(design: FlatDesign) {
    this.domains = design.domains;
    this.program = new Program(design);
    this.memory = new LinearMemory(this.program.layout);
  }

  /** A clock edge of these domains at the same time. */
  edge(domains: ReadonlySet<Domain>): Code {
    const key = this.domains.map((domain) => (domains.has(domain) ? "1" : "0")).join("");
    let edge = this.edges.get(key);
    if (edge === undefined) {
      edge = this.load("edge", this.program.edgeText("edge", domains));
      this.edges.set(key, edge);
    }
    return edge;
  }

  /** Computes nodes into cells. */
  settle(cells: ReadonlyMap<Node, Cell>): Code {
    return this.load("settle", this.program.settleText("settle", cells));
  }

  /** The function `$<name>` of this text. It may call the imported functions as `$<import>`, without arguments. */
  load(name: string, functions: string, imports: Readonly<Record<string, Code>> = {}): Code {
    this.memory.fit();
    const imported = Object.keys(imports).map((one) => `(import "code" "${one}" (func $${one}))`);
    const text = `(module
(import "state" "memory" (memory ${this.memory.pages}))
${imported.join("\n")}
${functions}
(export "${name}" (func $${name})))`;
    const { exports } = new WebAssembly.Instance(assemble(text), {
      state: { memory: this.memory.memory },
      code: imports,
    });
    const code = exports[name];
    if (typeof code !== "function") throw new Error(`the code has no function ${name}`);
    return code as Code;
  }
}
