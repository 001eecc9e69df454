import type { Domain, Module } from "../../../hdl/builder/graph.ts";
import {
  bit,
  concat,
  fallingEdge,
  instance,
  module,
  register,
  SYNC,
  type Unsigned,
  unsigned,
  unsignedConstant,
  wire,
} from "../../../hdl/builder/index.ts";
import { quadFlash } from "./flash.ts";
import { withPlainPins } from "./pins.ts";

/** What stands in the flash at the pins. */
export interface FlashContents {
  readonly bytes: Uint8Array;
  /** Address of the first of them. */
  readonly base: number;
}

/** An output of a part; a pin `p` has the outputs `p_out` and `p_enable`. */
export interface PartOutput {
  readonly name: string;
  readonly width: number;
}

export interface PartBench {
  readonly module: Module;
  /** In the order of the words `first` and `second`, the first one lowest. */
  readonly outputs: readonly PartOutput[];
}

const FLASH_LINE = /^flash_data_([0-3])$/;

/**
 * A part, or a netlist of it, with a flash at its pins; all of its clocks are the bench's own. `first` shows all outputs as they
 * are in the first half of a cycle, `second` as they were in the second half of the cycle before: pads may change in the middle.
 * @param flash null: the lines of the flash follow the input `lines` instead
 * @param known outputs to be shown, in this order; those that are not there are 0. All where nothing is said
 */
export function partBench(
  part: Module,
  flash: FlashContents | null,
  known?: readonly PartOutput[],
): PartBench {
  const plain = withPlainPins(part);
  const outputs = known ?? plain.outputs.map(({ name, type }) => ({ name, width: type.width }));
  const width = outputs.reduce((sum, output) => sum + output.width, 0);
  const bench = module(
    "part_bench",
    {
      inputs: { rx: bit, restart: bit, lines: unsigned(4) },
      outputs: {
        tx: bit,
        first: unsigned(width),
        second: unsigned(width),
        answer: unsigned(4),
        fault: unsigned(3),
      },
      inputDomains: { rx: null },
    },
    (io) => {
      const answer = wire("answer_lines", unsigned(4));
      const inputs = plain.inputs.map(({ name }): [string, Unsigned | number] => {
        if (name === "rx") return [name, io.rx];
        if (name === "reset") return [name, io.restart];
        const [, line] = FLASH_LINE.exec(name) ?? [];
        return [name, line === undefined ? 0 : answer.bit(Number(line))];
      });
      const made = instance("part", plain, Object.fromEntries(inputs), { domains: clockedBy(plain.domains) });
      const output = (name: string): Unsigned => {
        const found = made[name];
        if (found === undefined) throw new RangeError(`the part has no output ${name}`);
        return found;
      };
      const all = concat(
        ...outputs.map(({ name, width }) => made[name] ?? unsignedConstant(0, width)).reverse(),
      );
      io.tx.set(output("tx"));
      io.first.set(all);
      io.second.set(register("second_half", unsigned(width), { next: all }));
      const pin = (name: string) => ({ out: output(`${name}_out`), enable: output(`${name}_enable`) });
      if (flash === null) {
        answer.set(io.lines);
        io.fault.set(0);
      } else {
        const data = {
          0: pin("flash_data_0"),
          1: pin("flash_data_1"),
          2: pin("flash_data_2"),
          3: pin("flash_data_3"),
        };
        const cell = quadFlash(flash.bytes, flash.base);
        const pins = { clock_pin: pin("flash_clock"), select: pin("flash_select"), data };
        const seen = instance("flash", cell, pins);
        answer.set(seen.answer);
        io.fault.set(seen.fault);
      }
      io.answer.set(answer);
    },
  );
  return { module: bench, outputs };
}

/** Every clock is the bench's. */
const clockedBy = (domains: readonly Domain[]): Map<Domain, Domain> =>
  new Map(domains.map((domain) => [domain, domain.edge === "rising" ? SYNC : fallingEdge(SYNC)]));
