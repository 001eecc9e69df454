import type { Module } from "../../../hdl/builder/graph.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import type { BoardSimulation } from "../../host/simulated-port.ts";
import { type FlashContents, type PartOutput, partBench } from "./bench.ts";
import { FLASH_FAULTS } from "./flash.ts";

/** All of a part's pins from power-up on, cycle by cycle. */
export interface PinTrace {
  readonly cycles: number;
  readonly outputs: readonly PartOutput[];
  /** What went in: the serial line, the reset, and what the flash put on its four lines. */
  readonly rx: Uint8Array;
  readonly restart: Uint8Array;
  readonly lines: Uint8Array;
  /** All outputs side by side in the first half of the cycle, and in the second half of the cycle before. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

/** The flash was told something that it does not understand. */
export class FlashFault extends Error {
  constructor(fault: number, cycle: number) {
    super(`the flash at the pins noticed before cycle ${cycle}: ${FLASH_FAULTS[fault]}`);
    this.name = "FlashFault";
  }
}

type Chunk = Pick<PinTrace, "cycles" | "rx" | "lines" | "first" | "second">;

/**
 * A simulated part, with a flash at its pins, that is noted down while it runs. Its first cycle is its reset. What has no power-up
 * value begins with 0, as flip-flops of an iCE40 do: the host link's first answers show some of them.
 */
export class RecordedPart implements BoardSimulation {
  private readonly simulation: Simulation;
  private readonly outputs: readonly PartOutput[];
  private readonly chunks: Chunk[] = [];
  private rx = 1;

  constructor(part: Module, flash: FlashContents) {
    const { module, outputs } = partBench(part, flash);
    this.simulation = simulate(module, { seed: null }) as unknown as Simulation;
    this.outputs = outputs;
    this.simulation.drive({ rx: 1, restart: 1 });
    this.step(1);
    this.simulation.set("restart", 0);
  }

  get cycle(): number {
    return this.simulation.cycle;
  }

  drive({ rx }: { readonly rx: number }): void {
    this.rx = rx;
    this.simulation.set("rx", rx);
  }

  get(port: "tx"): number {
    return this.simulation.get(port);
  }

  step(cycles: number): void {
    const { answer, first, second } = this.simulation.play({
      cycles,
      capture: ["answer", "first", "second"],
    });
    this.chunks.push({
      cycles,
      rx: new Uint8Array(cycles).fill(this.rx),
      lines: Uint8Array.from(answer),
      first: Uint32Array.from(first),
      second: Uint32Array.from(second),
    });
  }

  /** @throws FlashFault where the flash was told something wrong */
  trace(): PinTrace {
    const { cycle: cycles, outputs } = this;
    const fault = this.simulation.get("fault");
    if (fault !== 0) throw new FlashFault(fault, cycles);
    const pins = {
      rx: new Uint8Array(cycles),
      lines: new Uint8Array(cycles),
      first: new Uint32Array(cycles),
      second: new Uint32Array(cycles),
    };
    let at = 0;
    for (const chunk of this.chunks) {
      for (const name of ["rx", "lines", "first", "second"] as const) pins[name].set(chunk[name], at);
      at += chunk.cycles;
    }
    const restart = new Uint8Array(cycles);
    restart[0] = 1;
    return { cycles, outputs, ...pins, restart };
  }
}
