import type { AddressMap } from "./address-map.ts";
import { BankQueue, WANTS_CLOSE, WANTS_NOTHING, WANTS_OPEN, WANTS_READ, WANTS_WRITE } from "./bank-queue.ts";
import { BankTimes, CLOSED } from "./bank-times.ts";
import { banksPerRank, type DramConfig } from "./config.ts";
import { type Loss, LossAccount } from "./losses.ts";
import { RequestPool } from "./request-pool.ts";
import { RequestQueues } from "./request-queues.ts";

export type CommandKind = "activate" | "precharge" | "read" | "write" | "refresh";

/** A command on a channel's bus. `bank` is its number in the channel; of a refresh, the first of the rank. */
export interface DramCommand {
  readonly kind: CommandKind;
  readonly clock: number;
  readonly bank: number;
  readonly row: number;
}

/** Later than any run. */
export const NEVER = 2 ** 30;

/**
 * The controller of one channel, with open rows. Banks take turns; of the one whose turn it is, the oldest request to
 * the open row goes first, then the oldest (first ready, first come). A rank that is due for refresh is closed and refreshed
 * at once. `tick` need only be called in clocks that `nextEvent` names: in others nothing happens.
 */
export class DramChannel {
  readonly losses: LossAccount;
  /** Commands sent, by kind. */
  readonly sent: Record<CommandKind, number> = { activate: 0, precharge: 0, read: 0, write: 0, refresh: 0 };
  /** First clock in which something may happen. */
  nextEvent = 0;
  private readonly times: BankTimes;
  private readonly pool: RequestPool;
  private readonly banks: readonly BankQueue[];
  /** What each bank could do next: a set of wants. */
  private readonly wants: Uint8Array;
  private readonly queues: RequestQueues;
  private readonly map: AddressMap;
  private readonly dualCommand: boolean;
  private readonly ranks: number;
  private readonly banksPerRank: number;
  private waiting = 0;
  private turn = 0;
  /** First clock in which a command may go, by what is known. */
  private commandFrom = NEVER;
  private readonly refreshEvery: number;
  private nextRefresh: number;
  private nextRefreshRank = 0;
  /** Ranks that are due, the first of which is being closed. */
  private readonly refreshDue: number[] = [];
  private readonly refreshed: Int32Array;
  /** Of each bank: why its row was not opened sooner. */
  private readonly rowLoss: Loss[];
  private readonly onData: (readers: number, arrivals: number, clock: number) => void;
  private readonly trace: ((command: DramCommand) => void) | null;

  /**
   * @param onData told of each read command: how many reads it answers, the sum of their clocks of arrival, and when the data is there
   * @param trace told of every command
   */
  constructor(
    config: DramConfig,
    map: AddressMap,
    onData: (readers: number, arrivals: number, clock: number) => void,
    trace: ((command: DramCommand) => void) | null = null,
  ) {
    const { controller, timing } = config;
    this.map = map;
    this.dualCommand = config.dualCommand;
    this.ranks = config.ranks;
    this.banksPerRank = banksPerRank(config);
    const count = config.ranks * this.banksPerRank;
    this.times = new BankTimes(config);
    this.pool = new RequestPool(2 * controller.requestQueue + count * controller.bankQueue);
    this.banks = Array.from({ length: count }, () => new BankQueue(this.pool, controller.bankQueue));
    this.wants = new Uint8Array(count);
    this.queues = new RequestQueues(controller, this.pool, this.banks);
    this.losses = new LossAccount(config.burstClocks);
    this.refreshEvery = Math.floor(timing.refi / config.ranks);
    this.nextRefresh = this.refreshEvery;
    this.refreshed = new Int32Array(config.ranks).fill(-1);
    this.rowLoss = new Array<Loss>(count).fill("row cycle");
    this.onData = onData;
    this.trace = trace;
  }

  accepts(write: boolean): boolean {
    return this.queues.accepts(write);
  }

  /**
   * Takes a request for the place `block`; there must be room.
   * @returns whether it is done in the next clock: a write that is buffered, or a read of what a buffered write holds
   */
  add(block: number, write: boolean, clock: number): boolean {
    const { pool, queues } = this;
    const bank = this.map.bank(block);
    if (queues.find(bank, block, 1) >= 0) return true;
    if (!write) {
      const same = queues.find(bank, block, 0);
      if (same >= 0) {
        pool.readers[same]!++;
        pool.arrivals[same]! += clock;
        return false;
      }
    }
    queues.add(pool.take(block, bank, this.map.row(block), write, clock));
    this.nextEvent = Math.min(this.nextEvent, clock);
    return write;
  }

  tick(clock: number): void {
    if (clock === this.nextRefresh) {
      this.refreshDue.push(this.nextRefreshRank);
      this.nextRefreshRank = (this.nextRefreshRank + 1) % this.ranks;
      this.nextRefresh += this.refreshEvery;
      this.commandFrom = 0;
    }
    let sent: "row" | "column" | null = this.refreshStep(clock) ? "row" : null;
    if (sent === null && this.commandFrom <= clock) sent = this.sendNext(clock, "either");
    if (sent !== null) {
      if (this.dualCommand) this.sendNext(clock, sent === "row" ? "column" : "row");
      this.commandFrom = 0;
    }
    const moved = this.moveRequest(clock);
    if (this.commandFrom <= clock) this.commandFrom = this.earliestCommand();
    this.nextEvent = moved
      ? clock + 1
      : Math.max(clock + 1, Math.min(this.commandFrom, this.nextRefresh, this.refreshStepFrom()));
  }

  /** One request goes on to its bank's queue. */
  private moveRequest(clock: number): boolean {
    const slot = this.queues.next(this.waiting === 0);
    if (slot < 0) return false;
    const bank = this.pool.bank[slot]!;
    this.pool.readyAt[slot] = clock + 1;
    this.banks[bank]!.add(slot);
    this.waiting++;
    this.look(bank);
    if (!this.refreshes(bank)) this.commandFrom = Math.min(this.commandFrom, this.earliest(bank));
    return true;
  }

  private look(bank: number): void {
    const { openRow, columnsSinceOpen } = this.times;
    this.wants[bank] = this.banks[bank]!.look(openRow[bank]!, columnsSinceOpen[bank]!);
  }

  /** Whether a bank waits for its rank's refresh. */
  private refreshes(bank: number): boolean {
    return this.refreshDue.length > 0 && this.times.rankOf(bank) === this.refreshDue[0];
  }

  /** First clock in which a bank can take a command for what waits; NEVER if nothing does. */
  private earliest(bank: number): number {
    const { times } = this;
    const wants = this.wants[bank]!;
    if (wants === WANTS_OPEN) return times.earliestActivate(bank);
    let from = NEVER;
    if (wants & WANTS_CLOSE) from = times.earliestPrecharge(bank);
    if (wants & WANTS_READ) from = Math.min(from, times.earliestRead(bank));
    if (wants & WANTS_WRITE) from = Math.min(from, times.earliestWrite(bank));
    return from;
  }

  private earliestCommand(): number {
    let from = NEVER;
    for (let bank = 0; bank < this.banks.length; bank++) {
      if (this.wants[bank] !== WANTS_NOTHING && !this.refreshes(bank))
        from = Math.min(from, this.earliest(bank));
    }
    return from;
  }

  /**
   * Sends the command of the next bank in turn that can take one. A second command of a clock that is not of the kind
   * that can still go is not sent, but its bank's turn is over.
   */
  private sendNext(clock: number, may: "row" | "column" | "either"): "row" | "column" | null {
    const count = this.banks.length;
    for (let bank = this.turn + 1, left = count; left > 0; bank++, left--) {
      if (bank === count) bank = 0;
      if (this.wants[bank] === WANTS_NOTHING || this.refreshes(bank) || this.earliest(bank) > clock) continue;
      this.turn = bank;
      return this.sendTo(bank, clock, may);
    }
    return null;
  }

  private sendTo(bank: number, clock: number, may: "row" | "column" | "either"): "row" | "column" | null {
    const { times } = this;
    const wants = this.wants[bank]!;
    if (wants === WANTS_OPEN) {
      if (may === "column") return null;
      this.activate(bank, clock);
      return "row";
    }
    if (wants & WANTS_CLOSE && times.earliestPrecharge(bank) <= clock) {
      if (may === "column") return null;
      this.precharge(bank, clock);
      return "row";
    }
    if (may === "row") return null;
    const { readHit, writeHit } = this.banks[bank]!;
    const readReady = readHit >= 0 && times.earliestRead(bank) <= clock;
    const writeReady = writeHit >= 0 && times.earliestWrite(bank) <= clock;
    const readFirst = readReady && (!writeReady || readHit < writeHit);
    this.column(bank, readFirst ? readHit : writeHit, clock);
    return "column";
  }

  private activate(bank: number, clock: number): void {
    const { times } = this;
    const row = this.pool.row[this.banks[bank]!.at(0)]!;
    this.rowLoss[bank] = times.activateRateFrom(bank) === clock ? "activate rate" : "row cycle";
    times.activate(bank, row, clock);
    this.look(bank);
    this.note("activate", bank, row, clock);
  }

  private precharge(bank: number, clock: number): void {
    const row = this.times.openRow[bank]!;
    this.times.precharge(bank, clock);
    this.look(bank);
    this.note("precharge", bank, row, clock);
  }

  private column(bank: number, place: number, clock: number): void {
    const { pool, times } = this;
    const slot = this.banks[bank]!.take(place);
    const write = pool.write[slot] === 1;
    this.losses.add({
      clock,
      write,
      rank: times.rankOf(bank),
      requestFrom: pool.readyAt[slot]!,
      rowFrom: (write ? times.writeFrom : times.readFrom)[bank]!,
      columnFrom: (write ? times.groupWriteFrom : times.groupReadFrom)[times.groupOf(bank)]!,
      rowLoss: this.rowLoss[bank]!,
      refreshed: this.refreshed[times.rankOf(bank)]!,
    });
    if (write) times.write(bank, clock);
    else {
      times.read(bank, clock);
      this.onData(pool.readers[slot]!, pool.arrivals[slot]!, clock + times.delays.readToData);
    }
    this.note(write ? "write" : "read", bank, pool.row[slot]!, clock);
    pool.release(slot);
    this.waiting--;
    this.queues.bankHasRoom();
    this.look(bank);
  }

  /** Closes a bank of the rank that is due, or refreshes the rank; says whether a command was sent. */
  private refreshStep(clock: number): boolean {
    if (this.refreshStepFrom() > clock) return false;
    const rank = this.refreshDue[0]!;
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) {
      if (this.times.openRow[bank] === CLOSED || this.times.earliestPrecharge(bank) > clock) continue;
      this.precharge(bank, clock);
      return true;
    }
    this.times.refresh(rank, clock);
    this.refreshDue.shift();
    this.refreshed[rank] = clock;
    this.note("refresh", first, CLOSED, clock);
    return true;
  }

  /** First clock in which the rank that is due can have a bank closed, or else be refreshed. */
  private refreshStepFrom(): number {
    if (this.refreshDue.length === 0) return NEVER;
    const first = this.refreshDue[0]! * this.banksPerRank;
    let close = NEVER;
    let refresh = 0;
    for (let bank = first; bank < first + this.banksPerRank; bank++) {
      if (this.times.openRow[bank] !== CLOSED) close = Math.min(close, this.times.earliestPrecharge(bank));
      refresh = Math.max(refresh, this.times.refreshFrom[bank]!);
    }
    return close === NEVER ? refresh : close;
  }

  private note(kind: CommandKind, bank: number, row: number, clock: number): void {
    this.sent[kind]++;
    this.trace?.({ kind, bank, row, clock });
  }
}
