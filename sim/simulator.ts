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
import { alignmentOf, type Machine } from "../src/compile/machine.ts";
import { decodeProgram, type Program } from "../src/compile/program.ts";
import type { StreamPlan } from "../src/compile/stream-plan.ts";
import { UnitAccount } from "./accounting.ts";
import { ByteCounts } from "./byte-counts.ts";
import type { Chip, Registers } from "./chip.ts";
import { Effects } from "./effects/effects.ts";
import { stretches } from "./effects/keys-and-values.ts";
import type { MemoryImage } from "./effects/memory-image.ts";
import type { Written } from "./effects/vector.ts";
import type { TokenInput, TokenResult, UnitResult, Watch } from "./token-result.ts";
import { Channel, type UnitTime } from "./units/channel.ts";
import { MatrixUnit, type PassTime } from "./units/matrix.ts";
import { keysPass, type Pass, valuesPass, weightsPass } from "./units/pass.ts";
import { LOOP_BYTES, ProgramTurns, UNIT_BYTES } from "./units/program-turns.ts";
import { loadTime, setupCycles, storeAccesses } from "./units/store-time.ts";
import { TokenQueues } from "./units/token-queues.ts";
import { UnitQueue } from "./units/unit-queue.ts";
import { vectorCycles } from "./units/vector-time.ts";

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
  private readonly channels: readonly Channel[];
  private readonly matrix: MatrixUnit;
  private readonly vector = new UnitAccount("vector");
  private readonly sequencer = new UnitAccount("sequencer");
  private readonly tokens = new TokenQueues();
  private readonly turns: ProgramTurns;
  private readonly plans: ReadonlyMap<number, StreamPlan>;
  private readonly passes = new Map<number, Pass>();
  private readonly tokenPasses = new Map<number, Pass>();
  /** State of the token under way. */
  private registers: Registers = { token: 0, position: 0, layer: 0 };
  private queues: UnitQueue[] = [];
  private fetched = 0;
  private watch: Watch = {};
  private input: TokenInput | null = null;
  private next: number | null = null;
  private bytes = new ByteCounts();
  private weightsAddress = 0;

  constructor(program: Program, images: readonly MemoryImage[] | null) {
    this.program = program;
    this.machine = program.machine;
    this.instructions = decodeProgram(program.bytes, program.machine).instructions;
    this.effects = images === null ? null : new Effects(program.machine, images);
    this.channels = program.machine.memories.map((memory) => new Channel(memory));
    this.matrix = new MatrixUnit(program.machine);
    this.turns = new ProgramTurns(program.machine);
    this.plans = new Map(program.layout.streams.map((stream) => [stream.address, stream.plan]));
  }

  /** What stands on the chip; null where time alone is simulated. */
  get chip(): Chip | null {
    return this.effects?.chip ?? null;
  }

  /** Takes one token in. */
  run(input: TokenInput, watch: Watch = {}): TokenResult {
    this.reset(input, watch);
    let executed = 0;
    let loopStart = 0;
    let layersLeft = 0;
    let cycles = 0;
    for (let pc = 0; ; ) {
      const instruction = this.instructions[pc]!;
      executed++;
      const bytes = instruction.operation === "SYS.LOOP" ? LOOP_BYTES : UNIT_BYTES;
      const fetched = this.turns.fetched(bytes, this.fetched);
      this.sequencer.busy += fetched - this.fetched;
      this.fetched = fetched;
      const index = pc++;
      if (instruction.unit !== SEQUENCER) {
        this.dispatch(index, instruction);
        continue;
      }
      if (instruction.operation === "SYS.END_UNLESS_SAMPLING" && input.sampler !== null) {
        this.act();
        continue;
      }
      this.barrier();
      this.act();
      if (instruction.operation === "SYS.LOOP") {
        loopStart = pc;
        layersLeft = instruction.w;
        this.registers.layer = instruction.x;
      } else if (instruction.operation === "SYS.NEXT") {
        this.registers.layer++;
        if (--layersLeft > 0) pc = loopStart;
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
    this.registers = { token: input.token, position: input.position, layer: 0 };
    this.fetched = 0;
    this.next = null;
    this.bytes = new ByteCounts();
    this.tokens.clear();
    this.tokenPasses.clear();
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

  private dispatch(index: number, instruction: Instruction): void {
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
      return;
    }
    if (channel !== undefined) queue.free = channel.drain();
    const read = this.turns.read(instruction.unit, Math.max(dispatched + 1, queue.free));
    queue.leave(read);
    const earliest = Math.max(read, token.cycle) + 1;
    if (channel === undefined) {
      const cause = token.cycle >= read ? this.accountOf(token.from).name : "program";
      this.accountOf(instruction.unit).wait(cause, earliest - queue.free, queue.free);
    }
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
    channel: Channel,
    queue: UnitQueue,
    dispatched: number,
    token: number,
  ): void {
    const weights = instruction.operation === "LD.WEIGHTS";
    const { registers } = this;
    const address = UNIT * (instruction.w + registers.layer * instruction.y);
    const bytes = UNIT * instruction.x * (weights ? 1 : stretches(instruction, registers));
    const words = Math.ceil(bytes / channel.memory.wordBytes);
    if (weights) this.weightsAddress = address;
    else {
      this.effects?.load(instruction, registers);
      this.bytes.keysAndValues += words * channel.memory.wordBytes;
    }
    const left = queue.leaveLater();
    channel.stream({
      words,
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
    { account }: Channel,
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
    const unit = instruction.d & ~INT4;
    const channelIndex = unit - FIRST_CHANNEL;
    const channel = this.channels[channelIndex]!;
    const { position } = this.registers;
    const bits = (instruction.d & INT4) !== 0 ? 4 : 8;
    const { keyTileBlocks, keyTileBytes } = this.program.layout.keyValues;
    switch (instruction.operation) {
      case "MV.KEYS":
      case "MM.KEYS": {
        this.passWritten(
          index,
          this.effects?.multiplyKeys(instruction, this.registers, keyTileBlocks, keyTileBytes),
        );
        const pass = this.passOfToken(index, () =>
          keysPass(position + 1, instruction.x, keyTileBlocks, bits, instruction.a),
        );
        return this.matrix.run(pass, channel, start);
      }
      case "MV.VALUES":
      case "MM.VALUES": {
        const tileBlocks = tileBlocksFor(instruction.w, this.machine);
        this.passWritten(index, this.effects?.multiplyValues(instruction, this.registers, tileBlocks));
        const pass = this.passOfToken(index, () =>
          valuesPass(instruction.w, position + 1, tileBlocks, bits, instruction.a),
        );
        return this.matrix.run(pass, channel, start);
      }
      default: {
        const { w: rows, x: cols, a: tokens } = instruction;
        const address = this.weightsAddress;
        const matrix = this.effects?.matrixAt(channelIndex, address, rows, cols);
        const plan = matrix?.plan ?? this.plans.get(address);
        if (plan === undefined) throw new RangeError(`no matrix begins at ${address}`);
        if (matrix !== undefined) this.passWritten(index, this.effects?.multiplyWeights(instruction, matrix));
        const alignment = alignmentOf(channel.memory);
        const bytes = Math.ceil(plan.bytes.total / alignment) * alignment;
        this.weightsAddress += bytes;
        this.bytes.weights += plan.bytes.codes;
        this.bytes.metadata += bytes - plan.bytes.codes;
        return this.matrix.run(this.passAt(address, plan, rows, tokens), channel, start);
      }
    }
  }

  /** Passes over keys and values are the same in every layer of a token. */
  private passOfToken(index: number, make: () => Pass): Pass {
    const pass = this.tokenPasses.get(index) ?? make();
    this.tokenPasses.set(index, pass);
    return pass;
  }

  /** Passes over weights are the same in every token. */
  private passAt(address: number, plan: StreamPlan, rows: number, tokens: number): Pass {
    const known = this.passes.get(address);
    if (known !== undefined) return known;
    const pass = weightsPass(plan, tileBlocksFor(rows, this.machine), tokens);
    this.passes.set(address, pass);
    return pass;
  }

  private runVector(index: number, instruction: Instruction): number {
    const { operation } = instruction;
    const cycles = vectorCycles(
      {
        operation,
        elements: operation === "MISC.SOFTMAX" ? this.registers.position + 1 : instruction.w,
        segments: operation === "MISC.QUANTIZE" ? instruction.a : 1,
        drawing: this.input!.drawing === true,
      },
      this.machine,
    );
    this.vector.busy += cycles;
    if (instruction.operation === "MISC.SAMPLE") {
      const logits = this.effects?.logits(instruction);
      if (logits !== undefined) this.next = this.input!.sampler!(logits);
    } else this.written(index, this.effects?.vector(instruction, this.registers));
    return cycles;
  }

  /** Loads into the vector unit's memories, and stores. */
  private access(index: number, instruction: Instruction, earliest: number): UnitTime {
    const channel = this.channels[instruction.unit - FIRST_CHANNEL]!;
    const { memory } = channel;
    const { registers } = this;
    const setup = setupCycles(instruction, registers);
    if (instruction.operation.startsWith("ST.")) {
      this.effects?.store(instruction, registers);
      const { accesses, cyclesEach, bytes } = storeAccesses(instruction, memory);
      this.bytes.keysAndValues += bytes;
      return channel.access({
        start: earliest,
        setupCycles: setup,
        transfers: accesses,
        cyclesEach,
        tailCycles: 1,
      });
    }
    this.written(index, this.effects?.load(instruction, registers));
    const bytes = instruction.x * (instruction.operation === "LD.EXPONENTS" ? registers.position + 1 : 1);
    const words = Math.ceil(bytes / memory.wordBytes);
    if (instruction.operation === "LD.EXPONENTS") this.bytes.keysAndValues += words * memory.wordBytes;
    else this.bytes.tables += words * memory.wordBytes;
    return channel.access({
      start: earliest,
      setupCycles: setup,
      transfers: words,
      ...loadTime(instruction, memory, this.machine),
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
