import type { Inout, Input, Node, Wire } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { newWire } from "./wire.ts";

/**
 * A bidirectional pin of the top module. A primitive's model with an inout `P` sees it as its input `P` and drives it by its
 * outputs `P.out` and `P.enable`.
 */
export class Pad {
  readonly name: string;
  /** What the world outside puts on it. */
  readonly external: Input;
  /** What stands on it. */
  readonly value: Wire;
  private readonly drivers: { readonly out: Node; readonly enable: Node }[] = [];

  constructor({ name, type, source }: Inout) {
    this.name = name;
    this.external = { kind: "input", name, type, domain: null, source };
    this.value = newWire([name], type, source);
  }

  drive(out: Node, enable: Node): void {
    this.drivers.push({ out, enable });
  }

  /** Ends the list of drivers; of several that are enabled, the last one counts. */
  connect(): { readonly out: Node; readonly enable: Node } {
    let out: Node = op.constant(0n, this.value.type);
    let enable: Node = op.constant(0n, op.BIT);
    for (const driver of this.drivers) {
      out = this.drivers.length === 1 ? driver.out : op.mux(driver.enable, driver.out, out);
      enable = this.drivers.length === 1 ? driver.enable : op.bitwise("or", enable, driver.enable);
    }
    this.value.driver = op.mux(enable, out, this.external);
    return { out, enable };
  }
}
