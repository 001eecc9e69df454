import type {
  Domain,
  Input,
  Instance,
  InstanceOutput,
  Module,
  Primitive,
  Wire,
} from "../../../hdl/builder/graph.ts";
import { clockDomain, fallingEdge, SYNC } from "../../../hdl/builder/index.ts";
import { UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";
import { wrap } from "../../../hdl/builder/type.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";

/** What happens between two edges: values of the inputs, and then the clocks that toggle. All begin low. */
export interface Row {
  readonly inputs: Readonly<Record<string, number>>;
  /** What the world puts on the pin, if there is one. */
  readonly pin: 0 | 1;
  /** A bit for each clock. */
  readonly toggles: number;
}

/** Cells that get the same inputs. */
export interface Bench {
  readonly cells: readonly Primitive[];
  /** Number of the clock at each of the cells' clock ports. */
  readonly clocks: Readonly<Record<string, 0 | 1>>;
  readonly rows: readonly Row[];
}

/** For each cell, for each row, the outputs at its end by name, highest bit first; unknown bits are x. */
export type Trace = readonly (readonly ReadonlyMap<string, string>[])[];

/** The pin's output: what stands on it. */
export const PIN = "PACKAGE_PIN";

/** A cell's ports without its view of the pin. */
export const inputsOf = ({ model }: Primitive): readonly Input[] =>
  model.inputs.filter(({ name }) => name !== PIN);
export const outputsOf = ({ model }: Primitive): readonly Wire[] =>
  model.outputs.filter(({ name }) => !name.startsWith(PIN));
export const hasPin = ({ model }: Primitive): boolean => model.inouts.some(({ name }) => name === PIN);

const CLOCKS = [SYNC, clockDomain("other")] as const;

/** The edge of a clock that is meant by one of a cell's domains. */
function domainOf({ clock, edge }: Domain, clocks: Bench["clocks"]): Domain {
  const number = clocks[clock];
  if (number === undefined) throw new Error(`the bench has no clock for port ${clock}`);
  return edge === "rising" ? CLOCKS[number] : fallingEdge(CLOCKS[number]);
}

/** A module with nothing in it but the cell. */
export function wrapped(cell: Primitive, clocks: Bench["clocks"]): Module {
  const source = UNKNOWN_SOURCE;
  const inputs = inputsOf(cell).map((input): Input => ({ ...input, domain: null }));
  const domains = new Map(cell.model.domains.map((domain) => [domain, domainOf(domain, clocks)]));
  const outputs = new Map<string, InstanceOutput>();
  const inner: Instance = {
    kind: "instance",
    name: "cell",
    source,
    of: cell,
    inputs: new Map(inputs.map((input) => [input.name, input])),
    outputs,
    inouts: new Map(cell.model.inouts.map((inout) => [inout.name, inout])),
    domains,
  };
  const wires = outputsOf(cell).map(({ name, type }): Wire => {
    const driver: InstanceOutput = { kind: "instance-output", type, instance: inner, port: name };
    outputs.set(name, driver);
    return { kind: "wire", name, type, source, driver };
  });
  return {
    kind: "module",
    name: "wrapped",
    description: null,
    source,
    inputs,
    outputs: wires,
    inouts: cell.model.inouts,
    wires: [],
    registers: [],
    memories: [],
    instances: [inner],
    domains: [...new Set(domains.values())],
    resets: new Set(),
    derivedDomains: [],
  };
}

/**
 * What the cells' models give. What depends on the contents of registers and memories at power-up is x: every cell runs
 * twice, beginning with zeros and with ones.
 */
export function modelTrace({ cells, clocks, rows }: Bench): Trace {
  return cells.map((cell) => {
    const module = wrapped(cell, clocks);
    const [zeros, ones] = [0n, -1n].map((fill) => run(module, hasPin(cell), rows, fill));
    return zeros!.map(
      (values, i) =>
        new Map(
          [...values].map(([name, bits]) => {
            const others = ones![i]!.get(name)!;
            return [name, Array.from(bits, (bit, at) => (bit === others[at] ? bit : "x")).join("")];
          }),
        ),
    );
  });
}

/** Steps a module whose outputs are the cell's, whatever it is made of. */
export function run(module: Module, pin: boolean, rows: readonly Row[], fill: bigint) {
  const design = flatten(module);
  const random = (bits: number): bigint => BigInt.asUintN(bits, fill);
  const interpreter = new Interpreter(design, { random });
  let levels = 0;
  return rows.map(({ inputs, pin: world, toggles }): ReadonlyMap<string, string> => {
    for (const { name, type } of module.inputs) interpreter.set(name, wrap(BigInt(inputs[name] ?? 0), type));
    if (pin) interpreter.set(PIN, BigInt(world));
    const values = new Map(
      module.outputs.map(({ name, type }) => [name, binary(interpreter.get(name), type.width)]),
    );
    if (pin) {
      const driven = interpreter.get(`${PIN}.enable`) === 1n;
      values.set(PIN, driven ? binary(interpreter.get(`${PIN}.out`), 1) : String(world));
    }
    const before = levels;
    levels ^= toggles;
    const edges = design.domains.filter(({ clock, edge }) => {
      const number = CLOCKS.findIndex((one) => one.clock === clock);
      if (((before ^ levels) >> number) % 2 === 0) return false;
      return ((levels >> number) & 1) === (edge === "rising" ? 1 : 0);
    });
    interpreter.step(new Set(edges));
    return values;
  });
}

const binary = (value: bigint, width: number): string =>
  BigInt.asUintN(width, value).toString(2).padStart(width, "0");

/** The first place where a trace has another value than the vendor's has, in words; null if there is none. */
export function firstDifference({ cells }: Bench, vendor: Trace, ours: Trace): string | null {
  for (const [c, cell] of cells.entries())
    for (const [r, expected] of vendor[c]!.entries())
      for (const [name, bits] of expected) {
        const got = ours[c]![r]!.get(name) ?? "";
        if (Array.from(bits, (bit, i) => bit === "x" || bit === got[i]).every((same) => same)) continue;
        const parameters = [...cell.parameters].filter(([, value]) => !/^\d+'h?0+$/.test(value));
        return `${cell.name} ${c}, row ${r}: ${name} is ${got} and should be ${bits} (${parameters.map((pair) => pair.join(" ")).join(", ")})`;
      }
  return null;
}

/** Part of the bits that the vendor's model knows. */
export function knownPart(vendor: Trace): number {
  const all = vendor.flatMap((rows) => rows.flatMap((row) => [...row.values()])).join("");
  return 1 - all.replaceAll(/[01]/g, "").length / all.length;
}
