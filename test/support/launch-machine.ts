import type { Random } from "../../models/llama-tiny/corpus.ts";
import { type Machine, parseMachine } from "../../src/compile/machine.ts";

const origin = { kind: "estimated", source: "drawn at random" } as const;

/** A machine of random size whose multipliers are started launch by launch, with one core or several. */
export function randomLaunchMachine(random: Random, cores = random.pick([1, 2])): Machine {
  const share = () => ({ value: random.pick([0.35, 0.7, 1]), ...origin });
  const memory = (name: string, holds: string[]) => ({
    name,
    bytes: 2 ** 26,
    wordBytes: random.pick([16, 64, 256]),
    cyclesPerWord: 1,
    latencyCycles: 2 + random.below(60),
    commandCycles: random.below(12),
    bufferWords: 64,
    refresh: null,
    writeBits: 8,
    burst: {
      bytesPerCycle: 1 + random.below(1000) / 10,
      accessBytes: random.pick([16, 32]),
      readEfficiency: share(),
      writeEfficiency: share(),
    },
    holds,
    origin,
  });
  const vectors = random.pick(["chip", "memory"]);
  const rows = random.pick([16, 32, 64]);
  return parseMachine(
    {
      schema: "accel/machine@1",
      name: "random-launch",
      summary: "A random machine that is started launch by launch",
      device: "generic",
      clockMHz: 100,
      clockOrigin: origin,
      matrix: {
        lanes: random.pick([16, 64, 256]),
        tileBlocks: rows / 16,
        rowsPerBeat: 16,
        maxTokens: random.pick([1, 4]),
        accumulatorBits: 52,
        latencyCycles: 10 + random.below(20),
        launch: {
          rows,
          bufferWeights: 2 ** (11 + random.below(4)),
          wordsPerCycle: random.pick([1, 16, 64]),
          together: { rows: 16, tokens: random.pick([8, 128]), lanes: 1024, bufferWeights: 2 ** 13 },
          origin,
        },
      },
      vector: {
        lanes: random.pick([1, 4, 16]),
        latencyCycles: 6 + random.below(10),
        ...(random.chance(0.5) ? { cyclesPerPass: 1 } : {}),
        words: 1 << 16,
        codeBytes: 1 << 16,
        exponentBytes: 1 << 14,
      },
      sequencer: {
        programBytes: 1 << 17,
        bytesPerCycle: random.pick([4, 24]),
        queueDepth: 1 + random.below(8),
      },
      memories: [
        ...random.pick([
          () => [memory("hbm", ["weights", "keysAndValues"]), memory("ddr", ["tables"])],
          () => [memory("hbm", ["weights"]), memory("other", ["tables", "keysAndValues"])],
        ])(),
        ...(vectors === "memory" ? [memory("side", ["vectors"])] : []),
      ],
      ...(cores === 1
        ? {}
        : {
            cluster: {
              cores,
              exchangeWordsPerCycle: random.pick([1, 16]),
              exchangeLatencyCycles: random.below(40),
              syncCycles: random.below(40),
              origin,
            },
          }),
      schedule: {
        operators: random.pick(["fused", "apart"]),
        vectors,
        append: random.pick(["in place", "copied"]),
        prefillLogits: random.pick(["last", "all"]),
        origin,
      },
    },
    "random-launch",
  );
}
