import type { Node } from "../builder/graph.ts";
import type { FlatSignal } from "./flat.ts";

export interface VcdOptions {
  /** The outermost scope, for the ports and the instances of the top module. */
  readonly top: string;
  /** What one unit of time is: 1, 10 or 100, and a unit from `s` to `fs`. Default `1ns`. */
  readonly timescale?: string;
  /** First and last time that are written; everything where nothing is said. */
  readonly window?: { readonly from: number; readonly to: number };
}

/** Text goes to the sink in chunks of about so many characters. */
const CHUNK = 1 << 16;

/**
 * Writes signals over time as a value change dump (IEEE 1364-2005, 18.2), which wave viewers read. Only changes are
 * written; signals that are one and the same node share their changes.
 */
export class VcdWriter {
  private readonly sink: (chunk: string) => void;
  private readonly window: { readonly from: number; readonly to: number };
  private readonly variables: readonly Variable[];
  private buffer = "";
  private lastTime = -1;
  private started = false;

  /** Writes the header. */
  constructor(sink: (chunk: string) => void, signals: readonly FlatSignal[], options: VcdOptions) {
    const { top, timescale = "1ns", window = { from: 0, to: Number.POSITIVE_INFINITY } } = options;
    if (!/^10{0,2} ?([munpf]?s)$/.test(timescale))
      throw new RangeError(`${timescale} is no timescale; it is 1, 10 or 100 of s, ms, us, ns, ps or fs`);
    this.sink = sink;
    this.window = window;
    const aliases = new Aliases();
    this.variables = signals.map((signal) => ({
      code: aliases.codeOf(signal),
      width: signal.type.width,
      last: null,
    }));
    this.write(`$version accel $end\n$timescale ${timescale} $end\n`);
    this.write(scopeText(legalName(top, new Set()), treeOf(signals, this.variables)));
    this.write("$enddefinitions $end\n");
  }

  /**
   * @param time in units of the timescale, later than the last one
   * @param values integers in the signals' types, in the order of the signals
   */
  sample(time: number, values: readonly bigint[]): void {
    if (!Number.isSafeInteger(time) || time <= this.lastTime)
      throw new RangeError(
        `a sample at time ${time} after one at ${this.lastTime}; times are whole and rise`,
      );
    if (values.length !== this.variables.length)
      throw new RangeError(`${values.length} values for ${this.variables.length} signals`);
    this.lastTime = time;
    if (time < this.window.from || time > this.window.to) return;
    let changes = "";
    const written = new Set<string>();
    for (const [i, variable] of this.variables.entries()) {
      const value = BigInt.asUintN(variable.width, values[i] ?? 0n);
      if (value === variable.last) continue;
      variable.last = value;
      if (written.has(variable.code)) continue;
      written.add(variable.code);
      changes +=
        variable.width === 1 ? `${value}${variable.code}\n` : `b${value.toString(2)} ${variable.code}\n`;
    }
    if (!this.started) this.write(`#${time}\n$dumpvars\n${changes}$end\n`);
    else if (changes !== "") this.write(`#${time}\n${changes}`);
    this.started = true;
  }

  /** @param time where the dump ends, one unit after the last sample where nothing is said */
  finish(time: number = this.lastTime + 1): void {
    if (this.started) this.write(`#${Math.min(Math.max(time, this.lastTime), this.window.to)}\n`);
    this.sink(this.buffer);
    this.buffer = "";
  }

  private write(text: string): void {
    this.buffer += text;
    if (this.buffer.length < CHUNK) return;
    this.sink(this.buffer);
    this.buffer = "";
  }
}

interface Variable {
  readonly code: string;
  readonly width: number;
  last: bigint | null;
}

/** Gives out codes of printable characters, the same one to signals of the same nodes. */
class Aliases {
  private count = 0;
  private readonly numbers = new Map<Node, number>();
  private readonly codes = new Map<string, string>();

  codeOf({ parts, type }: FlatSignal): string {
    const key = parts === null ? null : `${type.width} ${parts.map((part) => this.numberOf(part)).join()}`;
    const known = key === null ? undefined : this.codes.get(key);
    if (known !== undefined) return known;
    let code = "";
    for (let rest = this.count++; rest >= 0; rest = Math.floor(rest / 94) - 1)
      code = String.fromCharCode(33 + (rest % 94)) + code;
    if (key !== null) this.codes.set(key, code);
    return code;
  }

  private numberOf(node: Node): number {
    const number = this.numbers.get(node) ?? this.numbers.size;
    this.numbers.set(node, number);
    return number;
  }
}

/** An instance with its signals. */
interface Scope {
  readonly variables: { readonly signal: FlatSignal; readonly name: string; readonly code: string }[];
  readonly scopes: Map<string, Scope>;
}

function treeOf(signals: readonly FlatSignal[], variables: readonly Variable[]): Scope {
  const top: Scope = { variables: [], scopes: new Map() };
  for (const [i, signal] of signals.entries()) {
    let scope = top;
    for (const instance of signal.path.slice(0, -1)) {
      const inner = scope.scopes.get(instance) ?? { variables: [], scopes: new Map() };
      scope.scopes.set(instance, inner);
      scope = inner;
    }
    scope.variables.push({ signal, name: signal.path.at(-1) ?? "", code: variables[i]?.code ?? "" });
  }
  return top;
}

function scopeText(name: string, { variables, scopes }: Scope): string {
  const taken = new Set<string>();
  const lines = variables.map(({ signal, name, code }) => {
    const { width } = signal.type;
    const range = width === 1 ? "" : ` [${width - 1}:0]`;
    return `$var ${signal.register ? "reg" : "wire"} ${width} ${code} ${legalName(name, taken)}${range} $end\n`;
  });
  const inner = [...scopes].map(([instance, scope]) => scopeText(legalName(instance, taken), scope));
  return `$scope module ${name} $end\n${lines.join("")}${inner.join("")}$upscope $end\n`;
}

/** A name of letters, digits and underscores that is not taken yet; viewers read dots and brackets in their own ways. */
function legalName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d|$)/, "_");
  let legal = plain;
  for (let i = 2; taken.has(legal); i++) legal = `${plain}_${i}`;
  taken.add(legal);
  return legal;
}
