import { HardwareError } from "../../builder/errors.ts";
import type { Domain, Input, Module, Node } from "../../builder/graph.ts";
import { BIT } from "../../builder/operators.ts";
import type { SourceLocation } from "../../builder/source.ts";

/** The clocks of a whole design and what resets their registers. */
export class Clocks {
  /** Resets that come in from outside; the two edges of a clock share theirs. */
  readonly inputs: readonly Input[];
  /** Clocks that are made inside. */
  readonly derived: Domain[] = [];
  private readonly resets = new Map<Domain, Node>();
  private readonly known: Set<Domain>;

  constructor({ domains, resets, source }: Module) {
    this.known = new Set(domains);
    const inputs = new Map<string, Input>();
    for (const domain of resets) {
      const name = domain.reset;
      const input = inputs.get(name) ?? { kind: "input", name, type: BIT, domain, source };
      inputs.set(name, input);
      this.resets.set(domain, input);
    }
    this.inputs = [...inputs.values()];
  }

  /** A clock made by the instance at `path`: one of its own for each instance, even of the same module. */
  derive(domain: Domain, path: readonly string[], reset: Node | null): Domain {
    const made = this.known.has(domain) ? { ...domain, name: [...path, domain.name].join(".") } : domain;
    this.known.add(made);
    this.derived.push(made);
    if (reset !== null) this.resets.set(made, reset);
    return made;
  }

  resetOf(domain: Domain, register: string, source: SourceLocation): Node {
    const reset = this.resets.get(domain);
    if (reset === undefined)
      throw new HardwareError(
        `register ${register} is reset, and its clock domain ${domain.name} has no reset; give driveClock one`,
        source,
      );
    return reset;
  }
}
