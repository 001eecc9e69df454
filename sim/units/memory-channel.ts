import type { Memory } from "../../src/compile/machine.ts";
import type { UnitAccount } from "../accounting.ts";

/** A load whose words go through the channel's buffer to the matrix unit, still to be moved. */
export interface StreamingLoad {
  readonly words: number;
  /** Cycles in which its address is computed. */
  readonly setupCycles: number;
  /** Begins it, when the channel is free from a cycle on; returns its start. */
  readonly begin: (free: number) => number;
  /** Told when its last word has left the port. */
  readonly ended: ((start: number, end: number) => void) | null;
}

/** A load into the vector unit's memories, or a store. */
export interface Access {
  readonly start: number;
  readonly setupCycles: number;
  readonly transfers: number;
  readonly cyclesEach: number;
  /** Cycles from the last transfer's end until all is done. */
  readonly tailCycles: number;
  readonly write: boolean;
  /** Bytes of each transfer that are wanted. */
  readonly pieceBytes: number;
}

/** When an instruction began, from when on its unit can begin the next one, and when it was done. */
export interface UnitTime {
  readonly start: number;
  readonly free: number;
  readonly end: number;
}

/** Raised where a word would need room that only a later instruction could make: the program hangs. */
export class Deadlock extends Error {}

/** A memory's port as the simulator sees it, word by word (`Channel`) or in bursts (`BurstChannel`). */
export interface MemoryChannel {
  readonly memory: Memory;
  readonly account: UnitAccount;
  /** Begins a token at cycle 0, with an empty buffer. */
  reset(): void;
  /** Queues a load for the matrix unit. */
  stream(load: StreamingLoad): void;
  /** Works off every queued load; another instruction may begin from the returned cycle on. */
  drain(): number;
  /** Works off queued loads until one more has begun. */
  beginNext(): void;
  /** Transfers that do not go through the buffer; everything before has been worked off. */
  access(access: Access): UnitTime;
}
