import { z } from "zod";
import { NetlistError } from "./errors.ts";

/**
 * Yosys' JSON (`help write_json`). A bit is the number of its net, from 2 on, or a constant. Words begin with their lowest bit.
 * A value of an attribute or a parameter is a word with its highest bit first, or a text, or a number. What is not named here is
 * kept.
 */
const bit = z.union([
  z
    .int()
    .min(2)
    .max(2 ** 31 - 1),
  z.enum(["0", "1", "x", "z"]),
]);
const value = z.union([z.string(), z.number()]);
const values = z.record(z.string(), value).default({});

const port = z.looseObject({
  direction: z.enum(["input", "output", "inout"]),
  bits: z.array(bit),
  signed: z.int().optional(),
});

const cell = z.looseObject({
  type: z.string().min(1),
  parameters: values,
  port_directions: z.record(z.string(), z.enum(["input", "output", "inout"])).default({}),
  connections: z.record(z.string(), z.array(bit)),
});

const net = z.looseObject({
  hide_name: z.int().default(0),
  bits: z.array(bit),
  /** Number of the lowest bit in the source. */
  offset: z.int().optional(),
  attributes: values,
});

const moduleSchema = z.looseObject({
  attributes: values,
  ports: z.record(z.string(), port).default({}),
  cells: z.record(z.string(), cell).default({}),
  netnames: z.record(z.string(), net).default({}),
});

const netlist = z.looseObject({ modules: z.record(z.string(), moduleSchema) });

export type Bit = z.infer<typeof bit>;
export type Bits = readonly Bit[];
export type NetlistValue = z.infer<typeof value>;
export type NetlistCell = z.infer<typeof cell>;
export type NetlistModule = z.infer<typeof moduleSchema>;
export type Netlist = z.infer<typeof netlist>;

/** @throws NetlistError where the data are not a netlist; it names the first place that is wrong */
export function parseNetlist(json: unknown): Netlist {
  const parsed = netlist.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new NetlistError(`this is no netlist of Yosys: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** The module of this name; without one the module that Yosys calls the top, or the only one that has contents. */
export function topOf(
  netlist: Netlist,
  name?: string,
): { readonly name: string; readonly module: NetlistModule } {
  const modules = Object.entries(netlist.modules).map(([key, module]) => ({ name: key, module }));
  if (name !== undefined) {
    const found = modules.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new NetlistError(
      `the netlist has no module ${name}; it has ${modules.map((one) => one.name).join(", ")}`,
    );
  }
  const marked = modules.filter(({ module }) => isSet(module, "top"));
  const candidates = marked.length > 0 ? marked : modules.filter(({ module }) => !isBox(module));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  throw new NetlistError(
    `the netlist has ${candidates.length} modules that could be the top: say which (${candidates.map((one) => one.name).join(", ")})`,
  );
}

/** Whether a module only says what a cell of the part looks like. */
export const isBox = (module: NetlistModule): boolean =>
  isSet(module, "blackbox") || isSet(module, "whitebox");

function isSet({ attributes }: NetlistModule, name: string): boolean {
  const flag = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof flag === "number" ? flag !== 0 : flag !== undefined && /1/.test(flag);
}
