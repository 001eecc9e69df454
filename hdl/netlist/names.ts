import type { Bits, NetlistModule } from "./json.ts";

interface NamedNet {
  readonly name: string;
  readonly bits: Bits;
}

/** Names that Yosys' `autoname` makes of the nearest name and a port of an iCE40 or RTLIL cell. */
const AUTOMATIC = /_(SB_[A-Z0-9]+|\$_?\w+)_[A-Z0-9]+(_|$)/;

/** Names that a person has given, and the power-up values that stand beside them. */
export class Names {
  /** Power-up value of a net. */
  readonly initial: ReadonlyMap<number, "0" | "1">;
  /** Nets with a name, ports left out. */
  readonly inner: readonly NamedNet[];
  private readonly used: Set<string>;
  private readonly placeOf = new Map<number, { readonly net: NamedNet; readonly index: number }>();
  private readonly ports: ReadonlySet<string>;

  constructor({ netnames, ports }: NetlistModule) {
    this.ports = new Set(Object.keys(ports));
    this.used = new Set(this.ports);
    this.initial = initialValues(netnames);
    const visible = Object.entries(netnames)
      .filter(([name, { hide_name, bits }]) => hide_name === 0 && bits.length > 0 && !AUTOMATIC.test(name))
      .map(([name, { bits }]): NamedNet => ({ name, bits }));
    this.inner = visible.filter(({ name }) => !this.ports.has(name));
    // An inner name says more about a register than the port that it drives.
    for (const net of [...this.inner, ...visible])
      net.bits.forEach((bit, index) => {
        if (typeof bit === "number" && !this.placeOf.has(bit)) this.placeOf.set(bit, { net, index });
      });
  }

  /** Yosys' pattern of power-up values, the highest bit first. */
  initialOf(bits: Bits): string {
    return bits
      .map((bit) => (typeof bit === "number" ? (this.initial.get(bit) ?? "x") : "x"))
      .reverse()
      .join("");
  }

  /** For a register with these nets: the name of the net that it is, or of its place in it. */
  ofState(bits: Bits, fallback: string): string {
    const [first] = bits;
    const place = typeof first === "number" ? this.placeOf.get(first) : undefined;
    if (place === undefined) return this.unique(fallback);
    const { net, index } = place;
    const inside = bits.every((bit, i) => net.bits[index + i] === bit);
    if (!inside) return this.unique(fallback);
    if (bits.length === net.bits.length)
      return this.unique(this.ports.has(net.name) ? `${net.name}_register` : net.name);
    const top = index + bits.length - 1;
    return this.unique(bits.length === 1 ? `${net.name}[${index}]` : `${net.name}[${top}:${index}]`);
  }

  /** Whether something has got this name already. */
  has(name: string): boolean {
    return this.used.has(name);
  }

  unique(name: string): string {
    let free = name;
    for (let i = 2; this.used.has(free); i++) free = `${name}_${i}`;
    this.used.add(free);
    return free;
  }
}

function initialValues(netnames: NetlistModule["netnames"]): Map<number, "0" | "1"> {
  const values = new Map<number, "0" | "1">();
  for (const { bits, attributes } of Object.values(netnames)) {
    const init = Object.hasOwn(attributes, "init") ? attributes.init : undefined;
    if (init === undefined) continue;
    const pattern = typeof init === "number" ? init.toString(2) : init;
    bits.forEach((bit, i) => {
      const value = pattern.at(-1 - i);
      if (typeof bit === "number" && (value === "0" || value === "1")) values.set(bit, value);
    });
  }
  return values;
}
