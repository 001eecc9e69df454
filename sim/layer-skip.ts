import { FIRST_CHANNEL } from "../src/compile/instruction.ts";
import { ACCOUNT_COUNTS, type UnitAccount } from "./accounting.ts";
import type { ByteCounts } from "./byte-counts.ts";
import { Repetition, type Timed } from "./repetition.ts";
import { BurstChannel } from "./units/burst-channel.ts";
import type { MatrixUnit } from "./units/matrix.ts";
import type { MemoryChannel } from "./units/memory-channel.ts";
import type { ProgramTurns } from "./units/program-turns.ts";
import type { UnitQueue } from "./units/unit-queue.ts";

/** What a token in the simulator has of state and counts. */
export interface TokenState {
  readonly queues: readonly UnitQueue[];
  readonly channels: readonly MemoryChannel[];
  readonly matrix: MatrixUnit;
  readonly turns: ProgramTurns;
  readonly accounts: readonly UnitAccount[];
  readonly bytes: ByteCounts;
}

/** Layers that need not be walked through, with their cycles and instructions. */
export interface SkippedLayers {
  readonly layers: number;
  readonly cycles: number;
  readonly instructions: number;
}

const NOTHING: SkippedLayers = { layers: 0, cycles: 0, instructions: 0 };

/** Skips layers of a token that repeat earlier ones, and counts what they would have counted. */
export class LayerSkip {
  private readonly state: TokenState;
  private readonly repetition = new Repetition();
  /** Instructions of each unit up to the layer before. */
  private before: readonly number[];

  constructor(state: TokenState) {
    this.state = state;
    this.before = state.queues.map(() => 0);
  }

  /**
   * Before a layer begins.
   * @param left layers to come
   * @param executed instructions so far
   */
  next(layer: number, left: number, cycle: number, executed: number): SkippedLayers {
    const timed = this.used();
    if (timed === null) return NOTHING;
    const { matrix, bytes, accounts, turns } = this.state;
    const counts = [
      executed,
      matrix.multiplied,
      ...bytes.counts,
      ...accounts.flatMap((account) => account.counts),
    ];
    const skipped = this.repetition.skip(layer, left, cycle, turns.phase(cycle), timed, counts);
    if (skipped.layers === 0) return NOTHING;
    const [instructions, multiplied, ...more] = skipped.counts;
    matrix.multiplied += multiplied!;
    bytes.countMore(more);
    const first = bytes.counts.length;
    for (const [i, account] of accounts.entries())
      account.countMore(more.slice(first + i * ACCOUNT_COUNTS, first + (i + 1) * ACCOUNT_COUNTS));
    return { layers: skipped.layers, cycles: skipped.cycles, instructions: instructions! };
  }

  /** All with a state that the last layer used; null where that of a memory is more than can be told. */
  private used(): Timed[] | null {
    const { queues, channels, matrix } = this.state;
    const used = queues.flatMap((queue, unit) => (queue.count > this.before[unit]! ? [unit] : []));
    this.before = queues.map(({ count }) => count);
    const timed: Timed[] = [matrix, ...used.map((unit) => queues[unit]!)];
    for (const [index, channel] of channels.entries()) {
      const bursts = channel instanceof BurstChannel ? channel : null;
      // A stream that goes on through all layers is shorter after each.
      if (bursts !== null && bursts.queuedBytes > 0) return null;
      if (!used.includes(FIRST_CHANNEL + index)) continue;
      if (bursts === null) return null;
      timed.push(bursts);
    }
    return timed;
  }
}
