import { readFileSync } from "node:fs";
import { type Design, HardwareError, type Module } from "../../../hdl/builder/index.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";

/** A module in the interpreter, with numbers where they are exact. */
export class Run {
  readonly interpreter: Interpreter;
  private readonly domains: ReadonlyMap<string, Module["domains"][number]>;

  constructor(module: Module, random: (bits: number) => bigint = () => 0n) {
    const design = flatten(module);
    this.interpreter = new Interpreter(design, { random });
    this.domains = new Map(design.domains.map((domain) => [domain.name, domain]));
    for (const { reset } of module.resets) this.interpreter.set(reset, 0n);
  }

  set(values: Readonly<Record<string, number | bigint>>): this {
    for (const [name, value] of Object.entries(values)) this.interpreter.set(name, BigInt(value));
    return this;
  }

  get(name: string): number {
    return Number(this.interpreter.get(name));
  }

  big(name: string): bigint {
    return this.interpreter.get(name);
  }

  /** One edge of the named domains, or of all. */
  step(...names: readonly string[]): this {
    if (names.length === 0) this.interpreter.step();
    else this.interpreter.step(new Set(names.map((name) => this.domains.get(name)!)));
    return this;
  }

  /** The output in each of the cycles that begin now. */
  trace(output: string, cycles: number): number[] {
    return Array.from({ length: cycles }, () => {
      const value = this.get(output);
      this.step();
      return value;
    });
  }
}

/** What a combinational module gives for these inputs. */
export function evaluate<I extends Design["ports"]["inputs"], O extends Design["ports"]["outputs"]>(
  module: Design<I, O>,
  inputs: Readonly<Record<string, number | bigint>>,
): (output: string) => bigint {
  const run = new Run(module).set(inputs);
  return (output) => run.big(output);
}

/** The message of the mistake that `body` makes, with the line of code that it points at in the place of its number. */
export function mistake(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof HardwareError)) throw error;
    const { file, line } = error.source;
    const code = readFileSync(file, "utf8").split("\n");
    const lineOf = (number: number): string => {
      const line = (code[number - 1] ?? "").trim().replace(/,$/, "");
      return /^expect\((.*?)\)(\.toMatch.*)?$/.exec(line)?.[1] ?? line;
    };
    const text = error.message
      .replace(/ \([\w.-]+:\d+\)$/, "")
      .replaceAll(/[\w.-]+\.test\.ts:(\d+)/g, (_, number: string) => `[${lineOf(Number(number))}]`);
    return `${text}\n> ${lineOf(line)}`;
  }
  throw new Error("no mistake was found");
}
