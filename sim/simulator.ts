import { InputError } from "../models/errors.ts";
import { INT4, UNIT } from "../src/compile/emit.ts";
import {
  FIRST_CHANNEL,
  INSTRUCTION_BYTES,
  type Instruction,
  MATRIX,
  SEQUENCER,
  VECTOR,
} from "../src/compile/instruction.ts";
import { tileBlocksFor } from "../src/compile/layout.ts";
import type { Machine } from "../src/compile/machine.ts";
import { decodeProgram, type Program } from "../src/compile/program.ts";
import type { StreamPlan } from "../src/compile/stream-plan.ts";
import { UnitAccount } from "./accounting.ts";
import { ByteCounts } from "./byte-counts.ts";
import type { Chip, Registers } from "./chip.ts";
import { Effects } from "./effects/effects.ts";
import type { MemoryImage } from "./effects/memory-image.ts";
import type { Written } from "./effects/vector.ts";
import { LayerSkip } from "./layer-skip.ts";
import { Passes } from "./passes.ts";
import type { TokenInput, TokenResult, UnitResult, Watch } from "./token-result.ts";
import { countMatrix, countMoved, loadedWords, storesOf } from "./traffic.ts";
import { BurstChannel } from "./units/burst-channel.ts";
import { Channel } from "./units/channel.ts";
import { MatrixUnit, type PassTime } from "./units/matrix.ts";
import type { MemoryChannel, UnitTime } from "./units/memory-channel.ts";
import { LOOP_BYTES, ProgramTurns, UNIT_BYTES } from "./units/program-turns.ts";
import { loadTime, setupCycles } from "./units/store-time.ts";
import { TokenQueues } from "./units/token-queues.ts";
import { UnitQueue } from "./units/unit-queue.ts";
import { instructionCycles } from "./units/vector-work.ts";

/** Where cores meet: an exchange or a barrier, and the cycle in which this core is there. */
export interface Meeting {
  readonly instruction: Instruction;
  readonly cycle: number;
}

/** When an instruction was handed to its unit, and the first cycle in which it can start. */
interface Begin {
  readonly dispatched: number;
  readonly earliest: number;
}

/**
 * The cycle-level simulator: runs a program's bytes on a described machine, function and time in one pass. Without
 * memory images it tells the time alone, for shapes of any size.
 *
 * A unit's instructions run in order, and an event's time depends on events earlier in the program alone, so one walk
 * over the program gives every cycle exactly, without stepping through the cycles in which nothing is decided.
 */
export class Simulator {
  readonly machine: Machine;
  private readonly program: Program;
  private readonly instructions: readonly Instruction[];
  private readonly effects: Effects | null;
  private readonly channels: readonly MemoryChannel[];
  private readonly matrix: MatrixUnit;
  private readonly vector = new UnitAccount("vector");
  private readonly sequencer = new UnitAccount("sequencer");
  private readonly tokens = new TokenQueues();
  private readonly turns: ProgramTurns;
  private readonly plans: ReadonlyMap<number, StreamPlan>;
  private readonly passes: Passes;
  /** State of the token under way. */
  private registers: Registers = { token: 0, position: 0, layer: 0, vectors: 1 };
  private queues: UnitQueue[] = [];
  private fetched = 0;
  private watch: Watch = {};
  private input: TokenInput | null = null;
  private next: number | null = null;
  private bytes = new ByteCounts();
  private weightsAddress = 0;
  /** Instructions of the last token that were walked through, not skipped with their layer. */
  walked = 0;

  constructor(program: Program, images: readonly MemoryImage[] | null) {
    this.program = program;
    this.machine = program.machine;
    this.instructions = decodeProgram(program.bytes, program.machine).instructions;
    this.effects = images === null ? null : new Effects(program.machine, images);
    this.channels = program.machine.memories.map((memory) =>
      memory.burst === undefined ? new Channel(memory) : new BurstChannel(memory, memory.burst),
    );
    this.matrix = new MatrixUnit(program.machine);
    this.turns = new ProgramTurns(program.machine);
    this.passes = new Passes(program.machine, program.layout.keyValues.keyTileBlocks);
    this.plans = new Map(program.layout.streams.map((stream) => [stream.address, stream.plan]));
  }

  /** What stands on the chip; null where time alone is simulated. */
  get chip(): Chip | null {
    return this.effects?.chip ?? null;
  }

  /** Takes one token in; of several cores, the one that this program is for, which waits for no other. */
  run(input: TokenInput, watch: Watch = {}): TokenResult {
    const steps = this.steps(input, watch, true);
    for (let cycle = 0; ; ) {
      const step = steps.next(cycle);
      if (step.done === true) return step.value;
      cycle = step.value.cycle;
    }
  }

  /**
   * Takes one token in, and stops wherever cores meet, until it is told the cycle in which the last of them is there.
   * @param alone nobody else is met: layers that repeat themselves may be skipped
   */
  *steps(input: TokenInput, watch: Watch = {}, alone = false): Generator<Meeting, TokenResult, number> {
    this.reset(input, watch);
    const skip = alone && this.repeats ? this.layerSkip() : null;
    let executed = 0;
    let loopStart = 0;
    let layersLeft = 0;
    let cycles = 0;
    for (let pc = 0; ; ) {
      const instruction = this.instructions[pc]!;
      executed++;
      this.walked++;
      const bytes = instruction.operation === "SYS.LOOP" ? LOOP_BYTES : UNIT_BYTES;
      const fetched = this.turns.fetched(bytes, this.fetched);
      this.sequencer.busy += fetched - this.fetched;
      this.fetched = fetched;
      const index = pc++;
      if (instruction.unit !== SEQUENCER) {
        const begin = this.dispatch(index, instruction);
        if (begin === null) continue;
        const { dispatched, earliest } = begin;
        const start =
          instruction.operation === "MISC.EXCHANGE" ? yield { instruction, cycle: earliest } : earliest;
        this.complete(index, instruction, dispatched, start);
        continue;
      }
      if (instruction.operation === "SYS.END_UNLESS_SAMPLING" && input.sampler !== null) {
        if (this.machine.schedule?.prefillLogits !== "all") this.registers.vectors = 1;
        this.act();
        continue;
      }
      this.barrier();
      this.act();
      if (instruction.operation === "SYS.SYNC") {
        this.fetched = (yield { instruction, cycle: this.fetched }) + (this.machine.cluster?.syncCycles ?? 0);
        continue;
      }
      if (instruction.operation === "SYS.LOOP") {
        loopStart = pc;
        layersLeft = instruction.w;
        this.registers.layer = instruction.x;
      } else if (instruction.operation === "SYS.NEXT") {
        this.registers.layer++;
        layersLeft--;
        if (skip !== null && layersLeft > 0) {
          const skipped = skip.next(this.registers.layer, layersLeft, this.fetched, executed);
          layersLeft -= skipped.layers;
          executed += skipped.instructions;
          this.registers.layer += skipped.layers;
          this.fetched += skipped.cycles;
        }
        if (layersLeft > 0) pc = loopStart;
      } else {
        cycles = this.fetched;
        break;
      }
    }
    this.bytes.program += executed * INSTRUCTION_BYTES;
    return {
      position: input.position,
      cycles,
      next: this.next,
      bytes: this.bytes,
      multiplications: this.matrix.multiplied,
      instructions: executed,
      units: this.unitResults(),
    };
  }

  private reset(input: TokenInput, watch: Watch): void {
    this.input = input;
    this.watch = watch;
    const { token, position, vectors = 1, attended = 1 } = input;
    this.checkVectors(vectors, attended);
    this.registers = { token, position, layer: 0, vectors };
    this.fetched = 0;
    this.walked = 0;
    this.next = null;
    this.bytes = new ByteCounts();
    this.tokens.clear();
    this.passes.beginToken(this.registers, attended);
    this.matrix.reset();
    this.vector.reset();
    this.sequencer.reset();
    for (const channel of this.channels) channel.reset();
    for (const account of this.accounts()) account.spans = watch.spans ?? null;
    const { queueDepth } = this.machine.sequencer;
    this.queues = Array.from(
      { length: FIRST_CHANNEL + this.channels.length },
      () => new UnitQueue(queueDepth),
    );
  }

  /** @throws InputError where so many tokens together cannot be timed */
  private checkVectors(vectors: number, attended: number): void {
    if ((vectors !== 1 || attended !== 1) && this.effects !== null)
      throw new InputError(
        "Several tokens together are timed without weights; with them, give one token at a time.",
      );
    const { launch, maxTokens } = this.machine.matrix;
    const most = launch?.together.tokens ?? maxTokens;
    if (vectors > most)
      throw new InputError(
        `Machine ${this.machine.name} takes at most ${most} tokens together, but ${vectors} are given.`,
      );
  }

  /** Whether layers may be skipped: nobody watches them, and all that they use can tell its state. */
  private get repeats(): boolean {
    const { layers } = this.program.plan;
    return (
      this.effects === null &&
      this.watch.spans === undefined &&
      this.watch.timed === undefined &&
      this.machine.matrix.launch !== undefined &&
      layers.every((layer) => layer === layers[0])
    );
  }

  private layerSkip(): LayerSkip {
    const { queues, channels, matrix, turns, bytes } = this;
    return new LayerSkip({ queues, channels, matrix, turns, bytes, accounts: this.accounts() });
  }

  private accounts(): UnitAccount[] {
    return [
      this.matrix.account,
      this.vector,
      ...this.channels.map((channel) => channel.account),
      this.sequencer,
    ];
  }

  private unitResults(): UnitResult[] {
    const result = (kind: UnitResult["kind"], account: UnitAccount): UnitResult => ({
      unit: account.name,
      kind,
      busy: account.busy,
      stalls: Object.fromEntries(account.stalls),
    });
    return [
      result("matrix", this.matrix.account),
      result("vector", this.vector),
      ...this.channels.map((channel) => result("memory", channel.account)),
      result("sequencer", this.sequencer),
    ];
  }

  /** A cycle in which the sequencer does what an instruction says; then it reads the next one. */
  private act(): void {
    this.fetched++;
    this.sequencer.busy++;
  }

  /** Waits until every unit is idle; only streams of weights may run on. */
  private barrier(): void {
    const idle = Math.max(...this.queues.map((queue) => queue.done));
    this.sequencer.wait("units to finish", idle - this.fetched, this.fetched);
    this.fetched = Math.max(this.fetched, idle);
  }

  /** Hands an instruction to its unit; returns when it can start there, or null for loads that move later. */
  private dispatch(index: number, instruction: Instruction): Begin | null {
    const queue = this.queues[instruction.unit]!;
    const channel = this.channels[instruction.unit - FIRST_CHANNEL];
    while (queue.undecided) channel!.beginNext();
    const room = queue.room;
    this.sequencer.wait("room in a queue", room - this.fetched, this.fetched);
    this.fetched = Math.max(this.fetched, room);
    const dispatched = this.fetched;
    this.act();
    const token = this.tokens.take(instruction.unit, instruction.wait);
    if (
      instruction.operation === "LD.WEIGHTS" ||
      instruction.operation === "LD.KEYS" ||
      instruction.operation === "LD.VALUES"
    ) {
      this.stream(index, instruction, channel!, queue, dispatched, token.cycle);
      return null;
    }
    if (channel !== undefined) queue.free = channel.drain();
    const read = this.turns.read(instruction.unit, Math.max(dispatched + 1, queue.free));
    queue.leave(read);
    const earliest = Math.max(read, token.cycle) + 1;
    if (channel === undefined) {
      const cause = token.cycle >= read ? this.accountOf(token.from).name : "program";
      this.accountOf(instruction.unit).wait(cause, earliest - queue.free, queue.free);
    }
    return { dispatched, earliest };
  }

  private complete(index: number, instruction: Instruction, dispatched: number, earliest: number): void {
    const queue = this.queues[instruction.unit]!;
    const account = this.accountOf(instruction.unit);
    const { start, free, end } = this.execute(index, instruction, earliest);
    queue.free = free;
    queue.done = Math.max(queue.done, end);
    this.tokens.release(instruction.unit, instruction.release, end);
    if (account.spans !== null) account.draw(this.operatorOf(index), start, free);
    this.timed(index, instruction, dispatched, start, end);
  }

  private accountOf(unit: number): UnitAccount {
    if (unit === MATRIX) return this.matrix.account;
    if (unit === VECTOR) return this.vector;
    return this.channels[unit - FIRST_CHANNEL]?.account ?? this.sequencer;
  }

  private operatorOf(index: number): string {
    const operator = this.program.operators[index]!;
    return operator.startsWith("layer ") ? `layer ${this.registers.layer} ${operator.slice(6)}` : operator;
  }

  private timed(
    index: number,
    instruction: Instruction,
    dispatched: number,
    start: number,
    end: number,
  ): void {
    if (this.watch.timed === undefined) return;
    this.watch.timed({
      index,
      instruction,
      operator: this.operatorOf(index),
      layer: this.registers.layer,
      dispatched,
      start,
      end,
    });
  }

  /**
   * Loads for the matrix unit: the channel moves their words when there is room for them.
   * @param token cycle from which all awaited tokens are there
   */
  private stream(
    index: number,
    instruction: Instruction,
    channel: MemoryChannel,
    queue: UnitQueue,
    dispatched: number,
    token: number,
  ): void {
    const { registers } = this;
    if (instruction.operation === "LD.WEIGHTS")
      this.weightsAddress = UNIT * (instruction.w + registers.layer * instruction.y);
    else this.effects?.load(instruction, registers);
    countMoved(instruction, registers, channel.memory, this.bytes);
    const left = queue.leaveLater();
    channel.stream({
      words: loadedWords(instruction, registers, channel.memory),
      setupCycles: setupCycles(instruction, registers),
      begin: (free) => {
        const read = this.turns.read(instruction.unit, Math.max(dispatched + 1, free));
        left(read);
        return Math.max(read, token) + 1;
      },
      ended: this.streamed(index, instruction, channel, dispatched),
    });
  }

  /** What to tell whoever watches when a stream has been moved; the layer may be another one by then. */
  private streamed(
    index: number,
    instruction: Instruction,
    { account }: MemoryChannel,
    dispatched: number,
  ): ((start: number, end: number) => void) | null {
    if (account.spans === null && this.watch.timed === undefined) return null;
    const operator = this.operatorOf(index);
    const { layer } = this.registers;
    return (start, end) => {
      account.draw(operator, start, end);
      this.watch.timed?.({ index, instruction, operator, layer, dispatched, start, end });
    };
  }

  private execute(index: number, instruction: Instruction, earliest: number): UnitTime {
    switch (instruction.unit) {
      case MATRIX: {
        const { issued, done } = this.multiply(index, instruction, earliest);
        return { start: earliest, free: issued, end: done };
      }
      case VECTOR: {
        const end = earliest + this.runVector(index, instruction);
        return { start: earliest, free: end, end };
      }
      default: {
        return this.access(index, instruction, earliest);
      }
    }
  }

  private multiply(index: number, instruction: Instruction, start: number): PassTime {
    const channelIndex = (instruction.d & ~INT4) - FIRST_CHANNEL;
    const channel = this.channels[channelIndex]!;
    const bits = (instruction.d & INT4) !== 0 ? 4 : 8;
    const { effects, registers } = this;
    switch (instruction.operation) {
      case "MV.KEYS":
      case "MM.KEYS": {
        const { keyTileBlocks, keyTileBytes } = this.program.layout.keyValues;
        this.passWritten(index, effects?.multiplyKeys(instruction, registers, keyTileBlocks, keyTileBytes));
        return this.matrix.run(this.passes.keys(index, instruction, bits), channel, start);
      }
      case "MV.VALUES":
      case "MM.VALUES": {
        const tileBlocks = tileBlocksFor(instruction.w, this.machine);
        this.passWritten(index, effects?.multiplyValues(instruction, registers, tileBlocks));
        return this.matrix.run(this.passes.values(index, instruction, bits), channel, start);
      }
      default: {
        const address = this.weightsAddress;
        const matrix = effects?.matrixAt(channelIndex, address, instruction.w, instruction.x);
        const plan = matrix?.plan ?? this.plans.get(address);
        if (plan === undefined) throw new RangeError(`no matrix begins at ${address}`);
        if (matrix !== undefined) this.passWritten(index, effects?.multiplyWeights(instruction, matrix));
        const bytes = countMatrix(plan, channel.memory, this.bytes);
        this.weightsAddress += bytes;
        return this.matrix.run(this.passes.weights(plan, instruction), channel, start, bytes);
      }
    }
  }

  private runVector(index: number, instruction: Instruction): number {
    const cycles = instructionCycles(instruction, this.registers, this.input!, this.machine);
    this.vector.busy += cycles;
    if (instruction.operation === "MISC.SAMPLE") {
      const logits = this.effects?.logits(instruction);
      if (logits !== undefined) this.next = this.input!.sampler!(logits);
    } else if (instruction.operation !== "MISC.EXCHANGE")
      this.written(index, this.effects?.vector(instruction, this.registers));
    return cycles;
  }

  /** Loads into the vector unit's memories, and stores. */
  private access(index: number, instruction: Instruction, earliest: number): UnitTime {
    const channel = this.channels[instruction.unit - FIRST_CHANNEL]!;
    const { memory } = channel;
    const { registers } = this;
    const start = earliest;
    const setup = setupCycles(instruction, registers);
    countMoved(instruction, registers, memory, this.bytes);
    if (instruction.operation.startsWith("ST.")) {
      this.effects?.store(instruction, registers);
      const { accesses, cyclesEach, pieceBytes } = storesOf(instruction, registers, memory);
      const transfers = registers.vectors * accesses;
      return channel.access({
        start,
        setupCycles: setup,
        transfers,
        cyclesEach,
        tailCycles: 1,
        write: true,
        pieceBytes,
      });
    }
    this.written(index, this.effects?.load(instruction, registers));
    const { cyclesEach, tailCycles } = loadTime(instruction, memory, this.machine);
    return channel.access({
      start,
      setupCycles: setup,
      transfers: loadedWords(instruction, registers, memory),
      cyclesEach,
      tailCycles,
      write: false,
      pieceBytes: memory.wordBytes,
    });
  }

  private written(index: number, written: Written | null | undefined): void {
    if (written !== null && written !== undefined)
      this.watch.written?.(this.operatorOf(index), written, index);
  }

  /** A pass for several heads ("head 2+3 scores") writes a vector for each of them ("head 2 scores", ...). */
  private passWritten(index: number, vectors: readonly Written[] | undefined): void {
    if (vectors === undefined || this.watch.written === undefined) return;
    const operator = this.operatorOf(index);
    const heads = /head ([\d+]+)/.exec(operator)?.[1]?.split("+");
    for (const [i, written] of vectors.entries()) {
      this.watch.written(
        heads === undefined ? operator : operator.replace(/head [\d+]+/, `head ${heads[i]}`),
        written,
        index,
      );
    }
  }
}
