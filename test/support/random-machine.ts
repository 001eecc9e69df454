import type { Random } from "../../models/llama-tiny/corpus.ts";
import { type Machine, type Memory, parseMachine } from "../../src/compile/machine.ts";

const origin = { kind: "estimated", source: "drawn at random" } as const;

/** A machine of random structure that is large enough for the random models. */
export function randomMachine(random: Random): Machine {
  const memory = (
    name: string,
    holds: Memory["holds"],
    wordBytes = random.pick([1, 2, 8, 16, 64]),
  ): Memory => ({
    name,
    bytes: 2 ** 24,
    wordBytes,
    cyclesPerWord: random.pick([1, 1, 2, 3]),
    latencyCycles: 2 + random.below(28),
    commandCycles: random.below(20),
    bufferWords: random.pick([32, 40, 100, 1000]),
    bufferIn: "block",
    storedIn: "large",
    refresh: random.chance(0.5)
      ? { intervalCycles: 100 + random.below(400), cycles: 1 + random.below(40) }
      : null,
    writeBits: wordBytes < 8 ? random.pick([4, 8] as const) : random.pick([4, 8, 64] as const),
    holds,
    origin,
  });
  const memories = random.pick([
    () => [memory("flash", ["weights", "tables"]), memory("spram", ["keysAndValues"])],
    () => [memory("all", ["weights", "tables", "keysAndValues"])],
    () => [memory("tables", ["tables"]), memory("weights", ["weights"]), memory("spram", ["keysAndValues"])],
    () => [memory("flash", ["tables"]), memory("spram", ["weights", "keysAndValues"])],
  ])();
  return parseMachine(
    {
      schema: "accel/machine@1",
      name: "random",
      summary: "A random machine",
      device: "generic",
      clockMHz: 100,
      clockOrigin: origin,
      matrix: {
        lanes: random.pick([1, 2, 4, 8, 16, 64, 512]),
        tileBlocks: random.pick([1, 2, 4, 16]),
        rowsPerBeat: random.pick([1, 2, 4, 64]),
        maxTokens: 1 + random.below(4),
        accumulatorBits: 52,
        latencyCycles: 10 + random.below(10),
      },
      vector: {
        lanes: random.pick([1, 2, 4, 16]),
        latencyCycles: 6 + random.below(10),
        words: 1 << 14,
        codeBytes: 1 << 15,
        exponentBytes: 1 << 12,
      },
      sequencer: {
        programBytes: 1 << 16,
        bytesPerCycle: random.pick([1, 4, 24]),
        queueDepth: 1 + random.below(6),
      },
      memories,
    },
    "random",
  );
}
